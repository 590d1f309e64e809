// The live exchanges of all slots, and the one place where a copy ends. Callers: reader and assembler open and find,
// everybody ends.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

#include "proxy/control/decisions.h"
#include "proxy/shadow/exchange.h"

namespace understudy::shadow {

// Hears of the end of every copy, once, in the same breath as the ledger.
class EndListener {
 public:
  virtual void copy_ended(const Copy& copy, control::Outcome outcome) = 0;

 protected:
  ~EndListener() = default;
};

class Exchanges {
 public:
  Exchanges(World& world, control::Decisions& decisions) : world_(world), decisions_(decisions) {}

  // To be called before any copy ends; `listener` outlives them.
  void listen(EndListener& listener) { listener_ = &listener; }

  // `indexes`: a claimed entry for each copy.
  std::shared_ptr<Exchange> open(unsigned slot, std::uint64_t ordinal, tap::DecodedRequestHead head,
                                 const std::vector<control::Decisions::Index>& indexes);
  // Null: not ours, or all its copies have ended.
  std::shared_ptr<Exchange> find(unsigned slot, std::uint64_t ordinal) const;

  // Ends a copy: counts the outcome and closes what is still under way for it. A second call for the same copy does
  // nothing. The exchange is forgotten with its last copy; whoever goes on using it holds a pointer of its own.
  void end(Copy& copy, control::Outcome outcome);
  void end_copies(Exchange& exchange, control::Outcome outcome);
  void end_slot(unsigned slot, control::DropReason reason);
  void end_all(control::DropReason reason);
  // Those whose remaining frames nobody will read.
  void end_unfinished(control::DropReason reason);
  // Gives up the one that has been here longest.
  void end_oldest(control::DropReason reason);

  bool empty() const { return by_age_.empty(); }
  std::size_t size() const { return by_age_.size(); }

 private:
  using ByAge = std::list<std::shared_ptr<Exchange>>;
  static std::uint64_t key_of(unsigned slot, std::uint64_t ordinal) { return ordinal << 8 | slot; }
  template <class Condition>
  void end_where(control::DropReason reason, Condition condition);

  World& world_;
  control::Decisions& decisions_;
  EndListener* listener_ = nullptr;
  ByAge by_age_;
  std::unordered_map<std::uint64_t, ByAge::iterator> by_key_;
};

}  // namespace understudy::shadow
