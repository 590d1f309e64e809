#include "proxy/http/query.h"

#include <gtest/gtest.h>

namespace understudy::http {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(Query, IsTakenApart) {
  EXPECT_EQ(query_of("/a?b=c?d"), "b=c?d");
  EXPECT_EQ(query_of("/a"), "");
  EXPECT_EQ(parse_query(""), Pairs());
  EXPECT_EQ(parse_query("a=b&c=d"), (Pairs{{"a", "b"}, {"c", "d"}}));
  EXPECT_EQ(parse_query("a&b=&=c&&d=e=f"), (Pairs{{"a", ""}, {"b", ""}, {"", "c"}, {"d", "e=f"}}));
  EXPECT_EQ(parse_query("endpoint=GET+%2Forders%2f%7Bid%7D&x%20y=%C3%A4"),
            (Pairs{{"endpoint", "GET /orders/{id}"}, {"x y", "\xc3\xa4"}}));
}

TEST(Query, AsksForTwoHexDigits) {
  for (const char* bad : {"a=%", "a=%2", "a=%2g", "%zz=b"}) EXPECT_FALSE(parse_query(bad)) << bad;
}

}  // namespace
}  // namespace understudy::http
