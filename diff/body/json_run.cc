// Runs of equal tokens, see the header.
#include "diff/body/json_run.h"

#include <algorithm>

#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

using Node = JsonDocument::Node;

// The strings of so many words are compared at once.
constexpr Node words_at_once = 256;
// Reading so many octets of a number takes about as long as a word.
constexpr std::size_t octets_a_word = 4;

char tag_of(std::uint64_t word) {
  return static_cast<char>(word >> 56);
}

// Words of a token; of a bracket, those of the bracket alone.
Node width_of(char tag) {
  return tag == 'l' || tag == 'u' || tag == 'd' ? 2 : 1;
}

}  // namespace

void JsonRun::start() {
  begin_ = end_ = distance_ = 0;
  ends_in_difference_ = false;
  // The marks in a rewritten text are strings to the tape and not to us.
  usable_ = !primary_.is_rewritten() && !other_.is_rewritten();
}

JsonRun::Node JsonRun::extent(Node primary, Node other, Node limit, std::uint64_t& words) {
  const Node distance = other - primary;
  const bool known = distance == distance_ && begin_ <= primary && primary <= end_ && end_ > 0;
  if (known && (ends_in_difference_ || limit <= end_)) return std::min(end_, limit);
  if (!usable_) return primary;
  begin_ = end_ = primary;
  distance_ = distance;
  ends_in_difference_ = !same_until(limit, words);
  return end_;
}

// Moves end_ to the first node that is another, or to `limit`: then true. Brackets are the same tokens on both sides
// all along, so neither side leaves its container first.
bool JsonRun::same_until(Node limit, std::uint64_t& words) {
  const Node start = end_;
  const std::uint64_t* const primary_words = primary_.words();
  const std::uint64_t* const other_words = other_.words() + static_cast<std::int32_t>(distance_);
  std::uint64_t string_distance = 0;
  bool string_seen = false;
  bool same = true;
  while (same && end_ < limit) {
    const Node chunk_begin = end_;
    const Node chunk_end = std::min(limit - chunk_begin, words_at_once) + chunk_begin;
    Node first_string = 0;
    Node last_string = 0;
    Node node = chunk_begin;
    while (node < chunk_end) {
      const std::uint64_t word = primary_words[node];
      const std::uint64_t other_word = other_words[node];
      const char tag = tag_of(word);
      if (tag == '"') {
        if (!string_seen) {
          same = tag_of(other_word) == '"';
          if (!same) break;
          string_distance = other_word - word;
          string_seen = true;
        }
        // While they are of one length, strings lie as far apart as those before.
        same = other_word == word + string_distance;
        if (!same) break;
        if (first_string == 0) first_string = node;
        last_string = node;
        ++node;
        continue;
      }
      same = tag == tag_of(other_word);
      if (!same) break;
      if (width_of(tag) == 2) {
        same = primary_words[node + 1] == other_words[node + 1] &&
               (tag != 'd' || same_number_text(node, node + distance_, words));
        if (!same) break;
      }
      node += width_of(tag);  // of brackets, the tag is the token: where they lead depends on what follows
    }
    if (first_string != 0) {
      const Node different = first_different_string(first_string, last_string);
      if (different <= last_string) {
        same = false;
        node = different;
      }
    }
    end_ = node;
  }
  words += end_ - start;
  return same;
}

// The first string from that of `first` to that of `last` that is another, or `last` + 1. They lie as far apart on both
// sides, each behind its length: of unequal lengths, these differ.
JsonRun::Node JsonRun::first_different_string(Node first, Node last) const {
  const auto end_of = [](std::string_view text) { return text.data() + text.size(); };
  const char* const begin = primary_.string(first).data() - sizeof(std::uint32_t);
  const char* const other_begin = other_.string(first + distance_).data() - sizeof(std::uint32_t);
  const auto size = static_cast<std::size_t>(
      std::min(end_of(primary_.string(last)) - begin, end_of(other_.string(last + distance_)) - other_begin));
  const std::size_t same = common_prefix({begin, size}, {other_begin, size});
  if (same == size) return last + 1;
  const std::uint64_t* const words = primary_.words();
  Node found = first;
  for (Node node = first; node <= last; node += width_of(tag_of(words[node]))) {
    if (tag_of(words[node]) != '"') continue;
    if (words[node] - words[first] > same) break;  // begins behind the difference
    found = node;
  }
  return found;
}

// Of two reals with the same bits. Reals are rounded when they are parsed.
bool JsonRun::same_number_text(Node primary, Node other, std::uint64_t& words) const {
  const std::string_view text = primary_.number_text(primary);
  const std::string_view other_text = other_.number_text(other);
  words += (text.size() + other_text.size()) / octets_a_word;
  return text == other_text;
}

}  // namespace understudy::diff
