// From octets to the comparison that fits them, see the header.
#include "diff/body/body.h"

#include <cstdint>
#include <optional>

#include "diff/body/decode.h"
#include "diff/body/digest.h"
#include "diff/body/text.h"
#include "diff/fields.h"
#include "diff/media_type.h"
#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

bool compare_digested(const Response& primary, const Response& other, bool same_coding, std::vector<Finding>& findings);
bool compare_coded(const Response& primary, const Response& other, bool same_coding, std::vector<Finding>& findings);
std::string content_coding(const Response& response);
bool announces_json(const Response& primary, std::string_view body);
Finding body_finding(DifferenceClass difference_class, std::string_view primary, std::string_view other);
void release_if_large(std::string& buffer);

}  // namespace

bool BodyComparison::compare(const Response& primary, const Response& other, std::vector<Finding>& findings) {
  const std::string coding = content_coding(primary);
  const std::string other_coding = content_coding(other);
  const bool same_coding = coding == other_coding;
  if (primary.digest || other.digest) return compare_digested(primary, other, same_coding, findings);
  if (same_coding && primary.body == other.body) return true;

  const bool plain = is_identity(coding);
  const bool other_plain = is_identity(other_coding);
  const Decoding decoding = plain ? Decoding::decoded : decode(coding, primary.body, primary_decoded_);
  const Decoding other_decoding = other_plain ? Decoding::decoded : decode(other_coding, other.body, other_decoded_);
  bool equal = false;
  if (decoding == Decoding::decoded && other_decoding == Decoding::decoded) {
    equal = compare_decoded(primary, plain ? primary.body : primary_decoded_, other_plain ? other.body : other_decoded_, findings);
  } else if (decoding == Decoding::malformed && other_decoding == Decoding::decoded) {
    findings.push_back(body_finding(DifferenceClass::parse_failed, "not decodable as " + coding, "decodable"));
  } else if (decoding == Decoding::decoded && other_decoding == Decoding::malformed) {
    findings.push_back(body_finding(DifferenceClass::parse_failed, "decodable", "not decodable as " + other_coding));
  } else {
    equal = compare_coded(primary, other, same_coding, findings);
  }
  release_if_large(primary_decoded_);
  release_if_large(other_decoded_);
  return equal;
}

bool BodyComparison::compare_decoded(const Response& primary, const std::string& primary_body, const std::string& other_body,
                                     std::vector<Finding>& findings) {
  if (primary_body == other_body) return true;
  if (announces_json(primary, primary_body)) {
    switch (json_.compare(primary_body, other_body, findings)) {
      case JsonComparison::Outcome::compared: return false;
      case JsonComparison::Outcome::primary_not_json:
        findings.push_back(body_finding(DifferenceClass::parse_failed, "not JSON: " + rendered(primary_body), "JSON"));
        return false;
      case JsonComparison::Outcome::other_not_json:
        findings.push_back(body_finding(DifferenceClass::parse_failed, "JSON", "not JSON: " + rendered(other_body)));
        return false;
      case JsonComparison::Outcome::beyond_limits: compare_as_binary(primary_body, other_body, findings); return false;
      case JsonComparison::Outcome::neither_json: break;
    }
  }
  if (is_text(primary_body) && is_text(other_body)) {
    compare_as_text(primary_body, other_body, findings);
  } else {
    compare_as_binary(primary_body, other_body, findings);
  }
  return false;
}

namespace {

// At least one body was too large to keep. Digests are of coded octets: of different codings they say nothing, and the changed
// Content-Encoding, a finding of its own, is then all that is known.
bool compare_digested(const Response& primary, const Response& other, bool same_coding, std::vector<Finding>& findings) {
  const auto digest_of = [](const Response& response) {
    if (response.digest) return *response.digest;
    Digester digester(response.body.size() / BodyDigest::block_size + 1);
    digester.update(response.body);
    return digester.finish(false);
  };
  const BodyDigest primary_digest = digest_of(primary);
  const BodyDigest other_digest = digest_of(other);
  if (!same_coding && !primary_digest.cut_off && !other_digest.cut_off) return false;
  const DigestDifference difference = compare_digests(primary_digest, other_digest);
  if (difference.differs) {
    findings.push_back(body_finding(DifferenceClass::body_changed, difference.primary_value, difference.other_value));
  }
  return !difference.differs;
}

// Neither can be decoded: the coded octets are what there is, unless the codings differ.
bool compare_coded(const Response& primary, const Response& other, bool same_coding, std::vector<Finding>& findings) {
  if (same_coding) compare_as_binary(primary.body, other.body, findings);
  return false;
}

std::string content_coding(const Response& response) {
  return ascii_lower(trimmed(joined_value(response.fields, "content-encoding").value_or("")));
}

bool announces_json(const Response& primary, std::string_view body) {
  if (const auto type = joined_value(primary.fields, "content-type")) return is_json_media_type(*type);
  const std::string_view content = trimmed(body);
  return content.starts_with('{') || content.starts_with('[');
}

Finding body_finding(DifferenceClass difference_class, std::string_view primary, std::string_view other) {
  Finding finding;
  finding.path = whole_body_path;
  finding.difference_class = difference_class;
  finding.primary_value = rendered(primary);
  finding.other_value = rendered(other);
  return finding;
}

// Buffers are kept from call to call; one rare large body is no reason to hold its memory for ever.
void release_if_large(std::string& buffer) {
  constexpr std::size_t large = 2 * 1024 * 1024;
  if (buffer.capacity() > large) std::string().swap(buffer);
}

}  // namespace
}  // namespace understudy::diff
