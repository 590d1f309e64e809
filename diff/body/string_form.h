// Texts that differ only in form: line ends (CRLF, LF), surrounding white space, and composed against decomposed Latin
// letters (NFC, NFD of Latin-1 and Latin Extended-A; other scripts compare as they are). Callers: value_difference.cc for
// strings, text.cc for whole bodies.
#pragma once

#include <string_view>

namespace understudy::diff {

// For texts that are not equal.
bool differ_in_form_only(std::string_view primary, std::string_view other);

}  // namespace understudy::diff
