// Where the primary is, for all threads of the plane: the last good answer of the resolver, and which of its addresses
// are set aside because they do not answer.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "proxy/net/stream.h"
#include "proxy/settings.h"

namespace understudy::user {

struct PrimaryAddress {
  explicit PrimaryAddress(const net::Address& its_address) : address(its_address) {}

  const net::Address address;
  // Requests go to the others until a probe finds it well. Set and cleared by any thread.
  std::atomic<bool> aside{false};
};

class PrimaryAddresses {
 public:
  using List = std::vector<PrimaryAddress*>;

  // A name has no addresses until refresh() brings them.
  explicit PrimaryAddresses(const Url& url);
  // These and no others.
  explicit PrimaryAddresses(const std::vector<net::Address>& addresses);
  // Asks again; keeps the last good answer where there is none. Called from a thread of its own. True if the list
  // changed.
  bool refresh();
  bool is_literal() const { return literal_; }

  // In the resolver's order; what it points to stays.
  const List& current() const { return *current_.load(std::memory_order_acquire); }

 private:
  PrimaryAddress* known(const net::Address& address);
  void publish(List list);

  Url url_;
  bool literal_ = false;
  std::vector<std::unique_ptr<PrimaryAddress>> all_;  // every address ever published
  std::vector<std::unique_ptr<const List>> lists_;    // … and every list: readers hold no lock
  std::atomic<const List*> current_;
};

}  // namespace understudy::user
