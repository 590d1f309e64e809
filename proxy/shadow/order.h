// Keeps the copies of one user connection in their order (`mirror.order`): the next one starts when nothing of the one
// before is under way any more. Where the order does not matter, everything starts at once. Caller: player.cc.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <tuple>

#include "proxy/settings.h"
#include "proxy/shadow/exchange.h"

namespace understudy::shadow {

class Order {
 public:
  // Copies of one connection that wait, at most.
  static constexpr std::size_t waiting_limit = 64;

  explicit Order(const MirrorSettings& mirror);

  // now: to be started, and leave() to be called once it is over. later: next() will give it. full: too many wait
  // already.
  enum class Turn : std::uint8_t { now, later, full };
  Turn enter(const std::shared_ptr<Exchange>& exchange, Copy& copy);

  struct Waiting {
    std::shared_ptr<Exchange> exchange;
    Copy* copy = nullptr;
  };
  // The copy, which had its turn, is over. Whose turn it is now; null: nobody's.
  Waiting leave(const Copy& copy);

 private:
  // Slot, connection, number of the copy within its exchange: each of several copies has a row of its own.
  using Key = std::tuple<unsigned, std::uint64_t, std::size_t>;
  static Key key_of(const Copy& copy);

  bool matters_;
  std::map<Key, std::deque<Waiting>> rows_;  // of those behind the one whose turn it is
};

}  // namespace understudy::shadow
