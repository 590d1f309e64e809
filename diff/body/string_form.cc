// Forms of text, see the header. Both texts are read in step, each through a reader that yields its canonical octets.
#include "diff/body/string_form.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

struct MarkedLetters {
  char16_t mark;                     // the combining mark
  std::u16string_view composed;      // letters with it
  std::u16string_view base_letters;  // the same without
};

// From the Unicode Character Database: canonical decompositions of U+00C0..U+017F.
// clang-format off
constexpr std::array<MarkedLetters, 13> marked_letters{{
    {0x0300, u"ÀÈÌÒÙàèìòù", u"AEIOUaeiou"},
    {0x0301, u"ÁÉÍÓÚÝáéíóúýĆćĹĺŃńŔŕŚśŹź", u"AEIOUYaeiouyCcLlNnRrSsZz"},
    {0x0302, u"ÂÊÎÔÛâêîôûĈĉĜĝĤĥĴĵŜŝŴŵŶŷ", u"AEIOUaeiouCcGgHhJjSsWwYy"},
    {0x0303, u"ÃÑÕãñõĨĩŨũ", u"ANOanoIiUu"},
    {0x0304, u"ĀāĒēĪīŌōŪū", u"AaEeIiOoUu"},
    {0x0306, u"ĂăĔĕĞğĬĭŎŏŬŭ", u"AaEeGgIiOoUu"},
    {0x0307, u"ĊċĖėĠġİŻż", u"CcEeGgIZz"},
    {0x0308, u"ÄËÏÖÜäëïöüÿŸ", u"AEIOUaeiouyY"},
    {0x030A, u"ÅåŮů", u"AaUu"},
    {0x030B, u"ŐőŰű", u"OoUu"},
    {0x030C, u"ČčĎďĚěĽľŇňŘřŠšŤťŽž", u"CcDdEeLlNnRrSsTtZz"},
    {0x0327, u"ÇçĢģĶķĻļŅņŖŗŞşŢţ", u"CcGgKkLlNnRrSsTt"},
    {0x0328, u"ĄąĘęĮįŲų", u"AaEeIiUu"},
}};
// clang-format on

struct Decomposition {
  char base = 0;  // 0: none
  char16_t mark = 0;
};

constexpr std::size_t first_letter = 0xC0;
constexpr std::size_t last_letter = 0x17F;

constexpr auto decompositions = [] {
  std::array<Decomposition, last_letter - first_letter + 1> table{};
  for (const MarkedLetters& letters : marked_letters) {
    for (std::size_t i = 0; i < letters.composed.size(); ++i) {
      table[letters.composed[i] - first_letter] = {static_cast<char>(letters.base_letters[i]), letters.mark};
    }
  }
  return table;
}();

// Yields the octets of a text with LF for CRLF and letters decomposed.
class CanonicalReader {
 public:
  explicit CanonicalReader(std::string_view text) : text_(text) {}

  // -1 at the end.
  int next() {
    if (pending_count_ > 0) return pending_[--pending_count_];
    if (place_ == text_.size()) return -1;
    const unsigned char octet = at(place_);
    if (octet == '\r' && place_ + 1 < text_.size() && at(place_ + 1) == '\n') ++place_;
    if (octet >= 0xC3 && octet <= 0xC5 && place_ + 1 < text_.size()) {
      const unsigned letter = (octet & 0x1FU) << 6 | (at(place_ + 1) & 0x3FU);
      if (const Decomposition found = decompositions[letter - first_letter]; found.base != 0) {
        place_ += 2;
        pending_ = {static_cast<unsigned char>(0x80 | (found.mark & 0x3F)),
                    static_cast<unsigned char>(0xC0 | found.mark >> 6)};
        pending_count_ = 2;
        return static_cast<unsigned char>(found.base);
      }
    }
    return at(place_++);
  }

 private:
  unsigned char at(std::size_t place) const { return static_cast<unsigned char>(text_[place]); }

  std::string_view text_;
  std::size_t place_ = 0;
  std::array<unsigned char, 2> pending_{};  // in reverse
  std::size_t pending_count_ = 0;
};

// The octets that both texts begin with, up to the last behind which a reader begins anew.
std::size_t common_beginning(std::string_view primary, std::string_view other) {
  std::size_t same = common_prefix(primary, other);
  const auto is_whole = [](char c) { return static_cast<unsigned char>(c) < 0x80 && c != '\r'; };
  while (same > 0 && !is_whole(primary[same - 1])) --same;
  return same;
}

}  // namespace

bool differ_in_form_only(std::string_view primary, std::string_view other) {
  primary = trimmed(primary);
  other = trimmed(other);
  const std::size_t same = common_beginning(primary, other);
  CanonicalReader primary_reader(primary.substr(same));
  CanonicalReader other_reader(other.substr(same));
  for (;;) {
    const int octet = primary_reader.next();
    if (octet != other_reader.next()) return false;
    if (octet < 0) return true;
  }
}

}  // namespace understudy::diff
