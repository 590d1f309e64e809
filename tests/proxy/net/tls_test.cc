#include "proxy/net/tls.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "tests/proxy/net/tls_server.h"

namespace understudy::net {
namespace {

using std::chrono_literals::operator""ms;

Task<void> connect_to(Loop& loop, Address address, Milliseconds timeout, const TlsClient* tls, ConnectResult& result) {
  result = co_await connect(loop, address, timeout, tls);
}

void write_all(SSL* session, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const int n =
        SSL_write(session, text.data() + at, static_cast<int>(std::min<std::size_t>(text.size() - at, 50'000)));
    ASSERT_GT(n, 0);
    at += static_cast<std::size_t>(n);
  }
}

// Up to the client's end of TLS; "(cut)" at the end where that did not come.
std::string read_all(SSL* session) {
  std::string text;
  char buffer[10'000];
  int n = 0;
  while ((n = SSL_read(session, buffer, sizeof buffer)) > 0) text.append(buffer, static_cast<std::size_t>(n));
  return SSL_get_error(session, n) == SSL_ERROR_ZERO_RETURN ? text : text + "(cut)";
}

class Tls : public testing::Test {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);
    certificate_.write(file_);
    settings_.ca = file_;
  }
  void TearDown() override { std::filesystem::remove(file_); }

  ConnectResult connected(const Address& address, Milliseconds timeout = 20'000ms) {
    tls_ = std::make_unique<TlsClient>(settings_, "127.0.0.1");
    EXPECT_EQ(tls_->problem().text, "");
    ConnectResult result;
    loop_.spawn(connect_to(loop_, address, timeout, tls_.get(), result));
    loop_.run();
    return result;
  }
  std::string news() { return tls_->news(0); }

  Loop loop_;
  Certificate certificate_{"IP:127.0.0.1"};
  std::string file_ =
      std::filesystem::temp_directory_path() / ("understudy-tls-test-" + std::to_string(::getpid()) + ".pem");
  TlsSettings settings_;
  std::unique_ptr<TlsClient> tls_;
};

Task<void> write_pieces(Stream& stream, const std::string& first, const std::string& second, const std::string& third,
                        IoResult& result) {
  result =
      co_await stream.write_all(first.data(), first.size(), second.data(), second.size(), third.data(), third.size());
  stream.shutdown_write();
}

TEST_F(Tls, CarriesBothWaysAtOnceMoreThanTheKernelBuffers) {
  // A head, content that needs many records, and a tail that fits into one with what is left.
  const std::string head = long_text(500), content = long_text(3'000'001), tail = "\r\n", back = long_text(5 << 20);
  std::string there;
  ReadToEnd read;
  {
    TlsServer server(certificate_, [&](SSL* session) {
      write_all(session, back);
      SSL_shutdown(session);
      there = read_all(session);
    });
    ConnectResult result = connected(server.address());
    ASSERT_EQ(result.error, 0) << news();
    IoResult written;
    loop_.spawn(write_pieces(result.stream, head, content, tail, written));
    loop_.spawn(read_to_end(result.stream, read));
    loop_.run();
    EXPECT_EQ(written.n, static_cast<ssize_t>(head.size() + content.size() + tail.size()));
  }
  EXPECT_TRUE(there == head + content + tail);
  EXPECT_TRUE(read.text == back);
  EXPECT_TRUE(read.last.end());
}

TEST_F(Tls, WhatIsWrittenTogetherArrivesTogetherAndEndsWithTheStream) {
  std::string there;
  {
    TlsServer server(certificate_, [&](SSL* session) { there = read_all(session); });
    ConnectResult result = connected(server.address());
    ASSERT_EQ(result.error, 0) << news();
    IoResult written;
    loop_.spawn(write_pieces(result.stream, "POST", " / ", "HTTP/1.1", written));
    loop_.run();
    result.stream.close();
  }
  EXPECT_EQ(there, "POST / HTTP/1.1");
}

TEST_F(Tls, AResetLooksLikeNoEnd) {
  std::string there;
  {
    TlsServer server(certificate_, [&](SSL* session) { there = read_all(session); });
    ConnectResult result = connected(server.address());
    ASSERT_EQ(result.error, 0) << news();
    IoResult written;
    loop_.spawn(write_text(result.stream, "half", written));
    loop_.run();
    result.stream.reset();
  }
  EXPECT_TRUE(there.ends_with("(cut)")) << there;
}

TEST_F(Tls, AConnectionThatIsCutIsNoOrderlyEnd) {
  TlsServer server(certificate_, [&](SSL* session) {
    write_all(session, "half");
    ::shutdown(SSL_get_fd(session), SHUT_RDWR);
  });
  ConnectResult result = connected(server.address());
  ReadToEnd read;
  loop_.spawn(read_to_end(result.stream, read));
  loop_.run();
  EXPECT_EQ(read.text, "half");
  EXPECT_EQ(read.last.error, ECONNRESET);
}

TEST_F(Tls, AWriteToAPeerThatHasEndedFailsAndItsAnswerIsReadNevertheless) {
  TlsServer server(certificate_, [](SSL* session) {
    char octet;
    EXPECT_EQ(SSL_read(session, &octet, 1), 1);
    write_all(session, "enough");
    SSL_shutdown(session);
  });
  ConnectResult result = connected(server.address());
  const std::string text = long_text(20 << 20);
  IoResult written;
  ReadToEnd read;
  loop_.spawn(write_text(result.stream, text, written));
  loop_.spawn(read_to_end(result.stream, read));
  loop_.run();
  EXPECT_TRUE(written.error == EPIPE || written.error == ECONNRESET) << written.error;
  EXPECT_EQ(read.text, "enough");
}

TEST_F(Tls, WhatIsNoRecordIsAnErrorOfTheProtocolAndStaysOne) {
  TlsServer server(certificate_, [&](SSL* session) {
    const std::string plain = "HTTP/1.1 200 OK\r\n\r\n";
    EXPECT_EQ(::send(SSL_get_fd(session), plain.data(), plain.size(), 0), static_cast<ssize_t>(plain.size()));
  });
  ConnectResult result = connected(server.address());
  for (int i = 0; i < 2; ++i) {
    ReadToEnd read;
    loop_.spawn(read_to_end(result.stream, read));
    loop_.run();
    EXPECT_EQ(read.text, "");
    EXPECT_EQ(read.last.error, EPROTO);
  }
}

Task<void> read_and_look(Loop& loop, Stream& stream, std::string& answer, bool& had_news, bool& was_stale) {
  char buffer[100];
  const IoResult read = co_await stream.read_some(buffer, sizeof buffer);
  if (read.ok()) answer.assign(buffer, static_cast<std::size_t>(read.n));
  co_await loop.yield();
  had_news = stream.has_news();
  was_stale = stream.is_stale_now();
}

TEST_F(Tls, AnIdleConnectionHasNoNewsThoughTheServerSentTickets) {
  TlsServer server(certificate_, [&](SSL* session) {
    write_all(session, "answer");
    SSL_new_session_ticket(session);
    SSL_do_handshake(session);  // sends it
    read_all(session);
  });
  ConnectResult result = connected(server.address());
  std::string answer;
  bool had_news = true, was_stale = true;
  loop_.spawn(read_and_look(loop_, result.stream, answer, had_news, was_stale));
  loop_.run();
  EXPECT_EQ(answer, "answer");
  EXPECT_FALSE(had_news);
  EXPECT_FALSE(was_stale);
  result.stream.close();
}

TEST_F(Tls, AServerThatIsNotTrustedGetsNothing) {
  Certificate stranger("IP:127.0.0.1"), other("IP:127.0.0.2");
  for (const bool is_stranger : {true, false}) {
    other.write(file_);
    TlsServer server(is_stranger ? stranger : other, [](SSL*) { ADD_FAILURE() << "the handshake was done"; });
    ConnectResult result = connected(server.address());
    EXPECT_EQ(result.error, EPROTO);
    EXPECT_FALSE(result.stream.is_open());
    EXPECT_EQ(news(), std::string("no TLS with 127.0.0.1: the certificate is not trusted: ") +
                          (is_stranger ? "self-signed certificate" : "IP address mismatch"));
  }
}

TEST_F(Tls, WithoutVerifyAnyServerWillDo) {
  Certificate stranger("DNS:elsewhere");
  TlsServer server(stranger, [](SSL* session) { read_all(session); });
  settings_.verify = false;
  ConnectResult result = connected(server.address());
  EXPECT_EQ(result.error, 0) << news();
  result.stream.close();
}

TEST_F(Tls, TheNameThatTheServerMustHaveCanBeGiven) {
  Certificate named("DNS:shop.internal");
  named.write(file_);
  settings_.server_name = "shop.internal";
  std::string asked_for;
  {
    TlsServer server(named, [&](SSL* session) {
      const char* name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
      asked_for = name ? name : "";
      read_all(session);
    });
    ConnectResult result = connected(server.address());
    EXPECT_EQ(result.error, 0) << news();
    result.stream.close();
  }
  EXPECT_EQ(asked_for, "shop.internal");
}

TEST_F(Tls, WeSayWhoWeAre) {
  settings_.certificate = settings_.key = file_;
  bool is_known = false;
  {
    TlsServer server(certificate_, [&](SSL* session) { is_known = read_all(session).empty(); }, true);
    ConnectResult result = connected(server.address());
    EXPECT_EQ(result.error, 0) << news();
    result.stream.close();
  }
  EXPECT_TRUE(is_known);
}

TEST_F(Tls, WhoeverDoesNotKnowUsIsNamedWithItsReason) {
  // With TLS 1.3 the refusal comes after the handshake, with what is read first.
  TlsServer server(certificate_, [](SSL*) { ADD_FAILURE() << "the handshake was done"; }, true);
  ConnectResult result = connected(server.address());
  ASSERT_EQ(result.error, 0);
  ReadToEnd read;
  loop_.spawn(read_to_end(result.stream, read));
  loop_.run();
  EXPECT_EQ(read.last.error, EPROTO);
  EXPECT_EQ(news(), "no TLS with 127.0.0.1: tlsv13 alert certificate required");
}

TEST_F(Tls, WhereNothingIsVerifiedTheCertificateIsNoReason) {
  TlsServer server(certificate_, [](SSL*) { ADD_FAILURE() << "the handshake was done"; }, true, TLS1_2_VERSION);
  settings_ = {};
  settings_.verify = false;
  EXPECT_EQ(connected(server.address()).error, EPROTO);
  EXPECT_EQ(news(), "no TLS with 127.0.0.1: sslv3 alert handshake failure");
}

TEST_F(Tls, AServerWithoutTlsIsCalledSo) {
  const ListeningSocket listening;
  std::thread server([&listening] {
    ::fcntl(listening.fd, F_SETFL, 0);
    const int fd = ::accept(listening.fd, nullptr, nullptr);
    const std::string answer = "HTTP/1.1 400 Bad Request\r\n\r\n";
    EXPECT_EQ(::send(fd, answer.data(), answer.size(), 0), static_cast<ssize_t>(answer.size()));
    char octet;
    while (::recv(fd, &octet, 1, 0) > 0) {
    }
    ::close(fd);
  });
  EXPECT_EQ(connected(listening.address).error, EPROTO);
  server.join();
  EXPECT_EQ(news(), "no TLS with 127.0.0.1: the server does not speak TLS");
  ::close(listening.fd);
}

TEST_F(Tls, NewsComeEveryTenSecondsAtMostAndCount) {
  const TlsClient client({}, "shop");
  EXPECT_EQ(client.news(0), "");
  client.note_failure("first");
  EXPECT_EQ(client.news(0), "no TLS with shop: first");
  for (int i = 0; i < 3; ++i) client.note_failure("second");
  EXPECT_EQ(client.news(9'999), "");
  EXPECT_EQ(client.news(10'000), "no TLS with shop: second (3 failures)");
  EXPECT_EQ(client.news(20'000), "");
}

TEST_F(Tls, AuthorityMayBeAnyOfTheChainAndANameMayEndInADot) {
  const Certificate root("DNS:authority"), leaf("DNS:shop.internal", &root);
  leaf.write(file_);
  settings_.server_name = "shop.internal.";
  TlsServer server(leaf, [](SSL* session) { read_all(session); });
  ConnectResult result = connected(server.address());
  EXPECT_EQ(result.error, 0) << news();
  result.stream.close();
}

TEST_F(Tls, AnEndForWhichThereIsNoRoomIsToldLater) {
  std::string there;
  const std::string text = long_text(1 << 20);
  {
    TlsServer server(certificate_, [&](SSL* session) { there = read_all(session); });
    ConnectResult result = connected(server.address());
    ASSERT_EQ(result.error, 0) << news();
    const int small = 4096;
    setsockopt(result.stream.fd(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    IoResult written;
    ReadToEnd read;
    loop_.spawn(write_and_shut(result.stream, text, written));
    loop_.spawn(read_to_end(result.stream, read));
    loop_.run();
  }
  EXPECT_TRUE(there == text) << there.size();
}

TEST_F(Tls, AServerThatSaysNothingHasUntilTheTimeout) {
  const ListeningSocket listening;
  const ConnectResult result = connected(listening.address, 200ms);
  EXPECT_EQ(result.error, EPROTO);
  EXPECT_EQ(news(), "no TLS with 127.0.0.1: the handshake was not over in time");
  ::close(listening.fd);
}

TEST_F(Tls, AFileThatCannotBeUsedIsNamedByItsKey) {
  const auto problem_of = [](const TlsSettings& settings) {
    const TlsClient client(settings, "shop");
    return client.problem().key + ": " + client.problem().text;
  };
  TlsSettings settings;
  settings.ca = "/nonexistent";
  EXPECT_EQ(problem_of(settings), "ca: No such file or directory");
  settings.ca = file_;
  settings.certificate = file_;
  settings.key = "/nonexistent";
  EXPECT_EQ(problem_of(settings), "key: No such file or directory");
  const std::string other = file_ + ".other";
  Certificate("DNS:other").write(other);
  settings.key = other;
  EXPECT_EQ(problem_of(settings), "key: key values mismatch");
  std::ofstream(other) << "no PEM";
  settings.key = file_;
  settings.certificate = other;
  EXPECT_EQ(problem_of(settings), "certificate: no start line");
  Certificate("DNS:other").write(other, "secret");
  settings.certificate = settings.key = other;
  EXPECT_EQ(problem_of(settings), "key: it has a passphrase");
  std::filesystem::remove(other);
}

}  // namespace
}  // namespace understudy::net
