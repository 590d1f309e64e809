// Compressed octets to exemplars. The only file of store/ that parses JSON.
#include <simdjson.h>
#include <zstd.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/control/reasons.h"
#include "proxy/store/base64.h"
#include "proxy/store/exemplar.h"
#include "proxy/store/schema.h"

namespace understudy::store {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;

// encode() stays far below it: four bodies of the limit, each octet six times as long in JSON at worst, fields and
// findings.
constexpr std::size_t decompressed_limit = 64u << 20;

std::optional<std::string> decompress(std::string_view blob) {
  const unsigned long long size = ZSTD_getFrameContentSize(blob.data(), blob.size());
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > decompressed_limit)
    return std::nullopt;
  std::string json(static_cast<std::size_t>(size), '\0');
  const std::size_t written = ZSTD_decompress(json.data(), json.size(), blob.data(), blob.size());
  if (ZSTD_isError(written) || written != json.size()) return std::nullopt;
  return json;
}

// What is missing or of another type reads as empty: the caller shows what there is.
std::string text_at(element object, std::string_view key) {
  std::string_view text;
  return object[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

template <class Number>
Number number_at(element object, std::string_view key, Number otherwise) {
  Number number{};
  return object[key].get(number) == simdjson::SUCCESS ? number : otherwise;
}

bool truth_at(element object, std::string_view key) {
  return number_at<bool>(object, key, false);
}

std::vector<diff::Field> fields_at(element object, std::string_view key) {
  std::vector<diff::Field> fields;
  array items;
  if (object[key].get(items) != simdjson::SUCCESS) return fields;
  for (const element item : items) fields.push_back({text_at(item, "name"), text_at(item, "value")});
  return fields;
}

ExemplarBody body_at(element object) {
  ExemplarBody body;
  element source;
  if (object["body"].get(source) != simdjson::SUCCESS) return body;
  body.length = number_at<std::uint64_t>(source, "length", 0);
  body.cut = truth_at(source, "cut");
  body.decoded = truth_at(source, "decoded");
  body.octets = text_at(source, "text");
  if (const std::string coded = text_at(source, "base64"); !coded.empty())
    body.octets = from_base64(coded).value_or(std::string());
  return body;
}

ExemplarResponse response_of(element source) {
  ExemplarResponse response;
  response.failure = text_at(source, "failure");
  response.status = static_cast<int>(number_at<std::uint64_t>(source, "status", 0) % 1000);
  response.fields = fields_at(source, "fields");
  response.trailers = fields_at(source, "trailers");
  response.body = body_at(source);
  element timings;
  if (source["timings"].get(timings) == simdjson::SUCCESS) {
    response.first_byte_s = number_at<double>(timings, "first_byte_s", -1);
    response.duration_s = number_at<double>(timings, "duration_s", -1);
  }
  return response;
}

void add_findings(Exemplar& exemplar, element document) {
  array items;
  if (document["differences"].get(items) != simdjson::SUCCESS) return;
  for (const element item : items) {
    const auto difference_class = diff::class_named(text_at(item, "class"));
    if (!difference_class) continue;
    diff::Finding finding;
    finding.path = text_at(item, "path");
    finding.difference_class = *difference_class;
    finding.primary_pointer = text_at(item, "primary_pointer");
    finding.other_pointer = text_at(item, "pointer");
    finding.primary_value = text_at(item, "primary_value");
    finding.other_value = text_at(item, "value");
    const bool of_candidate = text_at(item, "role") == control::role_names[1];
    (of_candidate ? exemplar.candidate_findings : exemplar.secondary_findings).push_back(std::move(finding));
  }
}

}  // namespace

std::optional<Exemplar> decode(std::string_view blob) {
  const std::optional<std::string> json = decompress(blob);
  if (!json) return std::nullopt;
  simdjson::dom::parser parser;
  element document;
  if (parser.parse(*json).get(document) != simdjson::SUCCESS || !document.is_object()) return std::nullopt;

  Exemplar exemplar;
  exemplar.id = parse_exemplar_id(text_at(document, "id")).value_or(0);
  exemplar.time_us = number_at<std::int64_t>(document, "time_us", 0);
  exemplar.endpoint = text_at(document, "endpoint");
  element request;
  if (exemplar.id == 0 || document["request"].get(request) != simdjson::SUCCESS) return std::nullopt;
  exemplar.request.method = text_at(request, "method");
  exemplar.request.scheme = text_at(request, "scheme");
  exemplar.request.authority = text_at(request, "authority");
  exemplar.request.target = text_at(request, "target");
  exemplar.request.fields = fields_at(request, "fields");
  exemplar.request.body = body_at(request);
  for (std::size_t role = 0; role < control::role_names.size(); ++role) {
    element response;
    if (document["responses"][control::role_names[role]].get(response) == simdjson::SUCCESS) {
      exemplar.responses[role] = response_of(response);
    }
  }
  add_findings(exemplar, document);
  return exemplar;
}

}  // namespace understudy::store
