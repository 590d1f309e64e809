// One user connection, from accept to close: this is THE USER'S PATH, to be read from run() down.
//
//   run               request after request on one connection
//   wait_for_request  idle, then octets until a head is whole
//   serve             one exchange: to the primary and back, offering the copy as octets pass
//     send_request      small content whole, then a kept or fresh connection to the primary; all of it in one call
//     pump_request      the rest of the request's content, beside the response
//     read_response     interim responses, then the final head
//     relay_response    head and content back to the user
//     switch_protocols  … or, after a 101 that was asked for, a tunnel
//
// The request's way stands in session_request.cc, the response's in session_response.cc, how long either may take in
// session_deadlines.cc. A session is a coroutine on its worker's loop. It owns its stream; a deadline or a drain ends a
// wait by failing the stream.
#pragma once

#include <memory>
#include <string>

#include "proxy/net/stream.h"
#include "proxy/user/copy.h"
#include "proxy/user/link.h"
#include "proxy/user/primary_pool.h"
#include "proxy/user/worker.h"
#include "proxy/user/workspace.h"

namespace understudy::user {

inline constexpr net::Milliseconds no_deadline{0};
// After a response on a connection that ends: how long and how much of the client's octets are still read, so that the
// response is not lost to a reset (RFC 9112 9.6).
inline constexpr net::Milliseconds linger_time{1'000};
inline constexpr std::uint64_t linger_octets = 1u << 20;
// So long a client may keep a connection to the primary waiting though others need it. Content of a request may come as
// slowly as it likes for so long, and for as long as a single pause may last.
inline constexpr net::Milliseconds free_wait{5'000};

class Session {
 public:
  Session(Worker& worker, net::Stream client, const net::Address& peer);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  net::Task<void> run();

 private:
  friend class Worker;  // the lists of sessions

  net::Task<bool> wait_for_request();
  net::Task<bool> serve();
  net::Task<bool> send_request();
  net::Task<bool> gather_small_content();
  net::Task<bool> read_content(char* room);
  net::Stream::WriteAwaiter write_request();
  net::Task<void> pump_request();
  net::Task<bool> read_response();
  net::Stream::ReadAwaiter read_primary(char* room, std::size_t size);
  net::Task<void> relay_response();
  net::Task<void> switch_protocols();
  net::Task<void> finish_request_content();
  net::Task<void> answer(int status, const char* detail);
  net::Task<void> linger();

  net::Milliseconds kept_waiting();
  void take_back_primary();
  void set_client_deadline();
  net::Milliseconds waited_for_content() const;
  net::Milliseconds earned_wait() const;
  net::Milliseconds wait_left() const;
  void set_request_deadlines();
  bool primary_speaks_first() const;
  void begin_wait_for_content();
  void end_wait_for_content();
  void set_primary_deadline();
  void primary_was_read(const net::IoResult& read);
  bool content_is_small() const;
  bool is_too_large(std::uint64_t request_octets) const;
  char* room_for_content(http::Buffer& buffer, bool filled, std::uint64_t passed);
  bool prepare_request();
  void offer_request();
  void reject_request(int status, const char* detail);
  void primary_failed(int status, control::FailReason reason, const char* detail);
  void break_off(control::FailReason reason, http::Framing framing);
  void release_primary();
  void count_request(int status);
  void log_request(int status);
  void count_primary_error(control::FailReason reason);
  static control::FailReason fail_reason_of(const net::IoResult& result);

  Worker& worker_;
  const Settings& settings_;
  net::Stream client_;
  const http::ForwardContext forward_context_;
  std::unique_ptr<Workspace> work_;
  std::unique_ptr<PrimaryConnection> primary_;
  Copy copy_;
  const std::uint64_t connection_id_;

  // Of the exchange at hand.
  std::int64_t began_ns_ = 0;
  std::int64_t sent_ns_ = 0;     // the request's way to the primary began: not before small content was whole
  std::string_view content_;     // that was there before it was sent; stands in from_client
  std::size_t held_octets_ = 0;  // of from_client: the request as far as it was there then
  std::uint64_t request_octets_ = 0;
  std::int64_t waiting_since_ns_ = 0;  // for content of the request, at server.limits.body_rate; 0 = not
  std::int64_t waited_ns_ = 0;         // before that, in all
  std::uint64_t response_octets_ = 0;
  policy::Selection selection_;  // whether and how often this exchange is mirrored
  int minor_version_ = 1;
  bool keep_alive_ = false;  // the connection goes on after this exchange
  bool head_request_ = false;
  bool repeatable_ = false;        // idempotent, and all of it is still in the buffers
  bool content_came_ = false;      // octets behind the request's head have
  bool expects_continue_ = false;  // a 100, until it has come
  bool chunked_request_ = false;
  bool response_begun_ = false;        // octets of the final response are on their way to the client
  bool primary_write_failed_ = false;  // the primary takes no more of the request
  bool primary_aborted_ = false;       // the primary ended a warm connection without an answer, and is asked again
  bool primary_done_ = false;          // the response is over
  bool primary_reusable_ = false;
  bool client_failed_ = false;     // the client went away, or its request is at fault
  bool pumping_ = false;           // pump_request runs, and
  bool reading_request_ = false;   // … waits for the client
  bool writing_request_ = false;   // … waits for the primary
  bool writing_response_ = false;  // the client is being waited for
  net::Event pump_ended_;
  int failure_status_ = 0;  // our own answer, if no response was begun
  const char* failure_detail_ = "";

  // The worker's list of idle sessions, or that of busy ones.
  Link<Session> link_;
  std::int64_t idle_since_ms_ = 0;
};

}  // namespace understudy::user
