// Cookies: which security attributes a response gives up, and what else it sets otherwise. Never their values.
#include "diff/set_cookie.h"

#include <gtest/gtest.h>

#include <string>

#include "diff/fields.h"
#include "tests/diff/support.h"

namespace understudy::diff::test {
namespace {

using Cookies = std::vector<std::string>;

std::vector<Finding> findings_of_cookies(const Cookies& primary, const Cookies& other, const std::string& date = "",
                                         const std::string& other_date = "") {
  Response left = json_response("1");
  Response right = json_response("2");
  for (const std::string& cookie : primary) left.fields.push_back({"Set-Cookie", cookie});
  for (const std::string& cookie : other) right.fields.push_back({"set-cookie", cookie});
  if (!date.empty()) left.fields.push_back({"Date", date});
  if (!date.empty()) right.fields.push_back({"Date", other_date.empty() ? date : other_date});
  std::vector<Finding> findings;
  compare_headers(left, right, FieldContext{}, findings);
  return findings;
}

Names compare(const Cookies& primary, const Cookies& other, const std::string& date = "",
              const std::string& other_date = "") {
  return names_of(findings_of_cookies(primary, other, date, other_date));
}

const Names lost{"cookie_attribute header:set-cookie"};
const Names changed{"header_changed header:set-cookie"};
const std::string noon = "Tue, 10 Mar 2026 12:00:00 GMT";

TEST(SetCookie, ALostOrWeakenedSecurityAttributeIsFound) {
  EXPECT_EQ(compare({"tok=1; Secure"}, {"tok=2"}), lost);
  EXPECT_EQ(compare({"tok=1; HttpOnly; Path=/x"}, {"tok=2; Path=/x"}), lost);
  EXPECT_EQ(compare({"tok=1; SameSite=Strict"}, {"tok=2; SameSite=Lax"}), lost);
  EXPECT_EQ(compare({"tok=1; SameSite=Lax"}, {"tok=2; SameSite=None"}), lost);
  EXPECT_EQ(compare({"tok=1; SameSite=Strict"}, {"tok=2"}), lost);
  EXPECT_EQ(compare({"tok=1"}, {"tok=2; SameSite=None"}), lost);
  EXPECT_EQ(compare({"tok=1; Secure; Partitioned"}, {"tok=2; Secure"}), lost);
  EXPECT_EQ(compare({"__Host-tok=1; Secure; Path=/"}, {"tok=2; Secure; Path=/"}), lost);
  EXPECT_EQ(compare({"__Secure-tok=1; Secure"}, {"tok=2; Secure"}), lost);
  EXPECT_EQ(compare({"__Host-tok=1; Secure; Path=/"}, {"__Secure-tok=1; Secure; Path=/"}), lost);
  EXPECT_EQ(compare({"a=1", "tok=1; HttpOnly", "b=2"}, {"b=2", "tok=1", "a=1"}), lost);
}

TEST(SetCookie, AValueThatIsGoneIsFound) {
  EXPECT_EQ(compare({"sid=1; HttpOnly"}, {"sid=; HttpOnly"}), changed);
  EXPECT_EQ(compare({"sid=1; HttpOnly"}, {"sid= ; HttpOnly"}), changed);
  EXPECT_EQ(compare({"sid=; HttpOnly"}, {"sid=2; HttpOnly"}), changed);
  EXPECT_EQ(compare({"sid=1; HttpOnly"}, {"sid=2=; HttpOnly"}), Names{});
  EXPECT_EQ(findings_of_cookies({"sid=Zecret"}, {"sid="})[0].other_value, "sid: no value");
  // What has no name is a value, which is never told.
  EXPECT_EQ(compare({"Zecret; HttpOnly"}, {"Zecrets; HttpOnly"}), Names{});
  EXPECT_EQ(findings_of_cookies({"Zecret; HttpOnly"}, {"Zecret"})[0].primary_value, "(no name): HttpOnly");
}

TEST(SetCookie, TheValuesNameTheCookieAndWhatWasLostAndNothingSecret) {
  const auto findings =
      findings_of_cookies({"sess=Zecret1; Secure; HttpOnly; SameSite=Strict", "lang=Zecret2; HttpOnly"},
                          {"sess=Zecret3; SameSite=None", "lang=Zecret4"});
  ASSERT_EQ(names_of(findings), lost);
  EXPECT_EQ(findings[0].primary_value, "sess: Secure, HttpOnly, SameSite=Strict; lang: HttpOnly");
  EXPECT_EQ(findings[0].other_value, "sess: no Secure, no HttpOnly, SameSite=None; lang: no HttpOnly");
  for (const auto& pair : {std::pair{"s=Zecret; Path=/a", "s=Zecrets; Path=/b"}, std::pair{"s=Zecret", "t=Zecret"},
                           std::pair{"__Host-s=Zecret; Secure", "s=Zecret"}}) {
    for (const Finding& finding : findings_of_cookies({pair.first}, {pair.second})) {
      EXPECT_EQ(finding.primary_value.find("Zecret"), std::string::npos) << finding.primary_value;
      EXPECT_EQ(finding.other_value.find("Zecret"), std::string::npos) << finding.other_value;
    }
  }
}

TEST(SetCookie, AnotherAttributeIsAChangedField) {
  EXPECT_EQ(compare({"c=1; Path=/"}, {"c=1; Path=/app"}), changed);
  EXPECT_EQ(compare({"c=1; Domain=a.example"}, {"c=1; Domain=b.example"}), changed);
  EXPECT_EQ(compare({"c=1"}, {"c=1; Domain=a.example"}), changed);
  EXPECT_EQ(compare({"c=1"}, {"c=1; Max-Age=600"}), changed);
  EXPECT_EQ(compare({"c=1; Max-Age=600"}, {"c=1"}), changed);
  EXPECT_EQ(compare({"c=1; Max-Age=600"}, {"c=1; Max-Age=1300"}), changed);
  EXPECT_EQ(compare({"c=1; Max-Age=600"}, {"c=1; Max-Age=0"}), changed);
  EXPECT_EQ(compare({"c=1"}, {"c=1; Secure"}), changed);
  EXPECT_EQ(compare({"c=1"}, {"c=1; SameSite=Lax"}), changed);
  EXPECT_EQ(compare({"c=1; SameSite=Lax"}, {"c=1; SameSite=Strict"}), changed);
  EXPECT_EQ(compare({"c=1; Path=/"}, {"__Host-c=1; Path=/"}), changed);
  EXPECT_EQ(compare({"c=1; HttpOnly; Path=/"}, {"c=1; Path=/a"}),
            (Names{"cookie_attribute header:set-cookie", "header_changed header:set-cookie"}));
}

TEST(SetCookie, OrderCaseAndWritingAreFree) {
  EXPECT_EQ(compare({"c=1; Secure; HttpOnly; Path=/"}, {"c=2; path=/;httponly ;SECURE"}), Names{});
  EXPECT_EQ(compare({"c=1; SameSite=Lax"}, {"c=1; samesite=LAX"}), Names{});
  EXPECT_EQ(compare({"c=1; Domain=.A.example"}, {"c=1; Domain=a.EXAMPLE"}), Names{});
  EXPECT_EQ(compare({"a=1; Path=/", "b=2; Secure"}, {"b=2; Secure", "a=1; Path=/"}), Names{});
  EXPECT_EQ(compare({"a=1; Path=/x", "a=2; Path=/y"}, {"a=2; Path=/y", "a=1; Path=/x"}), Names{});
  EXPECT_EQ(compare({"c=1; Path=/; Path=/b"}, {"c=1; Path=/b"}), Names{}) << "the last one counts";
  EXPECT_EQ(compare({"c=1; Priority=High; Unknown"}, {"c=1"}), Names{});
  EXPECT_EQ(compare({"c=\"a, b\"; Secure"}, {"c=\"d\"; Secure;"}), Names{});
  EXPECT_EQ(compare({"c=1; Max-Age=60"}, {"c=1; max-age=60; Expires=Tue, 10 Mar 2026 13:30:00 GMT"}, noon), Names{});
  EXPECT_EQ(compare({"c=1; SameSite=Sometimes"}, {"c=1"}), Names{});
}

TEST(SetCookie, ADateThatMovesWithTheClockIsTheSameLifetime) {
  EXPECT_EQ(compare({"c=1; Expires=Tue, 10 Mar 2026 13:00:00 GMT"}, {"c=1; Expires=Tue, 10 Mar 2026 13:00:05 GMT"},
                    noon, "Tue, 10 Mar 2026 12:00:05 GMT"),
            Names{});
  EXPECT_EQ(
      compare({"c=1; Expires=Tue, 10 Mar 2026 13:00:00 GMT"}, {"c=1; Expires=Wed, 11 Mar 2026 12:00:00 GMT"}, noon),
      changed);
  EXPECT_EQ(compare({"c=1; Expires=Tue, 10-Mar-26 13:00:00 GMT"}, {"c=1; Max-Age=3600"}, noon), Names{});
  EXPECT_EQ(
      compare({"c=1; Expires=Tue, 10 Mar 2026 13:00:00 GMT"}, {"c=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT"}, noon),
      changed);
  EXPECT_EQ(compare({"c=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"}, {"c=; Max-Age=0"}, noon), Names{});
  EXPECT_EQ(compare({"c=; Expires=Thu, 01-Jan-1970 00:00:10 GMT"}, {"c=; Expires=Mon, 09 Mar 2026 12:00:00 GMT"}, noon),
            Names{});
  EXPECT_EQ(compare({"c=1; Expires=Tue, 10 Mar 2026 12:30:00 GMT"}, {"c=1"}, noon), changed);
  EXPECT_EQ(compare({"c=1; Expires=whenever"}, {"c=1"}, noon), Names{}) << "a date that is none is ignored";
  // Without a Date there is no telling how long, only whether it is deleted.
  EXPECT_EQ(compare({"c=1; Expires=Tue, 10 Mar 2026 13:00:00 GMT"}, {"c=1; Expires=Tue, 10 Mar 2026 19:00:00 GMT"}),
            Names{});
  EXPECT_EQ(compare({"c=1; Expires=Tue, 10 Mar 2026 13:00:00 GMT"}, {"c=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT"}),
            changed);
}

TEST(SetCookie, MaxAgeCountsWhateverItsSize) {
  EXPECT_EQ(compare({"c=1; Max-Age=99999999999999999999999999"}, {"c=1; Max-Age=99999999999999999999999999"}), Names{});
  EXPECT_EQ(compare({"c=1; Max-Age=99999999999999999999999999"}, {"c=1; Max-Age=60"}), changed);
  EXPECT_EQ(compare({"c=1; Max-Age=-99999999999999999999999999"}, {"c=1; Max-Age=0"}), Names{});
  EXPECT_EQ(compare({"c=1; Max-Age=60x"}, {"c=1"}), Names{}) << "a number that is none is ignored";
  EXPECT_EQ(compare({"c=1; Max-Age=600"}, {"c=1; Max-Age=1200"}), Names{});
}

TEST(SetCookie, CookiesLostOrNewAreSaidByName) {
  EXPECT_EQ(compare({"a=1", "b=2"}, {"b=2"}), Names{"header_removed header:set-cookie"});
  EXPECT_EQ(compare({"a=1"}, {"a=1", "b=2"}), Names{"header_added header:set-cookie"});
  EXPECT_EQ(compare({"a=1; Path=/x", "a=1; Path=/y"}, {"a=1; Path=/y"}), Names{"header_removed header:set-cookie"});
  EXPECT_EQ(compare({"=; Secure", "", ";;=", "a"}, {"=; Secure", "", ";;=", "a;"}), Names{});
}

}  // namespace
}  // namespace understudy::diff::test
