// Response heads: what is accepted, what it is read as, and a case for each way of RELIABILITY's table in which llhttp
// would read it otherwise.
#include <gtest/gtest.h>

#include <string>

#include "tests/proxy/http/heads.h"

namespace understudy::http {
namespace {

std::string ok_with(const std::string& lines) {
  return "HTTP/1.1 200 OK\r\n" + lines + "\r\n";
}

TEST(ResponseHead, IsSplit) {
  OwningResponseHead head;
  const std::string octets = "HTTP/1.1 404 Not  Here\r\nServer: x\r\nContent-Length: 12 \r\n\r\n";
  ASSERT_EQ(read_response(octets, "GET", head), 0);
  EXPECT_EQ(head.status, 404);
  EXPECT_EQ(head.reason, "Not  Here");
  EXPECT_EQ(head.minor_version, 1);
  EXPECT_EQ(head.framing, Framing::content_length);
  EXPECT_EQ(head.content_length, 12);
  EXPECT_TRUE(head.keep_alive);
  ASSERT_EQ(head.fields.size(), 2u);
  EXPECT_EQ(head.fields[1].value, "12");
}

TEST(ResponseHead, MayLackAReason) {
  OwningResponseHead head;
  ASSERT_EQ(read_response("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "GET", head), 0);
  EXPECT_EQ(head.reason, "");
  ASSERT_EQ(read_response("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "GET", head), 0);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.reason, "");
}

TEST(ResponseHead, ControlOctetsInTheReasonAreRefused) {
  EXPECT_EQ(response_status("HTTP/1.1 200 O\x1aK\r\nContent-Length: 0\r\n\r\n"), 502);
  EXPECT_EQ(response_status("HTTP/1.1 200 \x7f\r\nContent-Length: 0\r\n\r\n"), 502);
  EXPECT_EQ(response_status("HTTP/1.1 200 \tO\xc3K\r\nContent-Length: 0\r\n\r\n"), 0);
}

TEST(ResponseHead, NoCutOfAHeadIsAHead) {
  const std::string octets = ok_with("Transfer-Encoding: chunked\r\nConnection: close\r\n");
  for (std::size_t size = 0; size < octets.size(); ++size)
    EXPECT_EQ(response_status(octets.substr(0, size)), -1) << size;
  EXPECT_EQ(response_status(octets), 0);
}

// 1, 2: folded lines, empty names; bare line ends.
TEST(ResponseHead, MalformedLinesAreRefused) {
  EXPECT_EQ(response_status(ok_with("X: a\r\n b\r\n")), 502);
  EXPECT_EQ(response_status(ok_with("Content-Length:\r\n 5\r\n")), 502);
  EXPECT_EQ(response_status(ok_with(": x\r\n")), 502);
  EXPECT_EQ(response_status(ok_with("X : a\r\n")), 502);
  EXPECT_EQ(response_status(ok_with("X: a\x01\r\n")), 502);
  EXPECT_EQ(response_status("HTTP/1.1 200 OK\rContent-Length: 5\r\n\r\n"), 502);
  EXPECT_EQ(response_status("HTTP/1.1 200 OK\nContent-Length: 5\r\n\r\n"), 502);
  EXPECT_EQ(response_status("\r\nHTTP/1.1 200 OK\r\n\r\n"), 502);
  EXPECT_EQ(response_status(" HTTP/1.1 200 OK\r\n\r\n"), 502);
}

// 4, 17: versions and codes.
TEST(ResponseHead, OnlyHttp10AndHttp11AreSpoken) {
  for (const char* version :
       {"HTTP/0.9", "HTTP/2.0", "HTTP/1.2", "HTTP/1", "http/1.1", "RTSP/1.0", "ICY", "HTTP/1.1 "}) {
    EXPECT_EQ(response_status(std::string(version) + " 200 OK\r\nContent-Length: 0\r\n\r\n"), 502) << version;
  }
  OwningResponseHead head;
  ASSERT_EQ(read_response("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", "GET", head), 0);
  EXPECT_EQ(head.minor_version, 0);
}

TEST(ResponseHead, StatusIsThreeDigitsFrom100To599) {
  for (const char* code :
       {"99", "099", "000", "600", "999", "1000", "2000", "20", "2", "", "abc", "20x", "-20", "+200", "200OK"}) {
    EXPECT_EQ(response_status("HTTP/1.1 " + std::string(code) + " X\r\nContent-Length: 0\r\n\r\n"), 502) << code;
  }
  for (const char* code : {"100", "103", "199", "200", "299", "399", "451", "599"}) {
    EXPECT_EQ(response_status("HTTP/1.1 " + std::string(code) + " X\r\n\r\n"), 0) << code;
  }
}

TEST(ResponseHead, ASwitchOfProtocolsIsTheOneThatWasAskedFor) {
  const std::string line = "HTTP/1.1 101 Switching Protocols\r\n";
  const std::string good = line + "Upgrade: websocket\r\nConnection: upgrade\r\n\r\n";
  EXPECT_EQ(response_status(good), 502);  // nobody asked
  OwningResponseHead head;
  EXPECT_EQ(read_response(good, "GET", head, true), 0);
  EXPECT_EQ(head.framing, Framing::none);
  EXPECT_EQ(read_response("HTTP/1.0" + good.substr(8), "GET", head, true), 502);
  for (const char* fields :
       {"", "Upgrade: websocket\r\n", "Connection: upgrade\r\n", "Upgrade: h2c\r\nConnection: upgrade\r\n",
        "Upgrade: websocket\r\nUpgrade: h2c\r\nConnection: upgrade\r\n"}) {
    EXPECT_EQ(read_response(line + fields + "\r\n", "GET", head, true), 502) << fields;
  }
}

// 5, 6, 7, 17: Transfer-Encoding.
TEST(ResponseHead, TransferEncodingIsExactlyOneChunked) {
  OwningResponseHead head;
  ASSERT_EQ(read_response(ok_with("Transfer-Encoding: CHUNKED \r\n"), "GET", head), 0);
  EXPECT_EQ(head.framing, Framing::chunked);
  EXPECT_TRUE(head.keep_alive);
  for (const char* value :
       {"", "gzip", "gzip, chunked", "chunked, gzip", "identity", ",chunked", "chunked,chunked", "xchunked"}) {
    EXPECT_EQ(response_status(ok_with("Transfer-Encoding: " + std::string(value) + "\r\n")), 502) << value;
  }
  EXPECT_EQ(response_status(ok_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")), 502);
  EXPECT_EQ(response_status(ok_with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")), 502);
  EXPECT_EQ(response_status(ok_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")), 502);
  EXPECT_EQ(response_status("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), 502);
}

// 8: lengths.
TEST(ResponseHead, ContentLengthIsOneNumberOfDigits) {
  for (const char* value : {"", "-1", "+5", "5,5", "0x5", "9223372036854775808", "18446744073709551616"}) {
    EXPECT_EQ(response_status(ok_with("Content-Length: " + std::string(value) + "\r\n")), 502) << value;
  }
  EXPECT_EQ(response_status(ok_with("Content-Length: 5\r\nContent-Length: 5\r\n")), 502);
  EXPECT_EQ(response_status(ok_with("Content-Length: 9223372036854775807\r\n")), 0);
}

// 16: no content, whatever the fields say.
TEST(ResponseHead, SomeResponsesHaveNoContent) {
  OwningResponseHead head;
  for (const char* status : {"100 Continue", "103 Early Hints", "204 No Content", "304 Not Modified"}) {
    for (const char* framing : {"Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", ""}) {
      ASSERT_EQ(read_response("HTTP/1.1 " + std::string(status) + "\r\n" + framing + "\r\n", "GET", head), 0) << status;
      EXPECT_EQ(head.framing, Framing::none) << status << framing;
      EXPECT_TRUE(head.keep_alive) << status << framing;
    }
  }
  ASSERT_EQ(read_response(ok_with("Content-Length: 5\r\n"), "HEAD", head), 0);
  EXPECT_EQ(head.framing, Framing::none);
  EXPECT_EQ(head.content_length, 5);
  ASSERT_EQ(read_response(ok_with(""), "HEAD", head), 0);
  EXPECT_EQ(head.framing, Framing::none);
  EXPECT_TRUE(head.keep_alive);
}

TEST(ResponseHead, WithoutFramingContentEndsWithTheConnection) {
  OwningResponseHead head;
  ASSERT_EQ(read_response(ok_with("Connection: keep-alive\r\n"), "GET", head), 0);
  EXPECT_EQ(head.framing, Framing::until_close);
  EXPECT_EQ(head.content_length, -1);
  EXPECT_FALSE(head.keep_alive);
}

TEST(ResponseHead, ConnectionTokensDecideAboutTheConnection) {
  OwningResponseHead head;
  ASSERT_EQ(read_response(ok_with("Content-Length: 0\r\nConnection: close\t\r\n"), "GET", head), 0);
  EXPECT_FALSE(head.keep_alive);
  ASSERT_EQ(read_response(ok_with("Content-Length: 0\r\nProxy-Connection: close\r\n"), "GET", head), 0);
  EXPECT_TRUE(head.keep_alive);
  ASSERT_EQ(read_response("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", "GET", head), 0);
  EXPECT_FALSE(head.keep_alive);
  ASSERT_EQ(read_response("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n", "GET", head), 0);
  EXPECT_TRUE(head.keep_alive);
}

TEST(ResponseHead, ConnectionMarksTheFieldsItNames) {
  OwningResponseHead head;
  ASSERT_EQ(read_response(ok_with("Content-Length: 0\r\nX-Hop: 1\r\nX-End: 2\r\nConnection: x-hop, content-length\r\n"),
                          "GET", head),
            0);
  EXPECT_FALSE(head.fields[0].nominated);
  EXPECT_TRUE(head.fields[1].nominated);
  EXPECT_FALSE(head.fields[2].nominated);
}

}  // namespace
}  // namespace understudy::http
