// One octet after the other, see the header.
#include "diff/body/json_minify.h"

#include <algorithm>

namespace understudy::diff {
namespace {

bool is_white(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

bool is_of_word(char c) {
  return std::string_view("{}[]:,\"").find(c) == std::string_view::npos;
}

}  // namespace

void JsonMinifier::append(std::string_view piece, std::string& minified) {
  while (!piece.empty()) {
    if (in_string_) {
      if (escaped_) {
        minified += piece.front();
        piece.remove_prefix(1);
        escaped_ = false;
        continue;
      }
      const auto end = std::min(piece.find_first_of("\"\\"), piece.size());
      minified.append(piece.substr(0, end));
      piece.remove_prefix(end);
      if (piece.empty()) return;
      escaped_ = piece.front() == '\\';
      in_string_ = escaped_;
      minified += piece.front();
      piece.remove_prefix(1);
      continue;
    }
    const char c = piece.front();
    piece.remove_prefix(1);
    if (is_white(c)) {
      separated_ = in_word_;
      continue;
    }
    const bool of_word = is_of_word(c);
    if (separated_ && of_word) minified += ' ';
    separated_ = false;
    in_word_ = of_word;
    in_string_ = c == '"';
    minified += c;
  }
}

}  // namespace understudy::diff
