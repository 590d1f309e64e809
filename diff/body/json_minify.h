// A stream of JSON without what means nothing in it: the white space between tokens. In constant memory, piece by
// piece, wherever the pieces are cut; what is not JSON passes through as well, so that equal contents stay equal and
// others do not become so by it: white space between two tokens that would join leaves one space. Caller: digest.cc.
#pragma once

#include <string>
#include <string_view>

namespace understudy::diff {

class JsonMinifier {
 public:
  // Appends what `piece` adds to the minified text.
  void append(std::string_view piece, std::string& minified);

 private:
  bool in_string_ = false;
  bool escaped_ = false;    // the octet before was the backslash of an escape
  bool in_word_ = false;    // the octet kept last is of a number or a literal
  bool separated_ = false;  // and white space came behind it
};

}  // namespace understudy::diff
