// proxy/policy includes nothing of this project but proxy/policy: values in, decisions out; time and randomness come in
// as arguments.
//
// Which requests are mirrored. Built once from plain settings; the user plane asks once per request, from any of its
// threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/policy/glob.h"
#include "proxy/policy/random.h"
#include "proxy/policy/sampling.h"

namespace understudy::policy {

struct MirrorSettings {
  std::vector<std::string> methods = {"GET", "HEAD", "OPTIONS"};  // "*" = all
  std::vector<std::string> paths = {"/**"};
  double rate = 0;       // copies a second; 0 = no cap
  double holdout = 1.0;  // percent
};

// The control page's answer, read afresh for each request.
struct MirrorSwitch {
  bool enabled = true;
  double percent = 100.0;
};

// What the rules look at of a request.
struct Asked {
  std::string_view method;
  std::string_view path;    // without query
  bool has_marker = false;  // it bears the marker field, so it is a copy already
  std::string_view user{};  // whose requests are sampled together; empty: this one is sampled for itself
};

struct Selection {
  enum class Kind : std::uint8_t { not_selected, held_out, mirrored };
  Kind kind = Kind::not_selected;
  Holdout::Kind holdout = Holdout::Kind::none;  // of a held-out exchange: by which half of the control group
  int copies = 0;                               // of a mirrored one: 1..max_copies
};

class MirrorRules {
 public:
  // `seed`: the same for all threads and planes of a run, random between runs. Throws std::invalid_argument on a bad
  // glob.
  MirrorRules(const MirrorSettings& settings, std::uint64_t seed);

  Selection decide(const Asked& asked, const MirrorSwitch& control, std::int64_t now_ns, Random& random);

 private:
  bool selects_method(std::string_view method) const;

  std::vector<std::string> methods_;
  bool all_methods_ = false;
  PathGlobs paths_;
  RateLimiter rate_;
  Holdout holdout_;
};

}  // namespace understudy::policy
