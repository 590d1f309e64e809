// The order of the comparison: status, then header fields, trailers and content. See the header.
#include "diff/compare.h"

#include <iterator>
#include <string>
#include <utility>

#include "diff/body/body.h"
#include "diff/fields.h"

namespace understudy::diff {
namespace {

// RFC 9110 6.4.1: no content for HEAD, 1xx, 204 and 304.
bool has_content(const Response& response, bool head_only) {
  return !head_only && response.status >= 200 && response.status != 204 && response.status != 304;
}

}  // namespace

struct Comparer::State {
  Settings settings;
  BodyComparison bodies;
  explicit State(const Settings& given) : settings(given), bodies(given) {}
};

Comparer::Comparer(const Settings& settings) : state_(std::make_unique<State>(settings)) {}
Comparer::~Comparer() = default;

std::vector<Finding> Comparer::compare(const Response& primary, const Response& other, const Occasion& occasion) {
  std::vector<Finding> findings;
  if (primary.status / 100 != other.status / 100) {
    // A success and an error have nothing else in common: everything below would only repeat this one difference.
    findings.push_back(finding_at("status", DifferenceClass::status_class, std::to_string(primary.status),
                                  std::to_string(other.status)));
    return findings;
  }
  if (primary.status != other.status) {
    findings.push_back(finding_at("status", DifferenceClass::status_code, std::to_string(primary.status),
                                  std::to_string(other.status)));
  }

  // Content first: whether it is equal decides which header fields are compared.
  FieldContext context{.occasion = occasion};
  context.has_content = has_content(primary, occasion.head_only) || has_content(other, occasion.head_only);
  std::vector<Finding> body_findings;
  context.bodies_equal = context.has_content && state_->bodies.compare(primary, other, occasion, body_findings);
  if (state_->settings.headers) {
    compare_headers(primary, other, context, findings);
    compare_trailers(primary, other, findings);
  }
  if (findings.empty()) return body_findings;
  findings.insert(findings.end(), std::make_move_iterator(body_findings.begin()),
                  std::make_move_iterator(body_findings.end()));
  return findings;
}

}  // namespace understudy::diff
