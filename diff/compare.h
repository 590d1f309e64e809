// The comparison of two responses to one request. Pure; one Comparer per thread, because it keeps its parsers' memory
// between calls. Callers: proxy/shadow/ for every exchange (primary against candidate, primary against secondary),
// proxy/main.cc for `understudy diff`.
#pragma once

#include <memory>
#include <vector>

#include "diff/finding.h"
#include "diff/occasion.h"
#include "diff/response.h"
#include "diff/settings.h"

namespace understudy::diff {

class Comparer {
 public:
  explicit Comparer(const Settings& settings);
  ~Comparer();
  Comparer(const Comparer&) = delete;
  Comparer& operator=(const Comparer&) = delete;

  // Differences of `other` (candidate or secondary) from `primary`: status, header fields, trailers, content in
  // document order; at most one per (path, class). Never throws for any input octets. The same occasion for the same
  // arguments' other comparisons: what is a clock's is then so for all of them.
  std::vector<Finding> compare(const Response& primary, const Response& other, const Occasion& occasion = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace understudy::diff
