// Where an upstream is. A literal is resolved once; a name again and again, by a thread of its own that may wait for
// the resolver, because the plane's loop must not. The last good answer holds.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "proxy/net/stream.h"
#include "proxy/settings.h"

namespace understudy::shadow {

class Addresses {
 public:
  // Resolves once, blocking. Without an answer there are no addresses until a later one.
  explicit Addresses(const Url& url);

  std::vector<net::Address> current() const;
  // Whether the name leads there.
  bool contains(const net::Address& address) const;

 private:
  struct LastAnswer {
    std::mutex mutex;
    std::vector<net::Address> addresses;
  };
  static void ask(LastAnswer& last, const std::string& host, std::uint16_t port);
  // The thread: ends by itself once nobody wants to know any more. Nobody waits for it, since nobody can say how long
  // the resolver takes.
  static void keep_asking(std::weak_ptr<LastAnswer> last, std::string host, std::uint16_t port);

  std::shared_ptr<LastAnswer> last_ = std::make_shared<LastAnswer>();
};

}  // namespace understudy::shadow
