// The operators' HTTP server: HTTP/1.1 and 1.0, keep-alive, bounded in every way. Knows sockets and nothing of what is
// answered. On the loop's thread. A connection more than the limit takes the place of the one that has been idle
// longest; where none is idle, it is closed.
#pragma once

#include <cstdint>
#include <list>
#include <string_view>

#include "proxy/admin/message.h"
#include "proxy/http/buffer.h"
#include "proxy/http/framing.h"
#include "proxy/http/head.h"
#include "proxy/net/stream.h"
#include "proxy/net/task.h"

namespace understudy::admin {

// What the server asks for every request. `request` lives until the task is done.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;
  virtual net::Task<Response> handle(const Request& request) = 0;
};

struct ServerLimits {
  std::size_t connections = 256;
  std::uint32_t head_octets = 16 * 1024;  // beyond: 431
  std::uint32_t fields = 100;
  std::size_t body_octets = 64 * 1024;  // beyond: 413
  net::Milliseconds idle{75'000};
  net::Milliseconds request{10'000};  // from its first octet to its last; slow: 408
  net::Milliseconds write{30'000};    // a whole response
};

class Server {
 public:
  // `listener_fd` is listening and non-blocking and stays the caller's. The handler must outlive the server.
  Server(net::Loop& loop, int listener_fd, RequestHandler& handler, const ServerLimits& limits = {});
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void start();
  // Accepts no more, closes idle connections; what is being answered gets its answer, with "Connection: close".
  void stop();
  // Closes everything, answered or not.
  void abort();

  std::size_t connections() const { return sessions_.size(); }

 private:
  struct Session {
    net::Stream stream;
    http::Buffer in, out;
    http::RequestHead head;
    http::BodyReader body;
    Request request;
    bool idle = true;  // waits for a request's first octet
    std::int64_t idle_since_ms = 0;
  };
  using Sessions = std::list<Session>;

  net::Task<void> accept_all();
  net::Task<void> serve(Sessions::iterator session);
  // 0: a request is there. Else the status to refuse it with; -1: the connection is over.
  net::Task<int> read_request(Session& session);
  net::Task<int> read_head(Session& session);
  net::Task<int> read_body(Session& session);
  net::Task<void> refuse(Session& session, int status);
  net::Task<bool> read_more(Session& session);
  net::Task<bool> write_response(Session& session, const Response& response, bool close);
  bool make_room();

  net::Loop& loop_;
  net::Listener listener_;
  RequestHandler& handler_;
  const ServerLimits limits_;
  Sessions sessions_;
  bool stopping_ = false;
};

}  // namespace understudy::admin
