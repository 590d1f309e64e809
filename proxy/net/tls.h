// TLS towards a server (RFC 8446, RFC 5246): whom to trust, who we are, and the handshake. tls.cc is the only file that
// knows OpenSSL. SIGPIPE must be ignored: OpenSSL writes without MSG_NOSIGNAL.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "proxy/net/stream.h"
#include "proxy/settings.h"

struct ssl_ctx_st;

namespace understudy::net {

// Of one upstream. For the threads of one process; `shake_hands` may be called on all of them.
class TlsClient {
 public:
  // Reads the files that `settings` names; blocking. `host`: of the URL.
  TlsClient(const TlsSettings& settings, const std::string& host);
  ~TlsClient();
  // That of an https URL, null for http.
  static std::unique_ptr<TlsClient> of(const UpstreamSettings& upstream);
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  // What cannot be used: the name of the setting and why; both empty where everything can. Without it every handshake
  // fails.
  struct Problem {
    const char* key = "";
    std::string text;
  };
  const Problem& problem() const { return problem_; }

  // Says on stderr why there is no TLS with `whose` server ("candidate"), once for each reason that is another than the
  // last. From any thread.
  void tell(std::string_view whose, const std::string& why) const;

  // On a connected channel, within its deadline: from then on its octets are encrypted. Gives why not, in words; ""
  // where it is done.
  Task<std::string> shake_hands(Channel& channel) const;

 private:
  void trust(const TlsSettings& settings);
  void introduce(const TlsSettings& settings);

  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  std::unique_ptr<ssl_ctx_st, Free> context_;
  std::string name_;  // that the server must show a certificate for; "" where none is asked for
  bool is_address_;   // it is an address: not told to the server (RFC 6066, 3)
  Problem problem_;
  mutable std::mutex telling_;
  mutable std::string told_;
};

}  // namespace understudy::net
