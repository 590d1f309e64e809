// The minified stream: the same wherever it is cut, and another for another text.
#include "diff/body/json_minify.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/diff/support.h"

namespace understudy::diff::test {
namespace {

std::string minified(const std::string& text) {
  JsonMinifier minifier;
  std::string result;
  minifier.append(text, result);
  return result;
}

const std::string texts[] = {
    R"( { "a" : [ 1 , 2.5e+3 , -0 ] , "b c" : "x  y" } )",
    "\t[\r\n true , false,null ]\n",
    R"(["\" ] , [ \\", "\\" , "\u0020 \n" ])",
    R"({"k":{},"l":[ ]})",
    "12 34",
    "\"open  string",
    "\"ends in a backslash \\",
    "",
    "   ",
    "tru e , [ nul l ]",
};

TEST(JsonMinify, LeavesOutWhiteSpaceBetweenTokensAlone) {
  EXPECT_EQ(minified(texts[0]), R"({"a":[1,2.5e+3,-0],"b c":"x  y"})");
  EXPECT_EQ(minified(texts[1]), "[true,false,null]");
  EXPECT_EQ(minified(texts[2]), R"(["\" ] , [ \\","\\","\u0020 \n"])");
  EXPECT_EQ(minified(texts[4]), "12 34") << "which are two numbers";
  EXPECT_EQ(minified(texts[5]), texts[5]);
  EXPECT_EQ(minified(texts[8]), "");
}

TEST(JsonMinify, IsTheSameCutAtEveryOctet) {
  for (const std::string& text : texts) {
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      JsonMinifier minifier;
      std::string result;
      minifier.append(std::string_view(text).substr(0, cut), result);
      minifier.append(std::string_view(text).substr(cut), result);
      EXPECT_EQ(result, minified(text)) << text << " at " << cut;
    }
    JsonMinifier minifier;
    std::string result;
    for (const char octet : text) minifier.append({&octet, 1}, result);
    EXPECT_EQ(result, minified(text)) << text;
  }
}

TEST(JsonMinify, MinifyingTwiceChangesNothing) {
  for (const std::string& text : texts) EXPECT_EQ(minified(minified(text)), minified(text)) << text;
}

}  // namespace
}  // namespace understudy::diff::test
