// A server with TLS for tests, on a thread of its own and with blocking calls: the other end of TlsClient, written
// apart from it.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "tests/proxy/net/pairs.h"

namespace understudy::net {

// A certificate for `subject` ("IP:127.0.0.1"), of its own authority unless there is an issuer, and its key.
class Certificate {
 public:
  explicit Certificate(const char* subject, const Certificate* issuer = nullptr)
      : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
    X509_set_version(certificate_.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_.get()), -3'600);
    X509_gmtime_adj(X509_getm_notAfter(certificate_.get()), 3'600);
    X509_NAME* name = X509_get_subject_name(certificate_.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(subject), -1, -1, 0);
    X509_set_issuer_name(certificate_.get(), issuer ? X509_get_subject_name(issuer->get()) : name);
    X509_set_pubkey(certificate_.get(), key_.get());
    X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, subject);
    X509_add_ext(certificate_.get(), names, -1);
    X509_EXTENSION_free(names);
    EXPECT_GT(X509_sign(certificate_.get(), issuer ? issuer->key() : key_.get(), EVP_sha256()), 0);
  }

  X509* get() const { return certificate_.get(); }
  EVP_PKEY* key() const { return key_.get(); }

  // Certificate and key in one file; the key with a passphrase, if one is given.
  void write(const std::string& path, const char* passphrase = nullptr) const {
    std::FILE* file = std::fopen(path.c_str(), "w");
    ASSERT_NE(file, nullptr);
    PEM_write_X509(file, certificate_.get());
    PEM_write_PrivateKey(file, key_.get(), passphrase ? EVP_aes_128_cbc() : nullptr, nullptr, 0, nullptr,
                         const_cast<char*>(passphrase));
    std::fclose(file);
  }

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
  };
  std::unique_ptr<EVP_PKEY, Free> key_;
  std::unique_ptr<X509, Free> certificate_;
};

// Accepts one connection and does with it what `serve` says, the handshake done.
class TlsServer {
 public:
  using Serve = std::function<void(SSL*)>;

  // `most`: the latest version that it speaks.
  TlsServer(const Certificate& certificate, Serve serve, bool asks_for_certificate = false, int most = TLS1_3_VERSION) {
    ::fcntl(listening_.fd, F_SETFL, 0);
    context_ = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_max_proto_version(context_, most);
    SSL_CTX_use_certificate(context_, certificate.get());
    SSL_CTX_use_PrivateKey(context_, certificate.key());
    if (asks_for_certificate) {
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context_), certificate.get());
      SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    thread_ = std::thread([this, serve = std::move(serve)] { run(serve); });
  }
  ~TlsServer() {
    thread_.join();
    SSL_CTX_free(context_);
    ::close(listening_.fd);
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  const Address& address() const { return listening_.address; }

 private:
  void run(const Serve& serve) {
    const int fd = ::accept(listening_.fd, nullptr, nullptr);
    SSL* session = SSL_new(context_);
    SSL_set_fd(session, fd);
    if (SSL_accept(session) == 1) serve(session);
    SSL_free(session);
    ::close(fd);
  }

  ListeningSocket listening_;
  SSL_CTX* context_ = nullptr;
  std::thread thread_;
};

}  // namespace understudy::net
