// Running digests: independent of how the content is cut, bounded, exact about the first differing block.
#include "diff/body/digest.h"

#include <gtest/gtest.h>

#include <string>

namespace understudy::diff::test {
namespace {

std::string noise(std::size_t size) {
  std::string text(size, '\0');
  std::uint32_t state = 1;
  for (char& c : text) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return text;
}

BodyDigest digest_of(std::string_view content, std::size_t piece, std::size_t block_limit = 100) {
  Digester digester(block_limit);
  for (std::size_t place = 0; place < content.size(); place += piece) digester.update(content.substr(place, piece));
  return digester.finish(false);
}

TEST(Digest, IsTheSameHoweverTheContentIsCut) {
  const std::string content = noise(3 * BodyDigest::block_size + 17);
  const BodyDigest whole = digest_of(content, content.size());
  EXPECT_EQ(whole.length, content.size());
  EXPECT_EQ(whole.blocks.size(), 4U);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}, std::size_t{BodyDigest::block_size - 1},
                                  std::size_t{BodyDigest::block_size + 1}}) {
    const BodyDigest digest = digest_of(content, piece);
    EXPECT_EQ(digest.blocks, whole.blocks);
    EXPECT_EQ(digest.whole, whole.whole);
    EXPECT_FALSE(compare_digests(digest, whole).differs);
  }
}

TEST(Digest, NamesTheFirstDifferingBlock) {
  std::string content = noise(4 * BodyDigest::block_size);
  const BodyDigest before = digest_of(content, 5000);
  content[2 * BodyDigest::block_size + 1] ^= 1;
  const auto difference = compare_digests(before, digest_of(content, 5000));
  EXPECT_TRUE(difference.differs);
  EXPECT_EQ(difference.primary_value, "262144 octets; the first 131072 octets are equal");
}

TEST(Digest, KeepsNoMoreBlocksThanAllowedButSeesEverything) {
  std::string content = noise(4 * BodyDigest::block_size);
  const BodyDigest before = digest_of(content, 5000, 2);
  EXPECT_EQ(before.blocks.size(), 2U);
  content.back() ^= 1;
  const auto difference = compare_digests(before, digest_of(content, 5000, 2));
  EXPECT_TRUE(difference.differs);
  EXPECT_EQ(difference.other_value, "262144 octets; the first 131072 octets are equal");
}

TEST(Digest, ALongerContentDiffersFromItsBeginning) {
  const std::string content = noise(100'000);
  const auto difference = compare_digests(digest_of(content, 100'000), digest_of(content + "x", 100'000));
  EXPECT_TRUE(difference.differs);
  EXPECT_FALSE(compare_digests(digest_of("", 1), digest_of("", 1)).differs);
}

TEST(Digest, AContentCutOffIsNeverEqual) {
  Digester digester(10);
  digester.update("abc");
  BodyDigest cut = digester.finish(true);
  EXPECT_TRUE(compare_digests(cut, cut).differs);
  EXPECT_NE(compare_digests(cut, cut).primary_value.find("not read to the end"), std::string::npos);
}

}  // namespace
}  // namespace understudy::diff::test
