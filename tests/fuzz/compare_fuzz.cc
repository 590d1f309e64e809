// libFuzzer target for the JSON comparison. The input is a byte of settings and two texts with 0xFF between them. Held:
// a text against itself differs in nothing; two texts differ in nothing exactly if they are canonically equal; swapping
// the sides mirrors the findings; behind byte order marks, where texts are always parsed and walked whole, the findings
// are the same.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "diff/body/json_compare.h"
#include "diff/body/json_document.h"
#include "diff/compare.h"
#include "diff/text_tools.h"

namespace {

using namespace understudy::diff;
using Node = JsonDocument::Node;

void require(bool held) {
  if (!held) std::abort();
}

Response json_response(std::string body) {
  Response response;
  response.status = 200;
  response.fields = {{"Content-Type", "application/json"}};
  response.body = std::move(body);
  return response;
}

// Equal texts for equal values: members sorted by key (repeated ones stay in order), numbers as written but for the
// sign of zero.
void append_canonical(std::string& text, const JsonDocument& document, Node node) {
  const auto append_text = [&](std::string_view value) {
    text.append(std::to_string(value.size())).append(":").append(value);
  };
  switch (document.type(node)) {
    case JsonType::object: {
      std::vector<std::pair<std::string_view, Node>> members;
      for (Node key = document.first(node); key < document.end(node); key = document.next(key + 1))
        members.emplace_back(document.string(key), key + 1);
      std::sort(members.begin(), members.end());
      text += '{';
      for (const auto& [key, value] : members) {
        append_text(key);
        append_canonical(text, document, value);
      }
      text += '}';
      break;
    }
    case JsonType::array:
      text += '[';
      for (Node element = document.first(node); element < document.end(node); element = document.next(element))
        append_canonical(text, document, element);
      text += ']';
      break;
    case JsonType::string:
      text += 's';
      append_text(document.string(node));
      break;
    case JsonType::number:
      text += 'n';
      append_text(document.number_text(node) == "-0" ? "0" : document.number_text(node));
      break;
    case JsonType::boolean:
      text += document.boolean(node) ? 't' : 'f';
      break;
    case JsonType::null:
      text += '0';
      break;
  }
}

// (path, class) with the classes that swap with the sides folded together.
using Mirrored = std::multiset<std::pair<std::string, std::string>>;
Mirrored mirrored(const std::vector<Finding>& findings, bool swapped) {
  Mirrored result;
  for (const Finding& finding : findings) {
    std::string name(name_of(finding.difference_class));
    if (name == "became_null") name = "type_changed";
    if (swapped && name.ends_with("_removed")) {
      name = name.substr(0, name.size() - 7) + "added";
    } else if (swapped && name.ends_with("_added")) {
      name = name.substr(0, name.size() - 5) + "removed";
    }
    result.emplace(finding.path, name);
  }
  // An array may hold a value that became null and one whose type changed: one finding on the one side, two on the
  // other.
  for (auto entry = result.begin(); entry != result.end();) {
    const auto next = std::next(entry);
    entry = next != result.end() && *next == *entry && entry->second == "type_changed" ? result.erase(entry) : next;
  }
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 64 * 1024) return 0;
  Settings settings;
  settings.arrays = static_cast<ArrayMode>(data[0] % 3);
  settings.tolerance = (data[0] & 0x80) != 0 ? 0.1 : 0.0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto separator = input.find('\xFF');
  const std::string left(input.substr(0, separator));
  const std::string right(separator == std::string_view::npos ? input.substr(input.size() / 2)
                                                              : input.substr(separator + 1));

  Comparer comparer(settings);
  const auto findings = comparer.compare(json_response(left), json_response(right));
  const auto swapped = comparer.compare(json_response(right), json_response(left));
  require(mirrored(findings, false) == mirrored(swapped, true));

  const std::string mark = "\xEF\xBB\xBF";
  if (!left.starts_with(mark) && !right.starts_with(mark)) {
    JsonComparison comparison(settings);
    const auto compare = [&](const std::string& primary, const std::string& other) {
      std::vector<Finding> found;
      const auto outcome = comparison.compare(primary, other, common_prefix(primary, other), {}, found);
      return std::pair(outcome, found);
    };
    require(compare(left, right) == compare(mark + left, mark + right));
  }

  JsonDocument left_document;
  JsonDocument right_document;
  if (left_document.parse(left) != JsonDocument::Result::json) return 0;
  require(comparer.compare(json_response(left), json_response(left + " ")).empty());
  if (right_document.parse(right) != JsonDocument::Result::json || settings.arrays == ArrayMode::set ||
      settings.tolerance > 0)
    return 0;
  std::string left_canonical;
  std::string right_canonical;
  append_canonical(left_canonical, left_document, left_document.root());
  append_canonical(right_canonical, right_document, right_document.root());
  const bool equal =
      left_canonical == right_canonical && left_document.had_byte_order_mark() == right_document.had_byte_order_mark();
  require(findings.empty() == equal);
  return 0;
}
