// Running digests: independent of how the content is cut, bounded, exact about the first differing block.
#include "diff/body/digest.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/diff/support.h"

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

BodyDigest cut(BodyDigest digest) {
  digest.cut_off = true;
  return digest;
}

TEST(Digest, OfAContentCutOffWhatWasReadIsCompared) {
  const std::string content = noise(4 * BodyDigest::block_size + 100);
  const BodyDigest whole = digest_of(content, 5000);
  const BodyDigest read = cut(digest_of(content.substr(0, 3 * BodyDigest::block_size + 7), 5000));
  for (const BodyDigest& other : {whole, cut(whole), read}) {
    EXPECT_FALSE(compare_digests(read, other).differs);
    EXPECT_FALSE(compare_digests(other, read).differs);
    EXPECT_FALSE(compare_digests(read, other).known_equal);
  }
  EXPECT_FALSE(compare_digests(whole, cut(whole)).differs);
  EXPECT_TRUE(compare_digests(whole, whole).known_equal);
  // One that ends before the place where the other was cut, and one that is another before that place.
  EXPECT_TRUE(compare_digests(digest_of(content.substr(0, 70'000), 5000), read).differs);
  std::string other = content;
  other[BodyDigest::block_size] ^= 1;
  EXPECT_TRUE(compare_digests(digest_of(other, 5000), read).differs);
  EXPECT_TRUE(compare_digests(cut(digest_of(other, 5000)), cut(whole)).differs);
  EXPECT_NE(compare_digests(read, digest_of(other, 5000)).primary_value.find("not read to the end"), std::string::npos);
}

TEST(Digest, OfJsonTheLayoutIsNoDifference) {
  std::string compact = "[";
  for (int i = 0; i < 40'000; ++i) compact += R"({"id":)" + std::to_string(i) + R"(,"text":"a  b"},)";
  compact.back() = ']';
  const std::string indented = reindented(compact);
  const auto json = [](std::string_view content, std::size_t piece, bool cut_off = false) {
    Digester digester(100, Digester::Kind::json);
    for (std::size_t place = 0; place < content.size(); place += piece) digester.update(content.substr(place, piece));
    return digester.finish(cut_off);
  };
  EXPECT_FALSE(compare_digests(json(compact, 777), json(indented, 100'000)).differs);
  EXPECT_FALSE(compare_digests(json(compact, 777), json(indented, 100'000)).known_equal);
  EXPECT_FALSE(compare_digests(json(compact, 777), json(indented.substr(0, 900'000), 4096, true)).differs);
  std::string other = indented;
  other.replace(other.find("a  b", 500'000), 4, "a b ");
  EXPECT_TRUE(compare_digests(json(compact, 777), json(other, 4096)).differs);
  EXPECT_TRUE(compare_digests(json(compact, 777), json(other.substr(0, 900'000), 4096, true)).differs);
  EXPECT_TRUE(compare_digests(json(compact, 777), digest_of(indented, 4096)).differs) << "one is not JSON";
}

TEST(Digest, TwoLargeBodiesOfOneJsonTextDifferInNothing) {
  const std::string compact = R"([{"id":1,"name":"x y"},{"id":2}])";
  const std::string indented = reindented(compact);
  Response small = json_response(compact);
  Response large = json_response("");
  Digester digester(100, Digester::Kind::json);
  digester.update(indented);
  large.digest = digester.finish(false);
  EXPECT_EQ(compare_responses(small, large), Names{});
  EXPECT_EQ(compare_responses(large, small), Names{});
  small.body[7] = '3';
  EXPECT_EQ(compare_responses(small, large), Names{"body_changed body"});
}

}  // namespace
}  // namespace understudy::diff::test
