#include <gtest/gtest.h>

#include <random>

#include "diff/report/escape.h"

namespace understudy::diff {
namespace {

TEST(EscapedForTerminal, LeavesTextAlone) {
  EXPECT_EQ(escaped_for_terminal("Grüße, 世界 😀 \"q\" \\", 100), "Grüße, 世界 😀 \"q\" \\");
  EXPECT_EQ(escaped_for_terminal("", 100), "");
}

TEST(EscapedForTerminal, ShowsControlCharacters) {
  EXPECT_EQ(escaped_for_terminal("a\x1b[31mred\x1b[0m", 100), "a\\x1b[31mred\\x1b[0m");
  EXPECT_EQ(escaped_for_terminal("a\r\n\tb\x7f\b", 100), "a\\r\\n\\tb\\x7f\\x08");
  EXPECT_EQ(escaped_for_terminal("\xc2\x9b"
                                 "31m",
                                 100),
            "\\x9b31m")
      << "C1: a one-octet CSI in some terminals";
}

TEST(EscapedForTerminal, ShowsWhatReordersOrHides) {
  EXPECT_EQ(escaped_for_terminal("a\u202eb", 100), "a\\u{202e}b");
  EXPECT_EQ(escaped_for_terminal("a\u200bb\ufeff\u2066", 100), "a\\u{200b}b\\u{feff}\\u{2066}");
}

TEST(EscapedForTerminal, ReplacesIllFormedUtf8) {
  EXPECT_EQ(escaped_for_terminal("a\xff\xfe", 100), "a\ufffd\ufffd");
}

TEST(EscapedForTerminal, CutsAtTheLimit) {
  EXPECT_EQ(escaped_for_terminal("abcdef", 6), "abcdef");
  EXPECT_EQ(escaped_for_terminal("abcdefg", 6), "abcde…");
  EXPECT_EQ(escaped_for_terminal("ääääääää", 4), "äää…");
  EXPECT_EQ(escaped_for_terminal("abcd\x1b", 5), "abcd…");
  EXPECT_EQ(escaped_for_terminal("abc", 0), "");
}

TEST(EscapedForTerminal, NeverLetsAControlOctetThrough) {
  std::mt19937_64 random(3);
  for (int run = 0; run < 5000; ++run) {
    std::string octets(random() % 60, '\0');
    for (char& c : octets) {
      c = static_cast<char>(random());
    }
    for (const char c : escaped_for_terminal(octets, 30)) {
      const auto octet = static_cast<unsigned char>(c);
      ASSERT_TRUE(octet >= 0x20 && octet != 0x7f);
    }
  }
}

}  // namespace
}  // namespace understudy::diff
