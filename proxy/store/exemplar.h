// An exemplar: one exchange that shows a difference, kept whole for people to look at. Values only. The shadow plane
// fills it, redacts it (proxy/policy/redaction.h) and gives it to the Writer; the admin plane gets it from the Reader.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diff/finding.h"
#include "diff/response.h"

namespace understudy::store {

// What is kept of an exchange; what lies beyond is cut, and said to be.
inline constexpr std::size_t exemplar_body_limit = 256 * 1024;
inline constexpr std::size_t exemplar_findings_limit = 1000;  // by role

// Content, transfer coding removed. Filled in as received; encode() removes the content coding of responses where it
// can, for people to read.
struct ExemplarBody {
  std::string octets;
  std::uint64_t length = 0;  // of the whole content as received
  bool cut = false;          // `octets` is not the whole content
  bool decoded = false;      // the content coding is removed
};

struct ExemplarRequest {
  std::string method;
  std::string scheme = "http";
  std::string authority;
  std::string target;  // origin-form
  std::vector<diff::Field> fields;
  ExemplarBody body;
};

struct ExemplarResponse {
  std::string failure;  // a name of control::fail_reason_names where the answer was not whole; else empty
  int status = 0;       // 0: not even a head came
  std::vector<diff::Field> fields;
  std::vector<diff::Field> trailers;
  ExemplarBody body;
  double first_byte_s = -1;  // from the first octet sent; negative = unknown
  double duration_s = -1;    // to the last octet received
};

struct Exemplar {
  std::uint64_t id = 0;  // the exchange id of diff::Observation; never 0
  std::int64_t time_us = 0;
  std::string endpoint;
  ExemplarRequest request;
  std::array<std::optional<ExemplarResponse>, 3> responses;  // by control::Role
  std::vector<diff::Finding> candidate_findings;             // against the primary
  std::vector<diff::Finding> secondary_findings;
};

// An id as it stands in URLs and JSON: decimal. Nothing for any other text.
std::optional<std::uint64_t> parse_exemplar_id(std::string_view text);

// RFC 3339, UTC, to the microsecond.
std::string utc_time(std::int64_t time_us);

// What the store keeps: JSON (encode_json, bodies cut to the limit), compressed with zstd.
std::string encode(const Exemplar& exemplar);
// Back. Nothing for octets that encode() cannot have made; never throws, bounded memory whatever the octets.
std::optional<Exemplar> decode(std::string_view blob);

// The JSON form, also that of GET /api/v1/exchanges/{id}. A body that is not valid UTF-8 is a "base64" instead of a
// "text".
std::string encode_json(const Exemplar& exemplar);

}  // namespace understudy::store
