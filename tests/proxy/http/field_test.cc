#include "proxy/http/field.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace understudy::http {
namespace {

TEST(Field, KnownNamesAreToldWhateverTheirCase) {
  const std::array<std::pair<const char*, FieldId>, 16> known = {{{"connection", FieldId::connection},
                                                                  {"keep-alive", FieldId::keep_alive},
                                                                  {"proxy-connection", FieldId::proxy_connection},
                                                                  {"te", FieldId::te},
                                                                  {"transfer-encoding", FieldId::transfer_encoding},
                                                                  {"upgrade", FieldId::upgrade},
                                                                  {"http2-settings", FieldId::http2_settings},
                                                                  {"content-length", FieldId::content_length},
                                                                  {"host", FieldId::host},
                                                                  {"expect", FieldId::expect},
                                                                  {"via", FieldId::via},
                                                                  {"max-forwards", FieldId::max_forwards},
                                                                  {"x-forwarded-for", FieldId::x_forwarded_for},
                                                                  {"x-forwarded-proto", FieldId::x_forwarded_proto},
                                                                  {"x-forwarded-host", FieldId::x_forwarded_host},
                                                                  {"trailer", FieldId::other}}};
  for (const auto& [name, id] : known) {
    std::string upper = name;
    for (char& c : upper) c = static_cast<char>(std::toupper(c));
    EXPECT_EQ(classify_field(name), id) << name;
    EXPECT_EQ(classify_field(upper), id) << upper;
    // No other token of that length is taken for it.
    for (std::size_t i = 0; i < upper.size(); ++i) {
      std::string other = upper;
      other[i] = other[i] == '~' ? '!' : '~';
      EXPECT_EQ(classify_field(other), FieldId::other) << other;
    }
  }
}

TEST(Field, LettersAloneHaveACase) {
  EXPECT_TRUE(equals_ignore_case("Content-Type", "content-TYPE"));
  EXPECT_FALSE(equals_ignore_case("a@b", "a`b"));
  EXPECT_FALSE(equals_ignore_case("[", "{"));
  EXPECT_FALSE(equals_ignore_case("a", "ab"));
  EXPECT_TRUE(equals_ignore_case("", ""));
}

TEST(Field, CookiesAreFoundByTheirName) {
  const std::vector<Field> fields = {{.name = "X", .value = "id=0"},
                                     {.name = "cookie", .value = "a=1; id=2;  b = 3 ;id=4; e="},
                                     {.name = "Cookie", .value = "late=5"}};
  EXPECT_EQ(find_cookie(fields, "a"), "1");
  EXPECT_EQ(find_cookie(fields, "id"), "2");
  EXPECT_EQ(find_cookie(fields, "e"), "");
  EXPECT_EQ(find_cookie(fields, "late"), "5");
  EXPECT_EQ(find_cookie(fields, "d"), "");
  EXPECT_EQ(find_cookie(fields, "ID"), "");  // names of cookies have a case
}

TEST(Field, ListsAreTakenApart) {
  const auto elements = [](std::string_view list) {
    std::vector<std::string> result;
    std::string_view element;
    while (next_list_element(list, element)) result.emplace_back(element);
    return result;
  };
  EXPECT_EQ(elements("a"), std::vector<std::string>({"a"}));
  EXPECT_EQ(elements(" a\t, b,c "), std::vector<std::string>({"a", "b", "c"}));
  EXPECT_EQ(elements(",a,,"), std::vector<std::string>({"", "a", "", ""}));
  EXPECT_EQ(elements(""), std::vector<std::string>({""}));
}

TEST(Field, TheFirstOfANameIsFound) {
  const std::vector<Field> fields = {
      {.name = "A", .value = "1"}, {.name = "b", .value = "2"}, {.name = "B", .value = "3"}};
  ASSERT_NE(find_field(fields, "B"), nullptr);
  EXPECT_EQ(find_field(fields, "B")->value, "2");
  EXPECT_EQ(find_field(fields, "c"), nullptr);
}

}  // namespace
}  // namespace understudy::http
