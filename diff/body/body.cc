// From octets to the comparison that fits them, see the header.
#include "diff/body/body.h"

#include "diff/body/content.h"
#include "diff/body/digest.h"
#include "diff/body/multipart.h"
#include "diff/body/text.h"
#include "diff/fields.h"
#include "diff/media_type.h"
#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

bool compare_digested(const Response& primary, const Response& other, bool same_coding, std::vector<Finding>& findings);

std::string boundary_of(const Response& response) {
  std::string buffer;
  const auto type = joined_value(response.fields, "content-type", buffer);
  return type ? multipart_boundary(*type) : std::string();
}

// Of JSON that is beyond the limits of the comparison by structure.
bool equal_but_for_layout(const std::string& primary, const std::string& other) {
  const auto digest_of = [](const std::string& content) {
    Digester digester(0, Digester::Kind::json);
    digester.update(content);
    return digester.finish(false);
  };
  return !compare_digests(digest_of(primary), digest_of(other)).differs;
}

Finding parse_failure(std::string_view primary, std::string_view other) {
  return finding_at(whole_body_path, DifferenceClass::parse_failed, primary, other);
}

}  // namespace

bool BodyComparison::compare(const Response& primary, const Response& other, const Occasion& occasion,
                             std::vector<Finding>& findings) {
  const std::string coding = content_coding(primary);
  const std::string other_coding = content_coding(other);
  const bool same_coding = coding == other_coding;
  if (primary.digest || other.digest) return compare_digested(primary, other, same_coding, findings);
  // What is not coded is compared below.
  if (same_coding && !is_identity(coding) && primary.body == other.body) return true;

  const Content content = content_of(primary, coding, primary_decoded_);
  const Content other_content = content_of(other, other_coding, other_decoded_);
  const bool decoded = content.decoding == Decoding::decoded;
  const bool other_decoded = other_content.decoding == Decoding::decoded;
  bool equal = false;
  if (decoded && other_decoded) {
    const std::string boundary = boundary_of(primary);
    const std::string other_boundary = boundary.empty() ? std::string() : boundary_of(other);
    if (other_boundary.empty()) {
      equal = compare_decoded(primary, *content.octets, *other_content.octets, occasion, findings);
    } else {
      equal = compare_decoded(primary, without_boundaries(*content.octets, boundary),
                              without_boundaries(*other_content.octets, other_boundary), occasion, findings);
    }
  } else if (content.decoding == Decoding::malformed && other_decoded) {
    findings.push_back(parse_failure("not decodable as " + coding, "decodable"));
  } else if (decoded && other_content.decoding == Decoding::malformed) {
    findings.push_back(parse_failure("decodable", "not decodable as " + other_coding));
  } else if (same_coding) {
    compare_as_binary(primary.body, other.body, findings);
  }
  // Otherwise the codings differ and a content cannot be decoded here: the changed Content-Encoding, a finding of its
  // own, is all that is known.
  release_if_large(primary_decoded_);
  release_if_large(other_decoded_);
  return equal;
}

bool BodyComparison::compare_decoded(const Response& primary, const std::string& primary_content,
                                     const std::string& other_content, const Occasion& occasion,
                                     std::vector<Finding>& findings) {
  const std::size_t same = common_prefix(primary_content, other_content);
  if (same == primary_content.size() && same == other_content.size()) return true;
  if (announces_json(primary, primary_content)) {
    switch (json_.compare(primary_content, other_content, same, occasion, findings)) {
      case JsonComparison::Outcome::compared:
        return false;
      case JsonComparison::Outcome::primary_not_json:
        findings.push_back(parse_failure("not JSON: " + primary_content, "JSON"));
        return false;
      case JsonComparison::Outcome::other_not_json:
        findings.push_back(parse_failure("JSON", "not JSON: " + other_content));
        return false;
      case JsonComparison::Outcome::beyond_limits:
        if (equal_but_for_layout(primary_content, other_content)) return false;
        compare_as_binary(primary_content, other_content, findings);
        return false;
      case JsonComparison::Outcome::neither_json:
        break;
    }
  }
  if (is_text(primary_content) && is_text(other_content)) {
    compare_as_text(primary_content, other_content, findings);
  } else {
    compare_as_binary(primary_content, other_content, findings);
  }
  return false;
}

namespace {

// At least one body was too large to keep. Digests are of coded octets: of different codings they say nothing, and the
// changed Content-Encoding is then all that is known.
bool compare_digested(const Response& primary, const Response& other, bool same_coding,
                      std::vector<Finding>& findings) {
  const auto digest_of = [](const Response& response) {
    if (response.digest) return *response.digest;
    Digester digester(response.body.size() / BodyDigest::block_size + 1, digested_kind(response));
    digester.update(response.body);
    return digester.finish(false);
  };
  const BodyDigest primary_digest = digest_of(primary);
  const BodyDigest other_digest = digest_of(other);
  if (!same_coding && !primary_digest.cut_off && !other_digest.cut_off) return false;
  const DigestDifference difference = compare_digests(primary_digest, other_digest);
  if (difference.differs) {
    findings.push_back(
        finding_at(whole_body_path, DifferenceClass::body_changed, difference.primary_value, difference.other_value));
  }
  return difference.known_equal;
}

}  // namespace
}  // namespace understudy::diff
