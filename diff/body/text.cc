// Text and binary bodies, see the header.
#include "diff/body/text.h"

#define XXH_INLINE_ALL
#include <simdjson.h>
#include <xxhash.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "diff/body/string_form.h"
#include "diff/body/text_lines.h"
#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

// What can be said of any two bodies. Half as long again is another length.
void describe_change(std::string_view primary, std::string_view other, Finding& finding) {
  const std::size_t longer = std::max(primary.size(), other.size());
  const std::size_t shorter = std::min(primary.size(), other.size());
  if (longer * 2 >= shorter * 3) finding.aspects |= bit_of(DifferenceClass::length_changed);
  const std::uint64_t hash = XXH3_64bits(other.data(), other.size());
  finding.other_hash = hash != 0 ? hash : 1;
}

}  // namespace

bool is_text(std::string_view body) {
  return body.find('\0') == std::string_view::npos && simdjson::validate_utf8(body.data(), body.size());
}

void compare_as_text(std::string_view primary, std::string_view other, std::vector<Finding>& findings) {
  const std::size_t place = common_prefix(primary, other);
  const auto line = 1 + std::count(primary.begin(), primary.begin() + static_cast<std::ptrdiff_t>(place), '\n');
  const auto line_start = primary.substr(0, place).rfind('\n') + 1;  // npos + 1 is 0
  // A long line is shown from shortly before the difference.
  const std::size_t start = std::max(line_start, window_begin(primary, place));
  const auto describe = [&](std::string_view body) {
    const std::string_view rest = body.substr(start);
    return "line " + std::to_string(line) + ", octet " + std::to_string(place) + ": " +
           std::string(start > line_start ? ellipsis : "") +
           std::string(rest.substr(0, rest.find('\n')).substr(0, rendering_limit));
  };
  const bool form_only = differ_in_form_only(primary, other);
  findings.push_back(finding_at(whole_body_path,
                                form_only ? DifferenceClass::string_form : DifferenceClass::body_changed,
                                describe(primary), describe(other)));
  if (form_only) return;
  Finding& finding = findings.back();
  describe_change(primary, other, finding);
  const LinesDifference lines = compare_lines(primary, other);
  if (lines.lines_changed) finding.aspects |= bit_of(DifferenceClass::lines_changed);
  finding.lines_in_common = lines.in_common;
}

void compare_as_binary(std::string_view primary, std::string_view other, std::vector<Finding>& findings) {
  const std::string place = std::to_string(common_prefix(primary, other));
  const auto describe = [&](std::string_view body) {
    return std::to_string(body.size()) + " octets; the first " + place + " are equal";
  };
  findings.push_back(finding_at(whole_body_path, DifferenceClass::body_changed, describe(primary), describe(other)));
  describe_change(primary, other, findings.back());
}

}  // namespace understudy::diff
