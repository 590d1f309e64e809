// TLS towards a server (RFC 8446, RFC 5246): whom to trust, who we are, and the handshake. tls.cc is the only file that
// knows OpenSSL. SIGPIPE must be ignored: OpenSSL writes without MSG_NOSIGNAL.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "proxy/net/stream.h"
#include "proxy/settings.h"

struct ssl_ctx_st;

namespace understudy::net {

// Of one upstream. For all threads of one process.
class TlsClient {
 public:
  // Reads the files that `settings` names; blocking. `host`: of the URL.
  TlsClient(const TlsSettings& settings, const std::string& host);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;
  // That of an https URL, null for http.
  static std::shared_ptr<const TlsClient> of(const UpstreamSettings& upstream);

  // A file that cannot be used, by the name of its setting, and why; both empty where there is none. While there is
  // one, every handshake fails.
  struct Problem {
    std::string key;
    std::string text;
  };
  const Problem& problem() const { return problem_; }

  // On a connected channel, within its deadline: from then on its octets are encrypted. Gives 0, EPROTO, or ENOMEM
  // where it is us who cannot. This client must outlive the channel.
  Task<int> shake_hands(Channel& channel) const;

  // Why there is no TLS with the server, in one line for the operator: "" where there is nothing new, or it was told
  // less than ten seconds ago.
  std::string news(std::int64_t now_ms) const;

  // Called by connections that fail; never blocks for longer than it takes to keep the text.
  void note_failure(std::string why) const;

 private:
  void trust(const TlsSettings& settings);
  void introduce(const TlsSettings& settings);

  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  std::unique_ptr<ssl_ctx_st, Free> context_;
  std::string name_;  // that the server must show a certificate for
  bool is_address_;   // it is an address: not told to the server (RFC 6066, 3)
  Problem problem_;

  // What was not told yet.
  mutable std::mutex mutex_;
  mutable std::string why_;
  mutable std::uint64_t failures_ = 0;
  mutable std::int64_t next_news_ms_ = 0;
};

// Those that a plane needs; null for http. Made while there are rights to read the files.
struct TlsClients {
  std::shared_ptr<const TlsClient> primary;
  std::shared_ptr<const TlsClient> candidate;
  std::shared_ptr<const TlsClient> secondary;
};

}  // namespace understudy::net
