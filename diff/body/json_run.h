// A run: a stretch over which two parsed texts hold the same tokens in the same order. Most of two bodies that differ
// somewhere is such a stretch, and it is found on the parser's tapes without entering a single value: words are
// compared as words, and the strings between them, which the parser lays one behind the other, many at once.
// What is in no run is not thereby different: keys in another order and numbers in another form are for the caller.
// Callers: json_equality.cc, which owns it; json_compare.cc. Keeps the run found last.
//
// What it brings (bench/run diff, real bodies, one value changed; speed as a share of the reference there, at 1 KiB,
// 16 KiB and 1 MiB): a walk value by value, with a memcmp for every key and string, stands at 0.31, 0.71 and 0.90; with
// runs, and with fields and renderings copied whole, at 0.42, 0.87 and 1.09; with patterns that outlive a comparison,
// and the one string that differs found without comparing each, at 0.57, 0.93 and 1.08. Local pointers to the tapes and
// fewer branches in the loop made no measurable difference; strings compared word by word, without memcmp, cost a
// tenth. Where one scalar alone is another, json_compare_only_change.cc now comes before all of that: 0.91, 1.9
// and 2.3.
#pragma once

#include <cstddef>
#include <cstdint>

#include "diff/body/json_document.h"

namespace understudy::diff {

class JsonRun {
 public:
  using Node = JsonDocument::Node;

  JsonRun(const JsonDocument& primary, const JsonDocument& other) : primary_(primary), other_(other) {}

  // Forgets what is known of the texts before; call after every parse.
  void start();

  // How far the primary's nodes from `primary` and the other's from `other` are the same, at most to `limit`, where
  // the container that `primary` stands in, or `primary` itself, ends. Adds the words that were read, and what long
  // numbers count for, to `words`.
  Node extent(Node primary, Node other, Node limit, std::uint64_t& words);

 private:
  bool same_until(Node limit, std::uint64_t& words);
  Node first_different_string(Node first, Node last) const;
  bool same_number_text(Node primary, Node other, std::uint64_t& words) const;

  const JsonDocument& primary_;
  const JsonDocument& other_;
  bool usable_ = false;
  // The run: [begin_, end_) in the primary, the same nodes in the other `distance_` further on (modulo 2^32).
  Node begin_ = 0;
  Node end_ = 0;
  Node distance_ = 0;
  bool ends_in_difference_ = false;  // or else where the question ended
};

}  // namespace understudy::diff
