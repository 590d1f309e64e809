// Request heads: what is accepted, what it is read as, and a case for each way of RELIABILITY's table in which llhttp
// would read it otherwise.
#include <gtest/gtest.h>

#include <string>

#include "tests/proxy/http/heads.h"

namespace understudy::http {
namespace {

TEST(RequestHead, IsSplit) {
  OwningRequestHead head;
  const std::string octets =
      "POST /a/b?c=d HTTP/1.1\r\nHost: example.com:8080\r\nX-Empty:\r\nX-Spaced: \t a b \t\r\ncontent-LENGTH: "
      "5\r\n\r\n";
  ASSERT_EQ(read_request(octets, head), 0);
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/a/b?c=d");
  EXPECT_EQ(path_of(head.target), "/a/b");
  EXPECT_EQ(head.authority, "example.com:8080");
  EXPECT_EQ(head.minor_version, 1);
  EXPECT_EQ(head.framing, Framing::content_length);
  EXPECT_EQ(head.content_length, 5u);
  EXPECT_TRUE(head.keep_alive);
  ASSERT_EQ(head.fields.size(), 4u);
  EXPECT_EQ(head.fields[0].name, "Host");
  EXPECT_EQ(head.fields[1].name, "X-Empty");
  EXPECT_EQ(head.fields[1].value, "");
  EXPECT_EQ(head.fields[2].value, "a b");
  EXPECT_EQ(head.fields[3].name, "content-LENGTH");
  EXPECT_EQ(head.fields[3].id, FieldId::content_length);
}

TEST(RequestHead, IsReadAnewIntoTheSameObject) {
  OwningRequestHead head;
  ASSERT_EQ(read_request(post_with("Transfer-Encoding: chunked\r\nExpect: 100-continue\r\nUpgrade: h2c\r\nTE: "
                                   "trailers\r\nConnection: close, TE\r\n"),
                         head),
            0);
  EXPECT_EQ(head.framing, Framing::chunked);
  EXPECT_TRUE(head.expect_continue);
  EXPECT_TRUE(head.te_trailers);
  EXPECT_FALSE(head.keep_alive);
  ASSERT_EQ(read_request(get_with(""), head), 0);
  EXPECT_EQ(head.framing, Framing::none);
  EXPECT_EQ(head.fields.size(), 1u);
  EXPECT_FALSE(head.expect_continue);
  EXPECT_FALSE(head.te_trailers);
  EXPECT_TRUE(head.keep_alive);
}

TEST(RequestHead, LlhttpIsCompiledInStrictMode) {
  EXPECT_TRUE(llhttp_is_strict());
  OwningRequestHead head;
  // Straight to the parser, without the scan: loose 8.1.0 skips the octet after CR.
  EXPECT_EQ(parse_request_head("GET / HTTP/1.1\r\nHost: a\r\nX:\rTransfer-Encoding: chunked\r\n\r\n", head).status,
            400);
  EXPECT_EQ(parse_request_head("GET / HTTP/1.1\r\nHost: a\r\n\rX", head).status, 400);
  EXPECT_EQ(parse_request_head("GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", head).status, 400);
}

TEST(RequestHead, ParserRefusesWhatIsNotOneWholeHead) {
  OwningRequestHead head;
  EXPECT_EQ(parse_request_head("", head).status, 400);
  EXPECT_EQ(parse_request_head("GET / HTTP/1.1\r\nHost: a\r\n", head).status, 400);
  EXPECT_EQ(parse_request_head("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET", head).status, 400);
}

TEST(RequestHead, NoCutOfAHeadIsAHead) {
  const std::string octets = post_with("Content-Length: 5\r\nConnection: close\r\n");
  for (std::size_t size = 0; size < octets.size(); ++size)
    EXPECT_EQ(request_status(octets.substr(0, size)), -1) << size;
  EXPECT_EQ(request_status(octets), 0);
}

// 1, 2: folded lines, empty names.
TEST(RequestHead, FoldedLinesAreRefused) {
  EXPECT_EQ(request_status(post_with("Transfer-Encoding:\r\n chunked\r\n")), 400);
  EXPECT_EQ(request_status(post_with("Content-Length:\r\n 5\r\n")), 400);
  EXPECT_EQ(request_status(get_with("X: b\r\n Content-Length: 35\r\n")), 400);
  EXPECT_EQ(request_status(get_with("X: b\r\n\tc\r\n")), 400);
}

TEST(RequestHead, EmptyAndMalformedNamesAreRefused) {
  EXPECT_EQ(request_status(get_with(": x\r\n")), 400);
  EXPECT_EQ(request_status(get_with("X : x\r\n")), 400);
  EXPECT_EQ(request_status(get_with("X\r\n")), 400);
  EXPECT_EQ(request_status(get_with("X(y): x\r\n")), 400);
  EXPECT_EQ(request_status(get_with(std::string("X: a\0b\r\n", 8))), 400);
  EXPECT_EQ(request_status(get_with("X: a\x01\r\n")), 400);
  EXPECT_EQ(request_status(get_with("X: a\x7f\r\n")), 400);
}

// 3: Host.
TEST(RequestHead, AsksForExactlyOneValidHost) {
  EXPECT_EQ(request_status("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(request_status("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(request_status("GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n"), 400);
  for (const char* host : {"", "a b", "a/b", "a b/@", "user@a", "a:b", "a:65536", "a:-1", "a:1:2", "[::1", "::1", "[a]",
                           "a,b", "a\\b", "a?b", "a#b", "a%2"}) {
    EXPECT_EQ(request_status("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n"), 400) << host;
  }
  for (const char* host :
       {"a", "a.b-c_d", "a:", "a:0", "a:65535", "127.0.0.1:80", "[::1]", "[::ffff:1.2.3.4]:443", "a%2Db"}) {
    EXPECT_EQ(request_status("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n"), 0) << host;
  }
}

TEST(RequestHead, MayLackHostInHttp10) {
  OwningRequestHead head;
  ASSERT_EQ(read_request("GET / HTTP/1.0\r\n\r\n", head), 0);
  EXPECT_EQ(head.authority, "");
  EXPECT_EQ(request_status("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(request_status("GET / HTTP/1.0\r\nHost: a b\r\n\r\n"), 400);
}

TEST(RequestHead, AbsoluteFormOverridesHost) {
  OwningRequestHead head;
  ASSERT_EQ(read_request("GET http://b:81/x?y HTTP/1.1\r\nHost: a\r\n\r\n", head), 0);
  EXPECT_EQ(head.authority, "b:81");
  EXPECT_EQ(head.target, "/x?y");
  ASSERT_EQ(read_request("GET HTTPS://b HTTP/1.1\r\nHost: a\r\n\r\n", head), 0);
  EXPECT_EQ(head.authority, "b");
  EXPECT_EQ(head.target, "/");
  ASSERT_EQ(read_request("OPTIONS http://b HTTP/1.1\r\nHost: a\r\n\r\n", head), 0);
  EXPECT_EQ(head.target, "*");
  ASSERT_EQ(read_request("GET http://b?y HTTP/1.1\r\nHost: a\r\n\r\n", head), 0);
  EXPECT_EQ(head.authority, "b");
  EXPECT_EQ(head.target, "/?y");
  EXPECT_EQ(request_status("GET http://b/ HTTP/1.1\r\n\r\n"), 400);  // Host is asked for all the same
  EXPECT_EQ(request_status("GET http://user@b/ HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(request_status("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(request_status("GET ftp://b/ HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
}

// 4: versions and protocols.
TEST(RequestHead, OnlyHttp10AndHttp11AreSpoken) {
  for (const char* version : {"HTTP/0.9", "HTTP/2.0", "HTTP/1.2", "HTTP/3.0", "HTTP/9.9"}) {
    EXPECT_EQ(request_status("GET / " + std::string(version) + "\r\nHost: a\r\n\r\n"), 505) << version;
  }
  for (const char* version : {"RTSP/1.0", "ICE/1.0", "http/1.1", "HTTP/1.1 ", "HTTP/1.10", "HTTP/11", "HTTP/1", "HTTP/",
                              "HTTP/1.1x", "XTTP/1.1", ""}) {
    EXPECT_EQ(request_status("GET / " + std::string(version) + "\r\nHost: a\r\n\r\n"), 400) << version;
  }
  EXPECT_EQ(request_status("OPTIONS * RTSP/1.0\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(request_status("SOURCE / ICE/1.0\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(request_status("PRI * HTTP/2.0\r\n\r\n"), 505);
  EXPECT_EQ(request_status("GET /\r\n\r\n"), 400);
}

// 5, 6, 7: Transfer-Encoding.
TEST(RequestHead, TransferEncodingIsExactlyOneChunked) {
  OwningRequestHead head;
  for (const char* value : {"chunked", "Chunked", "CHUNKED", " chunked ", "\tchunked\t"}) {
    ASSERT_EQ(read_request(post_with("Transfer-Encoding:" + std::string(value) + "\r\n"), head), 0) << value;
    EXPECT_EQ(head.framing, Framing::chunked);
  }
  for (const char* value : {"", ",chunked", "chunked,", "chunked,chunked", "chunked, gzip", "identity", "xchunked",
                            "chunkedx", "chunked;q=1", "\"chunked\"", "chunked chunked"}) {
    EXPECT_EQ(request_status(post_with("Transfer-Encoding: " + std::string(value) + "\r\n")), 400) << value;
  }
  EXPECT_EQ(request_status(post_with("Transfer-Encoding: gzip, chunked\r\n")), 501);
  EXPECT_NE(request_status(post_with("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n")), 0);
  EXPECT_NE(request_status(post_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")), 0);
  EXPECT_NE(request_status(post_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n")), 0);
}

TEST(RequestHead, TransferEncodingBesideContentLengthIsRefused) {
  EXPECT_EQ(request_status(post_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")), 400);
  EXPECT_EQ(request_status(post_with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")), 400);
  EXPECT_EQ(request_status(post_with("Transfer-Encoding:\r\nContent-Length: 5\r\n")), 400);
}

TEST(RequestHead, TransferEncodingInHttp10IsRefused) {
  EXPECT_EQ(request_status("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

// 8: lengths.
TEST(RequestHead, ContentLengthIsOneNumberOfDigits) {
  OwningRequestHead head;
  ASSERT_EQ(read_request(post_with("Content-Length: 0\r\n"), head), 0);
  EXPECT_EQ(head.framing, Framing::content_length);
  EXPECT_EQ(head.content_length, 0u);
  ASSERT_EQ(read_request(post_with("Content-Length: 9223372036854775807\r\n"), head), 0);
  EXPECT_EQ(head.content_length, 9223372036854775807u);
  for (const char* value : {"", "-1", "+5", "0x5", "5 5", "5,5", "5, 5", "1e3", "5_0", "9223372036854775808",
                            "18446744073709551615", "18446744073709551616", "99999999999999999999999"}) {
    EXPECT_EQ(request_status(post_with("Content-Length: " + std::string(value) + "\r\n")), 400) << value;
  }
  EXPECT_EQ(request_status(post_with("Content-Length: 5\r\nContent-Length: 5\r\n")), 400);
  EXPECT_EQ(request_status(post_with("Content-Length: 5\r\ncontent-length: 6\r\n")), 400);
}

// 9: limits.
TEST(RequestHead, SizeAndNumberOfFieldsAreLimited) {
  EXPECT_EQ(request_status(get_with("X: " + std::string(64 * 1024, 'x') + "\r\n")), 431);
  std::string lines;
  for (int i = 0; i < 128; ++i) lines += "X: y\r\n";
  EXPECT_EQ(request_status(get_with(lines)), 431);
}

TEST(RequestHead, ConnectionOptionsAreLimited) {
  std::string options = "a";
  for (int i = 0; i < 31; ++i) options += ",a";
  EXPECT_EQ(request_status(get_with("Connection: " + options + "\r\n")), 0);
  EXPECT_EQ(request_status(get_with("Connection: " + options + ",a\r\n")), 400);
}

// 12, 13: who keeps the connection.
TEST(RequestHead, ConnectionTokensDecideAboutTheConnection) {
  OwningRequestHead head;
  for (const char* value :
       {"close", "Close", "close\t", " close , x", "x,close", "keep-alive, close", "close, keep-alive"}) {
    ASSERT_EQ(read_request(get_with("Connection: " + std::string(value) + "\r\n"), head), 0);
    EXPECT_FALSE(head.keep_alive) << value;
  }
  for (const char* value : {"", "keep-alive", "closed", "x-close", "clos", "close x"}) {
    ASSERT_EQ(read_request(get_with("Connection: " + std::string(value) + "\r\n"), head), 0);
    EXPECT_TRUE(head.keep_alive) << value;
  }
  ASSERT_EQ(read_request(get_with("Connection: x\r\nConnection: close\r\n"), head), 0);
  EXPECT_FALSE(head.keep_alive);
  ASSERT_EQ(read_request(get_with("Proxy-Connection: close\r\n"), head), 0);
  EXPECT_TRUE(head.keep_alive);
  ASSERT_EQ(read_request("GET / HTTP/1.0\r\nProxy-Connection: keep-alive\r\n\r\n", head), 0);
  EXPECT_FALSE(head.keep_alive);
  ASSERT_EQ(read_request("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", head), 0);
  EXPECT_TRUE(head.keep_alive);
  ASSERT_EQ(read_request("GET / HTTP/1.0\r\n\r\n", head), 0);
  EXPECT_FALSE(head.keep_alive);
}

TEST(RequestHead, ConnectionMarksTheFieldsItNamesButNotFramingOrHost) {
  OwningRequestHead head;
  ASSERT_EQ(read_request(post_with("Connection: X-Hop, close, host, content-length\r\nx-hop: 1\r\nX-End: "
                                   "2\r\nContent-Length: 3\r\nX-HOP: 4\r\n"),
                         head),
            0);
  for (const Field& field : head.fields) {
    EXPECT_EQ(field.nominated, equals_ignore_case(field.name, "x-hop")) << field.name;
  }
  EXPECT_EQ(head.content_length, 3u);
}

// 14: the request line.
TEST(RequestHead, SpacesInTheRequestLineDoNotReachTheTarget) {
  OwningRequestHead head;
  ASSERT_EQ(read_request("GET   /x   HTTP/1.1\r\nHost: a\r\n\r\n", head), 0);
  EXPECT_EQ(head.method, "GET");
  EXPECT_EQ(head.target, "/x");
  EXPECT_EQ(request_status("GET /x y HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(request_status("GET\t/x HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(request_status("GET /x\tHTTP/1.1\r\nHost: a\r\n\r\n"), 400);
}

TEST(RequestHead, TargetsOfOtherFormsAreRefused) {
  EXPECT_EQ(request_status("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(request_status("GET http://b/#c HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(request_status("GET * HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(request_status("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
  EXPECT_EQ(request_status("GET x HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(request_status("GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(request_status("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n"), 501);
  EXPECT_EQ(request_status("GET /\x80 HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
}

// 15: an upgrade is none until the primary agrees, and WebSocket is the only one that is asked for.
TEST(RequestHead, AnUpgradeIsReadAsAnOrdinaryRequest) {
  OwningRequestHead head;
  ASSERT_EQ(read_request(post_with("Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n"), head), 0);
  EXPECT_EQ(head.framing, Framing::content_length);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.websocket);
}

TEST(RequestHead, WebSocketIsAskedForInOneWay) {
  OwningRequestHead head;
  ASSERT_EQ(read_request(get_with("Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"), head), 0);
  EXPECT_TRUE(head.websocket);
  EXPECT_TRUE(head.keep_alive);
  for (const std::string& octets :
       {get_with("Upgrade: websocket\r\n"), get_with("Connection: Upgrade\r\n"),
        get_with("Connection: Upgrade\r\nUpgrade: h2c\r\n"),
        get_with("Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n"),
        get_with("Connection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: websocket\r\n"),
        get_with("Connection: Upgrade\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n"),
        std::string("GET / HTTP/1.0\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
        std::string("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")}) {
    ASSERT_EQ(read_request(octets, head), 0) << octets;
    EXPECT_FALSE(head.websocket) << octets;
  }
  ASSERT_EQ(read_request(get_with(""), head), 0);
  EXPECT_FALSE(head.websocket);
}

// 20: methods.
TEST(RequestHead, UnknownMethodsAreNotImplemented) {
  for (const char* method : {"QUERY", "get", "GETX", "FOO", "Get"}) {
    EXPECT_EQ(request_status(std::string(method) + " / HTTP/1.1\r\nHost: a\r\n\r\n"), 501) << method;
  }
  for (const char* method :
       {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "PROPFIND", "PURGE"}) {
    EXPECT_EQ(request_status(std::string(method) + " / HTTP/1.1\r\nHost: a\r\n\r\n"), 0) << method;
  }
  EXPECT_EQ(request_status("G(T / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(request_status("/ HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(request_status("GARBAGE\r\n\r\n"), 400);
  EXPECT_EQ(request_status("\x16\x03\x01\x02"), 400);
}

TEST(RequestHead, ExpectationsOtherThanContinueFail) {
  OwningRequestHead head;
  ASSERT_EQ(read_request(post_with("Expect: 100-Continue\r\nContent-Length: 1\r\n"), head), 0);
  EXPECT_TRUE(head.expect_continue);
  ASSERT_EQ(read_request(post_with("Expect: 100-continue\r\nContent-Length: 0\r\n"), head), 0);
  EXPECT_FALSE(head.expect_continue);
  ASSERT_EQ(read_request(get_with("Expect: 100-continue\r\n"), head), 0);
  EXPECT_FALSE(head.expect_continue);
  ASSERT_EQ(read_request("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", head), 0);
  EXPECT_FALSE(head.expect_continue);
  EXPECT_EQ(request_status(post_with("Expect: 200-ok\r\nContent-Length: 1\r\n")), 417);
  EXPECT_EQ(request_status(post_with("Expect: 100-continue\r\nExpect: x\r\nContent-Length: 1\r\n")), 417);
  EXPECT_EQ(request_status(post_with("Expect:\r\nContent-Length: 1\r\n")), 417);
}

TEST(RequestHead, MaxForwardsCountsForOptionsAndTrace) {
  OwningRequestHead head;
  ASSERT_EQ(read_request("OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n", head), 0);
  EXPECT_EQ(head.max_forwards, 0);
  ASSERT_EQ(read_request("TRACE / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 7\r\n\r\n", head), 0);
  EXPECT_EQ(head.max_forwards, 7);
  ASSERT_EQ(read_request("TRACE / HTTP/1.1\r\nHost: a\r\nMax-Forwards: x\r\n\r\n", head), 0);
  EXPECT_EQ(head.max_forwards, -1);
  ASSERT_EQ(read_request(get_with("Max-Forwards: 0\r\n"), head), 0);
  EXPECT_EQ(head.max_forwards, -1);
}

TEST(RequestHead, TeKeepsTrailersAlone) {
  OwningRequestHead head;
  ASSERT_EQ(read_request(get_with("TE: gzip;q=0.5, Trailers\r\n"), head), 0);
  EXPECT_TRUE(head.te_trailers);
  ASSERT_EQ(read_request(get_with("TE: gzip, xtrailers\r\n"), head), 0);
  EXPECT_FALSE(head.te_trailers);
}

}  // namespace
}  // namespace understudy::http
