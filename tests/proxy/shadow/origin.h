// A server that answers as a script says, one coroutine per connection on the loop of the plane under test, and
// remembers what it was sent.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "proxy/http/buffer.h"
#include "proxy/http/message.h"
#include "proxy/net/stream.h"
#include "proxy/settings.h"

namespace understudy::shadow {

// What arrived of one request.
struct Seen {
  std::uint64_t connection = 0;  // 1 is the first that was accepted
  http::RequestMessage head;
  std::string body;
  bool whole = false;
};

std::string response(int status, std::string_view body, std::string_view fields = "Content-Type: application/json\r\n");

struct Reply {
  std::string octets = response(200, "{\"a\":1}");
  std::uint64_t filler = 0;  // so many octets 'x' after them
  bool early = false;        // without waiting for the request's content
  Milliseconds pause{0};     // before the first octet
  Milliseconds drip{0};      // after each octet
  // hang: reads on and says nothing; stall: does not even read
  enum class Then : std::uint8_t { keep, close, reset, hang, stall } then = Then::keep;
};

class Origin {
 public:
  // Listens on a port of its own from now on, also while nobody serves.
  Origin();
  ~Origin();
  Origin(const Origin&) = delete;
  Origin& operator=(const Origin&) = delete;

  // Asked once the head is there.
  std::function<Reply(const Seen&)> script = [](const Seen&) { return Reply{}; };
  Milliseconds read_pause{0};  // before each read of a request's content
  std::deque<Seen> seen;       // in the order in which the heads were read
  std::uint64_t connections = 0;
  std::uint64_t open_connections() const { return streams_.size(); }

  Url url() const;
  void serve(net::Loop& loop);
  void stop();
  // Closes the listening socket: whoever connects is refused.
  void refuse();
  // Listens again where it did, after refuse(). While the loop runs, and once that has had a turn.
  void come_back();

 private:
  net::Task<void> accept_all(net::Loop* loop);
  net::Task<void> converse(net::Loop* loop, int fd);
  net::Task<bool> receive_head(net::Stream* stream, http::Buffer* in, Seen* request);
  net::Task<bool> receive_body(net::Loop* loop, net::Stream* stream, http::Buffer* in, Seen* request);
  net::Task<bool> answer(net::Loop* loop, net::Stream* stream, Reply reply);

  int fd_;
  std::uint16_t port_;
  net::Loop* loop_ = nullptr;
  net::Listener* listener_ = nullptr;
  std::set<net::Stream*> streams_;
};

}  // namespace understudy::shadow
