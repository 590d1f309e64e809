#include "proxy/store/exemplar.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "proxy/store/base64.h"
#include "proxy/store/reader.h"
#include "proxy/store/utf8.h"
#include "proxy/store/writer.h"
#include "tests/proxy/store/store_values.h"
#include "tests/proxy/store/temporary_directory.h"

namespace understudy::store {
namespace {

constexpr std::int64_t now_us = 1'700'000'100'000'000;
constexpr std::int64_t day_us = 86'400'000'000;

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string coded(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(coded.data());
  stream.avail_out = static_cast<uInt>(coded.size());
  deflate(&stream, Z_FINISH);
  coded.resize(stream.total_out);
  deflateEnd(&stream);
  return coded;
}

TEST(Exemplar, ComesBackAsItWas) {
  Exemplar exemplar = exemplar_with(0xfedcba9876543210, now_us);
  exemplar.request.body = {std::string("\xff\0\x01", 3), 3};
  exemplar.responses[0]->trailers = {{"Checksum", "x"}};
  exemplar.secondary_findings = {finding_at("status", diff::DifferenceClass::status_class)};
  const auto back = decode(encode(exemplar));
  ASSERT_TRUE(back);
  EXPECT_EQ(encode_json(*back), encode_json(exemplar));
  EXPECT_EQ(back->id, exemplar.id);
  EXPECT_EQ(back->request.body.octets, exemplar.request.body.octets);
  EXPECT_EQ(back->request.fields[1].value, "[redacted]");
  EXPECT_EQ(back->responses[0]->first_byte_s, 0.001);
  EXPECT_EQ(back->responses[0]->trailers[0].value, "x");
  EXPECT_EQ(back->responses[1]->failure, "reset");
  EXPECT_FALSE(back->responses[2]);
  EXPECT_EQ(back->candidate_findings[0].path, "/price");
  EXPECT_EQ(back->secondary_findings[0].difference_class, diff::DifferenceClass::status_class);
}

TEST(Exemplar, JsonSaysWhenAndWhat) {
  const std::string json = encode_json(exemplar_with(7, 1'700'000'100'012'345));
  EXPECT_NE(json.find("\"id\":\"7\""), std::string::npos);
  EXPECT_NE(json.find("\"time\":\"2023-11-14T22:15:00.012345Z\""), std::string::npos);
  EXPECT_NE(json.find("\"primary_pointer\":\"/price\""), std::string::npos);
}

TEST(Exemplar, ResponsesAreShownWithoutTheirContentCoding) {
  Exemplar exemplar = exemplar_with(1, now_us, gzip("{\"price\":1}"));
  const std::uint64_t coded_length = exemplar.responses[0]->body.length;
  exemplar.responses[0]->fields.push_back({"content-encoding", "gzip"});
  const auto back = decode(encode(exemplar));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->responses[0]->body.octets, "{\"price\":1}");
  EXPECT_TRUE(back->responses[0]->body.decoded);
  EXPECT_EQ(back->responses[0]->body.length, coded_length);
  EXPECT_EQ(decode(encode(*back))->responses[0]->body.octets, "{\"price\":1}");
}

TEST(Exemplar, WhatDoesNotDecodeIsKeptAsReceived) {
  Exemplar exemplar = exemplar_with(1, now_us, "\x1f\x8b not gzip \xff");
  exemplar.responses[0]->fields.push_back({"Content-Encoding", "gzip"});
  EXPECT_EQ(decode(encode(exemplar))->responses[0]->body.octets, "\x1f\x8b not gzip \xff");
}

TEST(Exemplar, LongBodiesAreCutBetweenCharactersAndSaidToBe) {
  std::string body = "a";
  while (body.size() < exemplar_body_limit + 10) body += "\xe2\x82\xac";
  const auto back = decode(encode(exemplar_with(1, now_us, body)));
  ASSERT_TRUE(back);
  const ExemplarBody& kept = back->responses[0]->body;
  EXPECT_TRUE(kept.cut);
  EXPECT_EQ(kept.length, body.size());
  EXPECT_TRUE(is_utf8(kept.octets));
  EXPECT_LE(kept.octets.size(), exemplar_body_limit);
  EXPECT_EQ(kept.octets, body.substr(0, kept.octets.size()));
}

TEST(Exemplar, OctetsThatAreNotAnExemplarGiveNothing) {
  const std::string blob = encode(exemplar_with(1, now_us));
  for (std::size_t cut = 0; cut < blob.size(); ++cut) EXPECT_FALSE(decode(blob.substr(0, cut))) << cut;
  for (std::size_t i = 0; i < blob.size(); ++i) {
    std::string damaged = blob;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
    decode(damaged);  // may come out as something; must come out
  }
  EXPECT_FALSE(decode("{}"));
}

TEST(Exemplar, IdsAreDecimal) {
  EXPECT_EQ(parse_exemplar_id("18446744073709551615"), 18446744073709551615u);
  for (const char* text : {"", "0", "-1", "+1", " 1", "1x", "0x1", "18446744073709551616"})
    EXPECT_FALSE(parse_exemplar_id(text)) << text;
}

TEST(Exemplar, StaysAsLongAsADifferenceNamesIt) {
  TemporaryDirectory directory;
  Writer writer(options_for(directory.file("s.db")));
  ASSERT_EQ(writer.open(), std::nullopt);
  diff::Evidence evidence;
  Reader reader(directory.file("s.db"));
  // The latest exemplar changes once a second: what is neither first nor latest is gone when it is next looked for, a
  // minute later at most.
  for (std::uint64_t second = 1; second <= 61; ++second) {
    const std::int64_t time_us = now_us + static_cast<std::int64_t>(second) * diff::exemplar_interval_us;
    record_difference(evidence, "GET /a", second, time_us);
    writer.keep(exemplar_with(second, time_us));
    ASSERT_EQ(writer.snapshot({evidence.take_changed_rows(), {}, 0, time_us}), std::nullopt);
  }
  EXPECT_TRUE(reader.exemplar(1));
  EXPECT_TRUE(reader.exemplar(61));
  EXPECT_FALSE(reader.exemplar(2));
  EXPECT_FALSE(reader.exemplar(60));
  ASSERT_EQ(writer.snapshot({{}, {}, 0, now_us + 15 * day_us}), std::nullopt);
  EXPECT_TRUE(reader.exemplar(1));  // too old by now, but not looked for yet

  Writer next(options_for(directory.file("s.db")));
  EXPECT_TRUE(next.open()) << "the first writer still has the file";
}

TEST(Exemplar, TheOldOnesGoAfterTheRetention) {
  TemporaryDirectory directory;
  const std::string path = directory.file("s.db");
  diff::Evidence evidence;
  record_difference(evidence, "GET /a", 1, now_us);
  {
    Writer writer(options_for(path));
    ASSERT_EQ(writer.open(), std::nullopt);
    writer.keep(exemplar_with(1, now_us));
    ASSERT_EQ(writer.snapshot({evidence.take_changed_rows(), {}, 0, now_us}), std::nullopt);
  }
  Writer writer(options_for(path));
  ASSERT_EQ(writer.open(), std::nullopt);
  ASSERT_EQ(writer.snapshot({{}, {}, 0, now_us + 15 * day_us}), std::nullopt);
  EXPECT_FALSE(Reader(path).exemplar(1));
  EXPECT_EQ(Reader(path).read()->evidence.compared(), 1u);
}

TEST(Exemplar, AllTogetherStayWithinTheCap) {
  TemporaryDirectory directory;
  WriterOptions options = options_for(directory.file("s.db"));
  options.exemplar_octets = 4 * encode(exemplar_with(1, now_us)).size();
  Writer writer(options);
  ASSERT_EQ(writer.open(), std::nullopt);
  diff::Evidence evidence;
  for (std::uint64_t i = 1; i <= 10; ++i) {
    record_difference(evidence, "GET /" + std::to_string(i), i, now_us);
    writer.keep(exemplar_with(i, now_us + static_cast<std::int64_t>(i)));
    ASSERT_EQ(writer.snapshot({evidence.take_changed_rows(), {}, 0, now_us}), std::nullopt);
  }
  Reader reader(directory.file("s.db"));
  EXPECT_FALSE(reader.exemplar(1));
  EXPECT_TRUE(reader.exemplar(10));
  EXPECT_TRUE(reader.exemplar(9));
}

TEST(Exemplar, WhatIsKeptWhileOthersAreWrittenComesWithTheNextSnapshot) {
  TemporaryDirectory directory;
  const std::string path = directory.file("s.db");
  Writer writer(options_for(path));
  ASSERT_EQ(writer.open(), std::nullopt);
  diff::Evidence evidence;
  record_difference(evidence, "GET /a", 1, now_us);
  writer.keep(exemplar_with(1, now_us));
  const diff::Rows rows = evidence.take_changed_rows();
  writer.gather();
  record_difference(evidence, "GET /b", 2, now_us);
  writer.keep(exemplar_with(2, now_us));
  ASSERT_EQ(writer.write({rows, {}, 0, now_us}), std::nullopt);
  Reader reader(path);
  EXPECT_TRUE(reader.exemplar(1));
  EXPECT_FALSE(reader.exemplar(2));
  ASSERT_EQ(writer.snapshot({evidence.take_changed_rows(), {}, 0, now_us}), std::nullopt);
  EXPECT_TRUE(reader.exemplar(1));
  EXPECT_TRUE(reader.exemplar(2));
}

TEST(Exemplar, WaitingOnesAreBounded) {
  TemporaryDirectory directory;
  Writer writer(options_for(directory.file("missing/s.db")));
  ASSERT_TRUE(writer.open());
  std::string noise;  // does not compress
  std::uint64_t state = 1;
  for (int i = 0; i < 200'000; ++i)
    noise += static_cast<char>((state = state * 6364136223846793005u + 1442695040888963407u) >> 56);
  for (std::uint64_t i = 1; i <= 120; ++i) writer.keep(exemplar_with(i, now_us, noise));
  EXPECT_GT(writer.exemplars_lost(), 0u);
  EXPECT_LT(writer.exemplars_lost(), 120u);
}

TEST(Base64, GoesBothWays) {
  const char* expected[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};  // RFC 4648 section 10
  const std::string text = "foobar";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    EXPECT_EQ(base64(text.substr(0, size)), expected[size]);
    EXPECT_EQ(from_base64(expected[size]), text.substr(0, size));
  }
  EXPECT_EQ(from_base64(base64(std::string("\xff\xfe\0", 3))), std::string("\xff\xfe\0", 3));
  for (const char* bad : {"Z", "Zg=", "Z===", "=g==", "Zm9v!A==", "Zg==Zg==", "Zm9\n"})
    EXPECT_FALSE(from_base64(bad)) << bad;
}

TEST(Utf8, TextIsCutBetweenCharacters) {
  EXPECT_EQ(whole_characters("ab"), 2u);
  EXPECT_EQ(whole_characters("a\xe2\x82\xac"), 4u);
  EXPECT_EQ(whole_characters("a\xe2\x82"), 1u);
  EXPECT_EQ(whole_characters("a\xe2"), 1u);
  EXPECT_EQ(whole_characters("a\xf0\x9f\x98"), 1u);
  EXPECT_EQ(whole_characters(""), 0u);
  EXPECT_EQ(whole_characters("\x80\x80\x80\x80"), 4u);
}

}  // namespace
}  // namespace understudy::store
