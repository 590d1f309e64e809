// The kinds of noise and of mistakes that a simulated world is made of (world.h). Callers: catalogue.cc, shop.cc.
//
// Times are seconds. "Side" is one of the three copies of the service; what says BySide<> says it for each of them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/simulation/world.h"

namespace understudy::simulation {

// A number on two sides, as the comparison tells it: value_changed with its aspects, or nothing.
void compare_numbers(FindingList& list, std::string_view path, double at_primary, double at_other);

// What differs so often, on each side independently of the other, and of everything before. As a value it is a number,
// so that it is greater or less as often.
class Coin : public Field {
 public:
  Coin(std::string path, diff::DifferenceClass difference_class, double at_candidate, double at_secondary)
      : path_(std::move(path)), class_(difference_class), rates_{0, at_candidate, at_secondary} {}
  void compare(Exchange& exchange, Random& random) override;

 private:
  std::string path_;
  diff::DifferenceClass class_;
  BySide<double> rates_;
};

// A side answers `code` instead of 200 so often. Nothing below is compared where the status classes differ.
class Status : public Field {
 public:
  explicit Status(BySide<double> rates, std::string code = "500") : rates_(rates), code_(std::move(code)) {}
  void compare(Exchange& exchange, Random& random) override;

 private:
  BySide<double> rates_;
  std::string code_;
};

// The candidate gives no answer so often.
class Hang : public Field {
 public:
  explicit Hang(double rate) : rate_(rate) {}
  void compare(Exchange& exchange, Random& random) override;

 private:
  double rate_;
};

// So many exchanges are not compared, by our doing.
class Dropped : public Field {
 public:
  explicit Dropped(double rate) : rate_(rate) {}
  void compare(Exchange& exchange, Random& random) override {
    exchange.dropped = exchange.dropped || random.chance(rate_);
  }

 private:
  double rate_;
};

// A side lacks a field so often.
class Presence : public Field {
 public:
  Presence(std::string path, BySide<double> lacking) : path_(std::move(path)), lacking_(lacking) {}
  void compare(Exchange& exchange, Random& random) override;

 private:
  std::string path_;
  BySide<double> lacking_;
};

// A value of the world that changes every so often, which each side remembers for a while: one value for all, or one
// for each target.
class Cached : public Field {
 public:
  enum class Phase { by_access, fixed };  // fetched anew when asked for after its time; at fixed times
  Cached(std::string path, double changes_every, double cached_for, Phase phase, std::uint64_t targets, Random& random);
  void compare(Exchange& exchange, Random& random) override;

 private:
  struct Copy {
    double fetched_at;
    double offset;
  };
  double value_at(std::size_t side, std::size_t target, double now);

  std::string path_;
  double changes_every_;
  double cached_for_;
  Phase phase_;
  std::uint64_t targets_;
  std::uint64_t salt_;
  std::vector<double> world_offsets_;  // by target
  BySide<std::vector<Copy>> copies_;   // by target
};

// A count of answers, by each process for itself. It counts a request that the others never saw, so often on average;
// it began so far from the others.
class Counter : public Field {
 public:
  Counter(std::string path, double slips_every, double began_apart, Random& random);
  void compare(Exchange& exchange, Random& random) override;

 private:
  std::string path_;
  double slips_every_;
  BySide<double> ahead_{};
  BySide<double> next_slip_{};
};

// One of ten minutes or so is bad on one side (candidate or secondary): a share of its answers differs.
class BadMinutes : public Field {
 public:
  BadMinutes(std::string path, double bad_share, double rate, bool as_status)
      : path_(std::move(path)), bad_share_(bad_share), rate_(rate), as_status_(as_status) {}
  void compare(Exchange& exchange, Random& random) override;

 private:
  std::string path_;
  double bad_share_;
  double rate_;
  bool as_status_;
  double minute_ = -1;
  std::size_t bad_side_ = primary;  // none
};

// For some targets a side is wrong, always.
class WrongTargets : public Field {
 public:
  // So many of `targets`, on each side others.
  WrongTargets(std::string path, std::uint64_t targets, BySide<std::uint64_t> wrong, Random& random);
  void compare(Exchange& exchange, Random& random) override;

 private:
  std::string path_;
  BySide<std::vector<bool>> wrong_;
};

// A flag that flips on each side for itself, so often on average.
class Switch : public Field {
 public:
  Switch(std::string path, double flips_every, Random& random);
  void compare(Exchange& exchange, Random& random) override;

 private:
  std::string path_;
  double flips_every_;
  BySide<double> next_flip_{};
  BySide<bool> on_{};
};

// A queue that drains: who asks later sees fewer elements. The copies are later than production.
class Queue : public Field {
 public:
  Queue(std::string path, double drained_between) : path_(std::move(path)), drained_between_(drained_between) {}
  void compare(Exchange& exchange, Random& random) override;

 private:
  std::string path_;
  double drained_between_;
};

// A number that every side draws anew around a common one; the candidate then makes a mistake of it.
class NoisyNumber : public Field {
 public:
  using Mistake = std::function<double(double)>;
  NoisyNumber(std::string path, double jitter, Mistake mistake = {})
      : path_(std::move(path)), jitter_(jitter), mistake_(std::move(mistake)) {}
  void compare(Exchange& exchange, Random& random) override;

 private:
  std::string path_;
  double jitter_;  // relative
  Mistake mistake_;
};

// A text that is another one in every answer: a token, a page with a token. What the candidate's looks like besides.
class NoisyText : public Field {
 public:
  struct Mistake {
    diff::ClassSet aspects = 0;
    bool frozen = false;          // always the same
    double lines_in_common = -1;  // of a body
  };
  // A body (`lines_in_common` of good answers is not negative) or a value.
  NoisyText(std::string path, double lines_in_common) : path_(std::move(path)), lines_in_common_(lines_in_common) {}
  NoisyText(std::string path, double lines_in_common, Mistake mistake)
      : path_(std::move(path)), lines_in_common_(lines_in_common), mistaken_(true), mistake_(mistake) {}
  void compare(Exchange& exchange, Random& random) override;

 private:
  std::string path_;
  double lines_in_common_;
  bool mistaken_ = false;
  Mistake mistake_;
};

// Wrong in a burst: from exchange `begin` on (of all endpoints), `wrong` of the next `length` answer 500.
class Burst : public Field {
 public:
  Burst(std::uint64_t begin, std::uint64_t length, double wrong) : begin_(begin), length_(length), wrong_(wrong) {}
  void compare(Exchange& exchange, Random& random) override;

 private:
  std::uint64_t begin_;
  std::uint64_t length_;
  double wrong_;
};

// How long the answers take: log-normal, all sides alike, but that a share of the candidate's takes so many times as
// long.
class Latency : public Field {
 public:
  Latency(double typical_s, double slow_share, double times)
      : typical_s_(typical_s), slow_share_(slow_share), times_(times) {}
  void compare(Exchange& exchange, Random& random) override;

 private:
  double typical_s_;
  double slow_share_;
  double times_;
};

}  // namespace understudy::simulation
