#include "proxy/policy/redaction.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace understudy::policy {
namespace {

struct NameValue {
  std::string name, value;
};

TEST(Redaction, HidesValuesOfNamedFieldsWhateverTheirCase) {
  const std::vector<std::string> rules = {"header:authorization", "header:Set-Cookie"};
  const Redaction redaction(rules);
  std::vector<NameValue> fields = {{"Authorization", "Bearer x"},
                                   {"SET-COOKIE", "a=b"},
                                   {"set-cookie", "c=d"},
                                   {"Cookie", "e"},
                                   {"X-Authorization", "f"}};
  redaction.apply(fields);
  EXPECT_EQ(fields[0].value, redacted_text);
  EXPECT_EQ(fields[1].value, redacted_text);
  EXPECT_EQ(fields[2].value, redacted_text);
  EXPECT_EQ(fields[3].value, "e");
  EXPECT_EQ(fields[4].value, "f");
  EXPECT_EQ(fields[0].name, "Authorization");
}

TEST(Redaction, MistakesAreNamed) {
  EXPECT_EQ(redaction_error("header:x"), std::nullopt);
  for (const char* bad : {"", "header:", "x", "headers:x", "body:/x"}) {
    EXPECT_NE(redaction_error(bad), std::nullopt) << bad;
    EXPECT_THROW(Redaction(std::vector<std::string>{bad}), std::invalid_argument) << bad;
  }
}

}  // namespace
}  // namespace understudy::policy
