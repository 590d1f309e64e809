#include "proxy/net/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstring>
#include <new>
#include <utility>

namespace understudy::net {
namespace {

constexpr std::size_t record_size = 16 * 1024;  // RFC 8446, 5.1
constexpr std::int64_t news_interval_ms = 10'000;
constexpr unsigned char protocols[] = "\x08http/1.1";

bool is_literal(const std::string& host) {
  in6_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1 || inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool is_unexpected_end(unsigned long code) {
  return ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
}

bool is_our_shortage(unsigned long code) {
  return ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE;
}

bool trusts_anybody(SSL_CTX* context) {
  const STACK_OF(X509_OBJECT)* known = X509_STORE_get0_objects(SSL_CTX_get_cert_store(context));
  return sk_X509_OBJECT_num(known) > 0;
}

// The oldest of OpenSSL's complaints, for the others follow from it. Forgets all of them.
std::string complaint() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(code)) return std::strerror(ERR_GET_REASON(code));
  if (is_unexpected_end(code)) return "the connection was closed in the handshake";
  if (ERR_GET_LIB(code) == ERR_LIB_SSL &&
      (ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER || ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST))
    return "the server does not speak TLS";
  const char* reason = ERR_reason_error_string(code);
  return reason ? reason : "unknown error";
}

// Threads that nobody waits for may be at it while the process ends.
SSL_CTX* make_context() {
  OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, nullptr);
  return SSL_CTX_new(TLS_client_method());
}

struct FreeSession {
  void operator()(SSL* session) const { SSL_free(session); }
};
using Session = std::unique_ptr<SSL, FreeSession>;

class Tls final : public Transport {
 public:
  Tls(Session session, const TlsClient& client) : session_(std::move(session)), client_(client) {}

  ssize_t receive(void* buffer, std::size_t size) override {
    return moved(read_error_, [&](std::size_t& n) { return SSL_read_ex(session_.get(), buffer, size, &n); });
  }

  ssize_t peek() override {
    char octet;
    return moved(read_error_, [&](std::size_t& n) { return SSL_peek_ex(session_.get(), &octet, 1, &n); });
  }

  ssize_t send(const iovec* parts, int count) override {
    std::size_t left = 0;
    for (int i = 0; i < count; ++i) left += parts[i].iov_len;
    if (count > 1 && left <= record_size) return send_together(parts, count);
    ssize_t sent = 0;
    for (int i = 0; i < count; ++i) {
      for (std::size_t at = 0; at < parts[i].iov_len;) {
        const ssize_t n = write(static_cast<const char*>(parts[i].iov_base) + at, parts[i].iov_len - at);
        if (n < 0) return sent > 0 && errno == EAGAIN ? sent : n;
        at += static_cast<std::size_t>(n);
        sent += n;
      }
    }
    return sent;
  }

  // Sends close_notify; nobody waits for the peer's.
  bool end() override {
    if (write_error_ != 0) return true;
    ERR_clear_error();
    const int result = SSL_shutdown(session_.get());
    const bool must_wait = result < 0 && SSL_get_error(session_.get(), result) == SSL_ERROR_WANT_WRITE;
    ERR_clear_error();
    return !must_wait;
  }

 private:
  // A head and a little content are one record.
  ssize_t send_together(const iovec* parts, int count) {
    std::array<char, record_size> octets;
    std::size_t size = 0;
    for (int i = 0; i < count; ++i) {
      std::memcpy(octets.data() + size, parts[i].iov_base, parts[i].iov_len);
      size += parts[i].iov_len;
    }
    return write(octets.data(), size);
  }

  ssize_t write(const void* data, std::size_t size) {
    return moved(write_error_, [&](std::size_t& n) { return SSL_write_ex(session_.get(), data, size, &n); });
  }

  // The result of a call of OpenSSL as one of the kernel; `error` is that of its direction so far. An end without
  // close_notify is a reset: whoever cuts a connection must not make what was said look whole (RFC 8446, 6.1).
  template <class Call>
  ssize_t moved(int& error, Call call) {
    if (error != 0) {
      errno = error;
      return -1;
    }
    ERR_clear_error();
    std::size_t n = 0;
    errno = 0;
    const int result = call(n);
    if (result == 1) return static_cast<ssize_t>(n);
    const int system_error = errno;
    switch (SSL_get_error(session_.get(), result)) {
      case SSL_ERROR_ZERO_RETURN:
        if (&error == &read_error_) return 0;
        error = EPIPE;  // the peer has ended, and takes nothing either
        break;
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE:
        errno = EAGAIN;
        return -1;
      case SSL_ERROR_SYSCALL:
        error = system_error != 0 ? system_error : ECONNRESET;
        break;
      default:
        // OpenSSL's session is of no use from here on.
        read_error_ = write_error_ = is_our_shortage(ERR_peek_error())     ? ENOMEM
                                     : is_unexpected_end(ERR_peek_error()) ? ECONNRESET
                                                                           : EPROTO;
        if (error == EPROTO) client_.note_failure(complaint());
    }
    ERR_clear_error();
    errno = error;
    return -1;
  }

  Session session_;
  const TlsClient& client_;
  int read_error_ = 0;  // a write that failed takes back nothing of what the peer said before
  int write_error_ = 0;
};

}  // namespace

void TlsClient::Free::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

TlsClient::~TlsClient() = default;

TlsClient::TlsClient(const TlsSettings& settings, const std::string& host)
    : context_(make_context()), name_(settings.server_name.empty() ? host : settings.server_name) {
  if (!context_) throw std::bad_alloc();
  if (name_.ends_with('.')) name_.pop_back();  // of the root: in no certificate (RFC 6066, 3)
  is_address_ = is_literal(name_);
  SSL_CTX* context = context_.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_protos(context, protocols, sizeof protocols - 1);
  trust(settings);
  introduce(settings);
  ERR_clear_error();
}

std::shared_ptr<const TlsClient> TlsClient::of(const UpstreamSettings& upstream) {
  if (upstream.url.scheme != "https") return nullptr;
  return std::make_shared<const TlsClient>(upstream.tls, upstream.url.host);
}

void TlsClient::trust(const TlsSettings& settings) {
  SSL_CTX_set_verify(context_.get(), settings.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (settings.ca.empty()) {
    // The file is read now, the directory with every handshake.
    if (SSL_CTX_set_default_verify_file(context_.get()) != 1 || !trusts_anybody(context_.get()))
      SSL_CTX_set_default_verify_dir(context_.get());
    return;
  }
  // Whoever is named there is trusted, and not only where it is the root of its chain.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context_.get()), X509_V_FLAG_PARTIAL_CHAIN);
  if (SSL_CTX_load_verify_file(context_.get(), settings.ca.c_str()) != 1) problem_ = {"ca", complaint()};
}

void TlsClient::introduce(const TlsSettings& settings) {
  if (settings.certificate.empty() || !problem_.text.empty()) return;
  // A key with a passphrase is refused: without this OpenSSL asks the terminal for it.
  bool has_passphrase = false;
  SSL_CTX_set_default_passwd_cb_userdata(context_.get(), &has_passphrase);
  SSL_CTX_set_default_passwd_cb(context_.get(), [](char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return 0;
  });
  if (SSL_CTX_use_certificate_chain_file(context_.get(), settings.certificate.c_str()) != 1) {
    problem_ = {"certificate", complaint()};
  } else if (SSL_CTX_use_PrivateKey_file(context_.get(), settings.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    problem_ = {"key", has_passphrase ? "it has a passphrase" : complaint()};
  }
  SSL_CTX_set_default_passwd_cb_userdata(context_.get(), nullptr);
}

void TlsClient::note_failure(std::string why) const {
  const std::lock_guard lock(mutex_);
  why_ = std::move(why);
  ++failures_;
}

std::string TlsClient::news(std::int64_t now_ms) const {
  const std::lock_guard lock(mutex_);
  if (failures_ == 0 || now_ms < next_news_ms_) return {};
  next_news_ms_ = now_ms + news_interval_ms;
  const std::uint64_t count = std::exchange(failures_, 0);
  return "no TLS with " + name_ + ": " + why_ + (count > 1 ? " (" + std::to_string(count) + " failures)" : "");
}

namespace {

// Why the handshake ended so.
std::string reason_of(SSL* session, int error, int system_error) {
  const long verified = SSL_get_verify_result(session);
  if (verified != X509_V_OK && SSL_get_verify_mode(session) != SSL_VERIFY_NONE)
    return std::string("the certificate is not trusted: ") + X509_verify_cert_error_string(verified);
  if (error != SSL_ERROR_SYSCALL) return complaint();
  return system_error != 0 ? std::strerror(system_error) : "the connection was closed in the handshake";
}

}  // namespace

Task<int> TlsClient::shake_hands(Channel& channel) const {
  if (!problem_.text.empty()) {
    note_failure("tls." + problem_.key + ": " + problem_.text);
    co_return EPROTO;
  }
  ERR_clear_error();
  Session session(SSL_new(context_.get()));
  const bool is_ready = session && SSL_set_fd(session.get(), channel.fd) == 1 &&
                        (is_address_ ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session.get()), name_.c_str())
                                     : SSL_set1_host(session.get(), name_.c_str())) == 1 &&
                        (is_address_ || SSL_set_tlsext_host_name(session.get(), name_.c_str()) == 1);
  if (!is_ready) co_return ENOMEM;
  for (;;) {
    ERR_clear_error();
    errno = 0;
    const int result = SSL_connect(session.get());
    if (result == 1) break;
    const int system_error = errno;
    const int error = SSL_get_error(session.get(), result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      if (is_our_shortage(ERR_peek_error())) co_return ENOMEM;
      note_failure(reason_of(session.get(), error, system_error));
      co_return EPROTO;
    }
    const NextEvent event{&channel};
    co_await event;
    if (channel.error != 0) {
      note_failure(channel.error == ETIMEDOUT ? "the handshake was not over in time" : std::strerror(channel.error));
      co_return EPROTO;
    }
  }
  channel.carry_by(std::make_unique<Tls>(std::move(session), *this));
  co_return 0;
}

}  // namespace understudy::net
