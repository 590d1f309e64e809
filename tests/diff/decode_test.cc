// Content codings: each, stacked, cut at every octet, corrupted, and beyond the limits.
#include "diff/body/decode.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/diff/support.h"

namespace understudy::diff::test {
namespace {

const std::string content = [] {
  std::string text = "{\"items\":[";
  for (int i = 0; i < 200; ++i) text += "{\"id\":" + std::to_string(i * 7919) + ",\"name\":\"item\"},";
  text.back() = ']';
  return text + "}";
}();

struct Coding {
  std::string name;
  std::string coded;
};

std::vector<Coding> all_codings() {
  return {{"gzip", gzipped(content)},
          {"x-gzip", gzipped(content)},
          {"deflate", deflated(content, false)},
          {"deflate", deflated(content, true)},
          {"br", brotli_coded(content)},
          {"zstd", zstd_coded(content)},
          {"gzip, br", brotli_coded(gzipped(content))},
          {"zstd,identity, GZIP", gzipped(zstd_coded(content))}};
}

TEST(Decode, RemovesEveryKnownCoding) {
  for (const Coding& coding : all_codings()) {
    std::string decoded;
    EXPECT_EQ(decode(coding.name, coding.coded, decoded), Decoding::decoded) << coding.name;
    EXPECT_EQ(decoded, content) << coding.name;
    EXPECT_GE(decoded.capacity() - decoded.size(), parser_padding);
  }
}

TEST(Decode, ACodedContentCutAnywhereIsMalformed) {
  std::string decoded;
  for (const Coding& coding : all_codings()) {
    for (std::size_t length = 1; length < coding.coded.size(); ++length) {
      EXPECT_EQ(decode(coding.name, std::string(coding.coded, 0, length), decoded), Decoding::malformed)
          << coding.name << " cut at " << length;
    }
  }
}

TEST(Decode, AnyCorruptOctetIsHarmless) {
  std::string decoded;
  for (const Coding& coding : all_codings()) {
    for (std::size_t place = 0; place < coding.coded.size(); ++place) {
      std::string corrupt = coding.coded;
      corrupt[place] = static_cast<char>(corrupt[place] ^ 0x55);
      decode(coding.name, corrupt, decoded);
      EXPECT_LE(decoded.size(), decoded_size_limit);
    }
  }
}

TEST(Decode, GzipMembersAreOneContentAndWhatFollowsIsIgnored) {
  std::string decoded;
  EXPECT_EQ(decode("gzip", gzipped("one ") + gzipped("two"), decoded), Decoding::decoded);
  EXPECT_EQ(decoded, "one two");
  EXPECT_EQ(decode("gzip", gzipped("one") + std::string(3, '\0'), decoded), Decoding::decoded);
  EXPECT_EQ(decoded, "one");
}

TEST(Decode, ABombStopsAtTheLimits) {
  std::string decoded;
  const std::string zeros(decoded_size_limit + 1, '0');
  for (const Coding& coding : std::vector<Coding>{{"gzip", gzipped(zeros)},
                                                  {"br", brotli_coded(zeros)},
                                                  {"zstd", zstd_coded(zeros)},
                                                  {"deflate", deflated(zeros, true)}}) {
    EXPECT_EQ(decode(coding.name, coding.coded, decoded), Decoding::beyond_limits) << coding.name;
  }
  const std::string dense = zstd_coded(std::string(decoded_ratio_floor * 4, '0'));
  ASSERT_LT(dense.size() * decoded_ratio_limit, decoded_ratio_floor * 4);
  EXPECT_EQ(decode("zstd", dense, decoded), Decoding::beyond_limits);
  EXPECT_EQ(decode("zstd", zstd_coded(std::string(decoded_ratio_floor, '0')), decoded), Decoding::decoded);
  EXPECT_EQ(decode("gzip, gzip, gzip", "x", decoded), Decoding::beyond_limits);
}

TEST(Decode, NothingCodedIsNothing) {
  std::string decoded = "old";
  EXPECT_EQ(decode("gzip", "", decoded), Decoding::decoded);
  EXPECT_EQ(decoded, "");
  EXPECT_TRUE(is_identity(""));
  EXPECT_TRUE(is_identity(" Identity "));
  EXPECT_FALSE(is_identity("gzip"));
  EXPECT_EQ(decode("compress", "x", decoded), Decoding::unknown);
}

TEST(Decode, OneSideThatDoesNotDecodeFailedToParse) {
  const Response whole = coded_response("gzip", gzipped(content));
  Response broken = whole;
  broken.body.resize(broken.body.size() / 2);
  EXPECT_EQ(compare_responses(whole, broken), Names{"parse_failed body"});
  EXPECT_EQ(compare_responses(broken, whole), Names{"parse_failed body"});
  Response broken_too = broken;
  broken_too.body.pop_back();
  EXPECT_EQ(compare_responses(broken, broken_too), Names{"body_changed body"});
  EXPECT_EQ(compare_responses(coded_response("compress", "a"), coded_response("compress", "b")),
            Names{"body_changed body"});
}

TEST(Decode, AChangedCodingOfAnEqualContentIsNoBodyDifference) {
  EXPECT_EQ(compare_responses(coded_response("gzip", gzipped(content)), coded_response("zstd", zstd_coded(content))),
            Names{"header_changed header:content-encoding"});
  EXPECT_EQ(compare_responses(json_response(content), coded_response("br", brotli_coded(content))),
            Names{"header_added header:content-encoding"});
  std::string changed = content;
  changed.replace(changed.find("\"item\""), 6, "\"ITEM\"");
  EXPECT_EQ(compare_responses(coded_response("gzip", gzipped(content)), coded_response("gzip", gzipped(changed))),
            Names{"value_changed /items/*/name"});
}

}  // namespace
}  // namespace understudy::diff::test
