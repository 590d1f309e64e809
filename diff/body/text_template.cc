// Both texts are read in step, piece by piece: a part that is made anew stands for any other, all else for itself.
#include "diff/body/text_template.h"

#include <algorithm>
#include <cstddef>

#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

constexpr std::size_t shortest_word = 2;
constexpr std::size_t shortest_with_digits = 8;
constexpr std::size_t shortest_behind_words = 4;
constexpr std::size_t longest_behind_words = 32;
constexpr std::size_t shortest_of_letters = 16;

bool is_of_token(char c) {
  return is_lower(c) || is_upper(c) || is_digit(c) || c == '-' || c == '_' || c == '~' || c == '%';
}

// An identifier, token or time, as generators write them; words have no digits and are of one case.
bool is_made_anew(std::string_view token) {
  if (token.size() >= shortest_with_digits && std::any_of(token.begin(), token.end(), is_digit)) return true;
  return token.size() >= shortest_of_letters && std::any_of(token.begin() + 1, token.end(), is_upper) &&
         std::any_of(token.begin(), token.end(), is_lower);
}

bool is_of_hex(std::string_view token) {
  return std::all_of(token.begin(), token.end(), [](char c) { return is_hex(c) || c == '-'; });
}

// The length of the words a token begins with ("sk_live_", "export-"), as long as what follows is made anew. It is of
// one piece, and short, or hexadecimal: what looks like a word within a UUID or base64url is none.
std::size_t words_before(std::string_view token) {
  if (is_of_hex(token)) return 0;
  const auto behind_last = [&](auto is_of_kind) {
    return static_cast<std::size_t>(std::find_if(token.rbegin(), token.rend(), is_of_kind).base() - token.begin());
  };
  const std::size_t digits = behind_last(is_digit);
  const std::size_t capitals = behind_last(is_upper);
  std::size_t end = 0;
  for (;;) {
    std::size_t place = end;
    while (place < token.size() && is_lower(token[place])) ++place;
    if (place - end < shortest_word || place == token.size()) break;
    const std::size_t next = place + 1;
    const bool ends_word = token[place] == '_' || (token[place] == '-' && capitals <= next);
    const std::size_t size = token.size() - next;
    const bool has_token =
        (size >= shortest_behind_words && digits > next) || (size >= shortest_of_letters && capitals > next + 1);
    if (!ends_word || !has_token) break;
    end = next;
  }
  const std::string_view rest = token.substr(end);
  const bool is_one_piece = rest.size() <= longest_behind_words && rest.find_first_of("-_") == std::string_view::npos;
  return is_one_piece || is_of_hex(rest) ? end : 0;
}

struct Piece {
  bool made_anew = false;
  std::string_view text;  // empty: the end
};

class PieceReader {
 public:
  explicit PieceReader(std::string_view text) : text_(text) {}

  Piece next() {
    const std::string_view rest = text_.substr(place_);
    const auto end_of_token = std::find_if_not(rest.begin(), rest.end(), is_of_token);
    const std::string_view token = rest.substr(0, static_cast<std::size_t>(end_of_token - rest.begin()));
    if (token.empty()) {
      const auto next_token = std::find_if(rest.begin(), rest.end(), is_of_token);
      return taken({false, rest.substr(0, static_cast<std::size_t>(next_token - rest.begin()))});
    }
    if (behind_words_) return taken({true, token});
    if (!is_made_anew(token)) return taken({false, token});
    const std::size_t words = words_before(token);
    if (words == 0) return taken({true, token});
    const Piece piece = taken({false, token.substr(0, words)});
    behind_words_ = true;
    return piece;
  }

 private:
  Piece taken(Piece piece) {
    place_ += piece.text.size();
    behind_words_ = false;
    return piece;
  }

  std::string_view text_;
  std::size_t place_ = 0;
  bool behind_words_ = false;  // within a token, of which the rest is made anew
};

}  // namespace

bool template_changed(std::string_view primary, std::string_view other) {
  PieceReader primary_reader(primary);
  PieceReader other_reader(other);
  bool has_new_parts = false;
  bool is_same = true;
  for (;;) {
    const Piece piece = primary_reader.next();
    has_new_parts = has_new_parts || piece.made_anew;
    if (is_same) {
      const Piece other_piece = other_reader.next();
      is_same = piece.made_anew ? other_piece.made_anew : !other_piece.made_anew && piece.text == other_piece.text;
    }
    if (has_new_parts && !is_same) return true;
    if (piece.text.empty()) return false;
  }
}

}  // namespace understudy::diff
