// Delimiter lines, found line by line. See the header.
#include "diff/body/multipart.h"

#include <vector>

#include "diff/media_type.h"
#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

constexpr std::string_view dashes = "--";

// Whether `line` (without its end) is a delimiter with `boundary`, and if so what stands behind it: "--" at the end of
// the parts, white space.
bool is_delimiter(std::string_view line, std::string_view boundary, std::string_view& behind) {
  if (!line.starts_with(dashes) || !line.substr(dashes.size()).starts_with(boundary)) return false;
  behind = line.substr(dashes.size() + boundary.size());
  const std::string_view rest = behind.starts_with(dashes) ? behind.substr(dashes.size()) : behind;
  return trimmed(rest).empty();
}

// The boundary that a line of a part's head announces; "" for any other line.
std::string announced_boundary(std::string_view line) {
  constexpr std::string_view name = "content-type:";
  if (line.size() < name.size() || !equal_but_for_case(line.substr(0, name.size()), name)) return {};
  return multipart_boundary(line.substr(name.size()));
}

}  // namespace

std::string without_boundaries(std::string_view content, std::string_view boundary) {
  std::string result;
  result.reserve(content.size());
  std::vector<std::string> boundaries{std::string(boundary)};
  while (!content.empty()) {
    const auto line_feed = content.find('\n');
    const std::size_t end = line_feed == std::string_view::npos ? content.size() : line_feed + 1;
    const std::string_view line = content.substr(0, end);
    content.remove_prefix(end);

    std::size_t known = boundaries.size();
    std::string_view behind;
    if (line.starts_with(dashes)) {
      // From the innermost: one boundary may begin with another.
      while (known > 0 && !is_delimiter(line, boundaries[known - 1], behind)) --known;
      if (known > 0) {
        result.append(dashes).append(std::to_string(known - 1)).append(behind);
        continue;
      }
    }
    std::string announced = boundaries.size() < multipart_boundary_limit ? announced_boundary(line) : std::string();
    if (announced.empty()) {
      result.append(line);
    } else {
      result.append("Content-Type:").append(normalised_media_type(line.substr(line.find(':') + 1))).append("\r\n");
      boundaries.push_back(std::move(announced));
    }
  }
  return result;
}

}  // namespace understudy::diff
