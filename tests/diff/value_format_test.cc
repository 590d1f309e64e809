// Value detectors: what is recognised, and above all what ordinary noise is not.
#include "diff/body/value_format.h"

#include <gtest/gtest.h>

namespace understudy::diff::test {
namespace {

TEST(ValueFormat, RecognisesDatesIdentifiersAndAddresses) {
  EXPECT_EQ(format_of("2017-10-10T16:00:00Z"), ValueFormat::date_time);
  EXPECT_EQ(format_of("2017-10-10T16:00:00.123456+02:00"), ValueFormat::date_time);
  EXPECT_EQ(format_of("2017-10-10T16:00:00"), ValueFormat::local_date_time);
  EXPECT_EQ(format_of("2017-10-10 16:00:00"), ValueFormat::local_date_time);
  EXPECT_EQ(format_of("2017-10-10T16:00:00.Z"), ValueFormat::plain);
  EXPECT_EQ(format_of("2017-10-10T16:00:00+0200"), ValueFormat::plain);
  EXPECT_EQ(format_of("2017-10-10"), ValueFormat::date);
  EXPECT_EQ(format_of("Tue, 26 Sep 2017 03:31:12 GMT"), ValueFormat::http_date);
  EXPECT_EQ(format_of("550e8400-e29b-41d4-a716-446655440000"), ValueFormat::uuid);
  EXPECT_EQ(format_of("01ARZ3NDEKTSV4RRFFQ69G5FAV"), ValueFormat::ulid);
  EXPECT_EQ(format_of("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_-123"), ValueFormat::jwt);
  EXPECT_EQ(format_of("https://api.github.com/gists{/gist_id}"), ValueFormat::url);
  EXPECT_EQ(format_of("see https://example.org"), ValueFormat::plain);
  EXPECT_EQ(format_of("10.0.0.255"), ValueFormat::ip_address);
  EXPECT_EQ(format_of("10.0.0.256"), ValueFormat::plain);
  EXPECT_EQ(format_of("10.0.0.1.1"), ValueFormat::plain);
  EXPECT_EQ(format_of("2001:db8::1"), ValueFormat::ip_address);
  EXPECT_EQ(format_of("12:34:56"), ValueFormat::plain);
  EXPECT_EQ(format_of("93a078d1c3f76aa1ca11def8f882a06df1d4a01b"), ValueFormat::hex_token);
  EXPECT_EQ(format_of("MDEwOlJlcG9zaXRvcnkyOTI5MjMyNjk="), ValueFormat::base64_token);
  EXPECT_EQ(format_of("1507651200"), ValueFormat::epoch_seconds);
  EXPECT_EQ(format_of("1507651200000"), ValueFormat::epoch_milliseconds);
  EXPECT_EQ(format_of("octokit-fixture-org"), ValueFormat::plain);
  EXPECT_EQ(format_of(""), ValueFormat::plain);
}

TEST(ValueFormat, AnotherFormatIsAChange) {
  EXPECT_TRUE(format_changed("2017-10-10T16:00:00Z", "Tue, 26 Sep 2017 03:31:12 GMT"));
  EXPECT_TRUE(format_changed("2017-10-10T16:00:00Z", "2017-10-10 16:00:00"));
  EXPECT_TRUE(format_changed("2017-10-10T16:00:00Z", "2017-10-10"));
  EXPECT_TRUE(format_changed("2017-10-10T16:00:00Z", "1507651200"));
  EXPECT_TRUE(format_changed("550e8400-e29b-41d4-a716-446655440000", "17"));
  EXPECT_TRUE(format_changed("550e8400-e29b-41d4-a716-446655440000", "550e8400e29b41d4a716446655440000"));
  EXPECT_TRUE(format_changed("https://example.org/a", "/a"));
  EXPECT_TRUE(format_changed("/a", "https://example.org/a"));
  EXPECT_TRUE(format_changed("93a078d1c3f76aa1ca11def8f882a06df1d4a01b", "k6B40cP3aqHKEd74-IKgbfHUoBs"));
  EXPECT_TRUE(format_changed("1507651200", "1507651200000"));
}

TEST(ValueFormat, OrdinaryNoiseIsNot) {
  EXPECT_FALSE(format_changed("2017-10-10T16:00:00Z", "2017-10-10T16:00:00.5+01:00"));
  EXPECT_FALSE(format_changed("", "2017-10-10T16:00:00Z"));
  EXPECT_FALSE(format_changed("93a078d1c3f76aa1ca11def8f882a06df1d4a01b", "master"));
  EXPECT_FALSE(format_changed("93a078d1c3f76aa1ca11def8f882a06df1d4a01b", "4c105faedf0334a3a3a5e9494f3310c8ba671000"));
  EXPECT_FALSE(format_changed("MDEwOlJlcG9zaXRvcnkyOTI5MjMyNjk=", "R_kgDOHrjuzQ"));
  EXPECT_FALSE(
      format_changed("tmp-scenario-errors-20181015153335346-ep4x8", "tmp-scenario-git-refs-20171018043809529"));
  EXPECT_FALSE(format_changed("1507651200", "17"));
  EXPECT_FALSE(format_changed("1507651200", "9507651200000"));
  EXPECT_FALSE(format_changed("10.0.0.1", "example"));
  EXPECT_FALSE(format_changed("1.2.3.4", "1.2.4"));
}

TEST(ValueFormat, AnEpochTimeInAnotherUnitIsAChangeOnlyIfItMeansTheSameTime) {
  EXPECT_TRUE(epoch_unit_changed(1'507'651'200, 1'507'651'200'123));
  EXPECT_TRUE(epoch_unit_changed(1'507'651'200'123'456, 1'507'651'200));
  EXPECT_TRUE(epoch_unit_changed(1'507'651'200'123'456'789, 1'507'651'200'123));
  EXPECT_FALSE(epoch_unit_changed(1'507'651'200, 1'507'651'201));
  EXPECT_FALSE(epoch_unit_changed(1'507'651'200, 1'907'651'200'000));
  EXPECT_FALSE(epoch_unit_changed(1'507'651'200, -5));
  EXPECT_FALSE(epoch_unit_changed(17, 1'507'651'200'000));
}

}  // namespace
}  // namespace understudy::diff::test
