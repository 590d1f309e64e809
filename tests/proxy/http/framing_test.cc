#include "proxy/http/framing.h"

#include <gtest/gtest.h>

#include <string>

namespace understudy::http {
namespace {

using State = BodyReader::State;

TEST(BodyReader, HasNothingToReadWithoutContent) {
  BodyReader reader;
  reader.start(Framing::none, 0, {});
  EXPECT_EQ(reader.state(), State::done);
  EXPECT_EQ(reader.consume("next").consumed, 0u);
  reader.start(Framing::content_length, 0, {});
  EXPECT_EQ(reader.state(), State::done);
  EXPECT_EQ(reader.consume("next").consumed, 0u);
  EXPECT_TRUE(reader.finish());
}

TEST(BodyReader, CountsContentHoweverItIsCut) {
  const std::string input = "hello, worldGET /";
  for (std::size_t cut = 1; cut <= input.size(); ++cut) {
    BodyReader reader;
    reader.start(Framing::content_length, 12, {});
    std::string content;
    std::size_t at = 0;
    while (at < input.size() && reader.state() == State::more) {
      const BodyReader::Step step = reader.consume(std::string_view(input).substr(at, cut));
      content += step.data;
      at += step.consumed;
      EXPECT_EQ(step.state, reader.state());
    }
    EXPECT_EQ(content, "hello, world");
    EXPECT_EQ(at, 12u);
    EXPECT_EQ(reader.state(), State::done);
  }
}

TEST(BodyReader, IsCutShortByTheEndOfTheConnection) {
  BodyReader reader;
  reader.start(Framing::content_length, 12, {});
  reader.consume("hello");
  EXPECT_FALSE(reader.finish());
  reader.start(Framing::chunked, 0, {});
  reader.consume("5\r\nhello\r\n0\r\n");
  EXPECT_FALSE(reader.finish());
}

TEST(BodyReader, EndsWithTheConnectionWhereNothingElseSaysSo) {
  BodyReader reader;
  reader.start(Framing::until_close, 0, {});
  EXPECT_EQ(reader.consume("hello").data, "hello");
  EXPECT_EQ(reader.consume("0\r\n\r\n").data, "0\r\n\r\n");
  EXPECT_EQ(reader.state(), State::more);
  EXPECT_TRUE(reader.finish());
  EXPECT_EQ(reader.state(), State::done);
}

TEST(BodyReader, ReadsChunksAndShowsTrailers) {
  BodyReader reader;
  reader.start(Framing::chunked, 0, {});
  const std::string input = "5\r\nhello\r\n0\r\nA: b\r\n\r\nGET";
  std::string content;
  std::string_view rest = input;
  while (reader.state() == State::more) {
    const BodyReader::Step step = reader.consume(rest);
    content += step.data;
    rest.remove_prefix(step.consumed);
  }
  EXPECT_EQ(content, "hello");
  EXPECT_EQ(rest, "GET");
  ASSERT_EQ(reader.trailers().size(), 1u);
  EXPECT_EQ(reader.trailers()[0].name, "A");
  EXPECT_TRUE(reader.finish());
  reader.start(Framing::content_length, 1, {});
  EXPECT_EQ(reader.trailers().size(), 0u);
}

TEST(BodyReader, StopsAtAnError) {
  BodyReader reader;
  reader.start(Framing::chunked, 0, {});
  EXPECT_EQ(reader.consume("x").state, State::error);
  EXPECT_STREQ(reader.reason(), "malformed chunk size");
  EXPECT_EQ(reader.consume("5\r\n").consumed, 0u);
  EXPECT_FALSE(reader.finish());
}

TEST(BodyReader, CountsContentBeyond32Bits) {
  BodyReader reader;
  reader.start(Framing::content_length, (std::uint64_t{1} << 32) + 5, {});
  const std::string piece(1 << 20, 'x');
  for (int i = 0; i < 4096; ++i) ASSERT_EQ(reader.consume(piece).consumed, piece.size());
  EXPECT_EQ(reader.consume(piece).consumed, 5u);
  EXPECT_EQ(reader.state(), State::done);
}

}  // namespace
}  // namespace understudy::http
