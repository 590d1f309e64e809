// Whether a difference is still there some seconds later. Where the secondary is production itself, its answer comes
// from the same process, cache and counter as the first one, and cannot tell a state of that process from a change of
// the build: so both sides, production and candidate, are asked again. What is gone then was state.
//
//   [accepted] -> waits confirm_after, to twice as long -> a leg to each side -> listener
//
// Each asking takes the place of one repeat, so that production is asked no more often than share and budget say. It is
// no exchange of the ledger, and goes without a word, but for a counter, where limits or the switch are in its way.
// Caller: player.cc. Single-threaded.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "proxy/shadow/exchange.h"
#include "proxy/shadow/leg.h"
#include "proxy/shadow/upstream.h"

namespace understudy::shadow {

class ConfirmationListener {
 public:
  // Both answers are whole, with the status that they had before; production's is `exchange.primary`.
  virtual void asked_again(std::uint64_t exchange_id, const Exchange& exchange, const Copy& copy,
                           std::string_view endpoint) = 0;
  virtual void not_asked_again(std::uint64_t exchange_id) = 0;

 protected:
  ~ConfirmationListener() = default;
};

class Confirmations final : public LegListener {
 public:
  static constexpr std::size_t waiting_limit = 256;
  static constexpr std::size_t under_way_limit = 64;

  Confirmations(World& world, Upstream& candidate, Upstream& production, ConfirmationListener& listener);

  // ask_later() may be called for it.
  bool accepts(const Exchange& exchange) const;
  // The listener hears of it exactly once.
  void ask_later(std::uint64_t exchange_id, const Exchange& exchange, const Copy& copy, std::string_view endpoint);
  // A repeat is due: whether it is left out, for what was asked again in its place.
  bool takes_place_of_repeat();

  // Asks what is due, and gives what was answered to the listener, for a turn. Called every tick.
  void sweep();
  // Nothing more is asked, and nothing accepted: the plane ends.
  void end();

  void leg_ended(const std::shared_ptr<Exchange>& exchange, Copy& copy, Role role, const LegEnd& end) override;

 private:
  struct Question {
    std::uint64_t exchange_id;
    std::string endpoint;
    std::shared_ptr<Exchange> exchange;
    int production_status;  // of the first answers
    int candidate_status;
    int legs = 0;  // under way
  };
  void ask(Question question);
  void give_up_waiting();
  void conclude_for_a_turn();
  void conclude(const Question& question);

  World& world_;
  Upstream& candidate_;
  Upstream& production_;
  ConfirmationListener& listener_;
  std::multimap<std::int64_t, Question> waiting_;  // by when it is due, in the loop's nanoseconds
  std::unordered_map<const Exchange*, Question> under_way_;
  std::deque<Question> answered_;  // … that count as under way until the listener has them
  std::uint64_t repeats_owed_ = 0;
  bool ended_ = false;
};

}  // namespace understudy::shadow
