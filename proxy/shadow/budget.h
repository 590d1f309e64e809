// One budget for all octets of messages that the shadow plane holds: request bodies on their way, answers being
// collected, complete sets that wait for the judge. Single-threaded.
#pragma once

#include <cstdint>
#include <utility>

namespace understudy::shadow {

class Budget {
 public:
  explicit Budget(std::uint64_t limit) : limit_(limit) {}

  std::uint64_t used() const { return used_; }
  // Nothing more may be collected: a copy that needs more is given up.
  bool exhausted() const { return used_ >= limit_; }
  // The reader takes no further frames beyond one half; the other belongs to the answers to what it has taken.
  bool half_used() const { return used_ >= limit_ / 2; }

 private:
  friend class Charge;
  std::uint64_t limit_;
  std::uint64_t used_ = 0;
};

// What one holder has taken from the budget; given back when the holder goes.
class Charge {
 public:
  explicit Charge(Budget& budget) : budget_(&budget) {}
  Charge(Charge&& other) noexcept : budget_(other.budget_), octets_(std::exchange(other.octets_, 0)) {}
  Charge& operator=(Charge&&) = delete;
  ~Charge() { clear(); }

  void add(std::uint64_t octets) {
    budget_->used_ += octets;
    octets_ += octets;
  }
  void remove(std::uint64_t octets) {
    budget_->used_ -= octets;
    octets_ -= octets;
  }
  void clear() { remove(octets_); }
  bool may_grow() const { return !budget_->exhausted(); }
  // So many more, and the reader still takes frames.
  bool leaves_half(std::uint64_t octets) const { return budget_->used_ + octets < budget_->limit_ / 2; }

 private:
  Budget* budget_;
  std::uint64_t octets_ = 0;
};

}  // namespace understudy::shadow
