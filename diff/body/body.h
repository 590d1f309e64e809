// The contents of two responses: content codings removed, then by structure, as text or as octets. Caller:
// diff/compare.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "diff/body/json_compare.h"
#include "diff/finding.h"
#include "diff/occasion.h"
#include "diff/response.h"
#include "diff/settings.h"

namespace understudy::diff {

class BodyComparison {
 public:
  explicit BodyComparison(const Settings& settings) : json_(settings) {}

  // Appends what differs. Returns whether the contents are known to be equal octet by octet once decoded.
  bool compare(const Response& primary, const Response& other, const Occasion& occasion,
               std::vector<Finding>& findings);

 private:
  bool compare_decoded(const Response& primary, const std::string& primary_content, const std::string& other_content,
                       const Occasion& occasion, std::vector<Finding>& findings);

  JsonComparison json_;
  std::string primary_decoded_;
  std::string other_decoded_;
};

}  // namespace understudy::diff
