#include "proxy/http/chunked.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace understudy::http {
namespace {

using State = ChunkedReader::State;

struct Result {
  State state = State::more;
  std::string content;
  std::vector<std::pair<std::string, std::string>> trailers;
  std::size_t consumed = 0;
  std::string reason;

  bool operator==(const Result&) const = default;
};

// Feeds `octets` in pieces of `piece` octets, each its own allocation.
Result read(const std::string& octets, std::size_t piece, const ChunkedLimits& limits = {}) {
  ChunkedReader reader;
  reader.start(limits);
  Result result;
  for (std::size_t at = 0; at < octets.size() && result.state == State::more; at += piece) {
    const std::vector<char> part(octets.begin() + static_cast<std::ptrdiff_t>(at),
                                 octets.begin() + static_cast<std::ptrdiff_t>(std::min(at + piece, octets.size())));
    std::string_view rest(part.data(), part.size());
    while (!rest.empty() && result.state == State::more) {
      const ChunkedReader::Step step = reader.consume(rest);
      EXPECT_TRUE(step.consumed > 0 || step.state != State::more);
      result.content += step.data;
      result.consumed += step.consumed;
      result.state = step.state;
      rest.remove_prefix(step.consumed);
    }
  }
  for (const Field& field : reader.trailers()) result.trailers.emplace_back(field.name, field.value);
  result.reason = reader.reason();
  return result;
}

Result read_every_way(const std::string& octets, const ChunkedLimits& limits = {}) {
  const Result whole = read(octets, octets.size(), limits);
  for (const std::size_t piece : {1, 2, 3, 5, 7})
    EXPECT_EQ(read(octets, piece, limits), whole) << octets << " in pieces of " << piece;
  for (std::size_t cut = 1; cut < octets.size(); ++cut)
    EXPECT_EQ(read(octets, cut, limits), whole) << octets << " in pieces of " << cut;
  return whole;
}

TEST(Chunked, IsReadHoweverItIsCut) {
  const std::string body = "5\r\nhello\r\nA;name=value;x=\"a b\"\r\n, it is me!\r\n0\r\n\r\n";
  const std::string exact = "5\r\nhello\r\nB;name=value;x=\"a b\"\r\n, it is me!\r\n0\r\n\r\n";
  EXPECT_EQ(read_every_way(body).state, State::error);  // the data is one octet longer than the size
  const Result result = read_every_way(exact);
  EXPECT_EQ(result.state, State::done);
  EXPECT_EQ(result.content, "hello, it is me!");
  EXPECT_EQ(result.consumed, exact.size());
}

TEST(Chunked, TakesNothingBeyondItsEnd) {
  const std::string body = "1\r\nx\r\n00\r\n\r\n";
  const Result result = read_every_way(body + "GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(result.state, State::done);
  EXPECT_EQ(result.content, "x");
  EXPECT_EQ(result.consumed, body.size());
}

TEST(Chunked, IsNotDoneAtAnyCut) {
  const std::string body = "5;e\r\nhello\r\n0\r\nA: b\r\n\r\n";
  for (std::size_t size = 0; size < body.size(); ++size)
    EXPECT_EQ(read(body.substr(0, size), 4).state, State::more) << size;
  EXPECT_EQ(read(body, 4).state, State::done);
}

TEST(Chunked, RefusesWhatCouldBeReadInTwoWays) {
  for (const std::string& body : std::vector<std::string>{
           "5\nhello\r\n0\r\n\r\n",               // LF without CR after the size
           "5\rXhello\r\n0\r\n\r\n",              // CR without LF after the size
           "5\r\nhello\n0\r\n\r\n",               // LF alone after the data
           "5\r\nhelloXX0\r\n\r\n",               // no line end after the data
           "5\r\nhello\rX0\r\n\r\n",              // CR without LF after the data
           "0\r\n\n",                             // LF alone at the end
           "0\r\n\rX",                            // CR without LF at the end
           "0\nX",                                //
           "5;a\nb\r\nhello\r\n0\r\n\r\n",        // LF in an extension
           "5;a\rb\r\nhello\r\n0\r\n\r\n",        // CR in an extension
           "5;a=\"\r\n\"\r\nhello\r\n0\r\n\r\n",  // CRLF in a quoted string: the line ends there
           std::string("5;a\0b\r\nhello\r\n0\r\n\r\n", 19),
           "5;\x7f\r\nhello\r\n0\r\n\r\n",             //
           " 5\r\nhello\r\n0\r\n\r\n",                 //
           "5 \r\nhello\r\n0\r\n\r\n",                 //
           "5 ;a\r\nhello\r\n0\r\n\r\n",               //
           "+5\r\nhello\r\n0\r\n\r\n",                 //
           "-5\r\nhello\r\n0\r\n\r\n",                 //
           "0x5\r\nhello\r\n0\r\n\r\n",                //
           "5_0\r\nhello\r\n0\r\n\r\n",                //
           "g\r\nhello\r\n0\r\n\r\n",                  //
           "\r\nhello\r\n0\r\n\r\n",                   // no size
           ";a\r\nhello\r\n0\r\n\r\n",                 //
           "8000000000000000\r\n",                     // 2^63
           "FFFFFFFFFFFFFFFF\r\n",                     //
           "10000000000000005\r\nhello\r\n0\r\n\r\n",  // 2^64 + 5
           "00000000000000005\r\nhello\r\n0\r\n\r\n",  // more digits than any size needs
       }) {
    EXPECT_EQ(read_every_way(body).state, State::error) << body;
    EXPECT_STRNE(read(body, body.size()).reason.c_str(), "") << body;
  }
}

TEST(Chunked, TakesSizesUpToTheLargestSignedNumber) {
  EXPECT_EQ(read("7FFFFFFFFFFFFFFF\r\nx", 100).state, State::more);
  EXPECT_EQ(read("7fffffffffffffff\r\nx", 100).content, "x");
}

TEST(Chunked, CollectsTrailersApart) {
  const Result result = read_every_way("1\r\nx\r\n0\r\nX-Checksum:  abc \r\nX-Empty:\r\nX-Checksum: d\r\n\r\n");
  ASSERT_EQ(result.state, State::done);
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"X-Checksum", "abc"}, {"X-Empty", ""}, {"X-Checksum", "d"}};
  EXPECT_EQ(result.trailers, expected);
}

TEST(Chunked, DropsTrailersThatWouldChangeTheMessage) {
  const Result result = read_every_way(
      "0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nHost: b\r\nConnection: close\r\nTrailer: "
      "x\r\nSet-Cookie: a=b\r\n"
      "Content-Type: text/html\r\nAuthorization: x\r\nX-Forwarded-For: 1.2.3.4\r\nX: y\r\n\r\n");
  ASSERT_EQ(result.state, State::done);
  ASSERT_EQ(result.trailers.size(), 1u);
  EXPECT_EQ(result.trailers[0].first, "X");
}

TEST(Chunked, RefusesMalformedTrailers) {
  for (const char* trailer : {"X\r\n", ": x\r\n", " X: y\r\n", "X: y\r\n z\r\n", "X : y\r\n", "X: a\nY: b\r\n",
                              "X: a\rY: b\r\n", "X: \x01\r\n"}) {
    EXPECT_EQ(read_every_way("0\r\n" + std::string(trailer) + "\r\n").state, State::error) << trailer;
  }
}

TEST(Chunked, LimitsExtensionsOfAllChunksTogether) {
  ChunkedLimits limits;
  limits.extension_bytes = 8;
  EXPECT_EQ(read_every_way("1;1234\r\nx\r\n1;5678\r\nx\r\n0\r\n\r\n", limits).state, State::done);
  EXPECT_EQ(read_every_way("1;1234\r\nx\r\n1;5678\r\nx\r\n0;9\r\n\r\n", limits).state, State::error);
}

TEST(Chunked, LimitsTheTrailerSection) {
  ChunkedLimits limits;
  limits.trailer_fields = 2;
  limits.trailer_bytes = 16;
  EXPECT_EQ(read_every_way("0\r\nA: b\r\nC: d\r\n\r\n", limits).state, State::done);
  EXPECT_EQ(read_every_way("0\r\nA:\r\nC:\r\nE:\r\n\r\n", limits).state, State::error);
  EXPECT_EQ(read_every_way("0\r\nA: bbbbbbbbbbbbb\r\n\r\n", limits).state, State::done);
  EXPECT_EQ(read_every_way("0\r\nA: bbbbbbbbbbbbbb\r\n\r\n", limits).state, State::error);
}

TEST(Chunked, IsReadAnewByTheSameReader) {
  ChunkedReader reader;
  reader.start({});
  EXPECT_EQ(reader.consume("0\r\nA: b\r\n\r\n").state, State::done);
  EXPECT_EQ(reader.trailers().size(), 1u);
  reader.start({});
  EXPECT_EQ(reader.consume("nonsense").state, State::error);
  reader.start({});
  EXPECT_EQ(reader.state(), State::more);
  EXPECT_EQ(reader.consume("0\r\n\r\n").state, State::done);
  EXPECT_EQ(reader.trailers().size(), 0u);
}

TEST(Chunked, WritesWhatItReads) {
  for (const std::uint64_t size : {1ull, 9ull, 10ull, 15ull, 16ull, 255ull, 256ull, 65536ull, 0x7fffffffffffffffull}) {
    char header[chunk_header_max];
    const std::size_t length = write_chunk_header(size, header);
    char expected[32];
    std::snprintf(expected, sizeof expected, "%llx\r\n", static_cast<unsigned long long>(size));
    EXPECT_EQ(std::string(header, length), expected);
  }
}

}  // namespace
}  // namespace understudy::http
