// What is said of two values that differ: a table of pairs, clocks at the borders of the exchange's span, and what
// holds for all pairs.
#include "diff/body/value_difference.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/diff/support.h"

namespace understudy::diff::test {
namespace {

using Class = DifferenceClass;

// 2026-11-30T22:30:10.500Z and 250 ms more.
constexpr std::int64_t begin_us = 1'796'077'810'500'000;
constexpr Occasion now{.begin_us = begin_us, .end_us = begin_us + 250'000};
constexpr Occasion unknown{};

// "equal", or the class and the aspects in their order.
std::string said(const ValueDifference& difference) {
  if (!difference.differs) return "equal";
  std::string text(name_of(difference.difference_class));
  for (std::size_t i = 0; i < difference_class_count; ++i) {
    if ((difference.aspects & ClassSet{1} << i) != 0) text += " " + std::string(name_of(static_cast<Class>(i)));
  }
  return text;
}

struct Row {
  std::string primary;
  std::string other;
  std::string said;
};

void expect_strings(const std::vector<Row>& rows, const Occasion& occasion) {
  for (const Row& row : rows) {
    EXPECT_EQ(said(string_difference(row.primary, row.other, occasion)), row.said)
        << row.primary << "  ->  " << row.other;
  }
}

const std::vector<Row> plain_rows{
    // Words.
    {"shipped", "pending", "value_changed"},
    {"Ann", "Ann ", "string_form"},
    {"2017-10-10T16:00:00Z", "2017-10-10T16:00:00Z\n", "string_form"},
    {"Ann", "Bob", "value_changed"},
    {"Ann", "Ben", "value_changed"},
    {"Ann", "Maximilian", "value_changed length_changed"},
    {"Christopher", "C", "value_changed length_changed"},
    {"Christopher", "Christine", "value_changed"},
    {"A text of some length, for people", "A text", "value_changed length_changed"},
    {"Hello world, said she", "Hello world, said he and he", "value_changed"},
    {"Ann", "", "value_changed emptied"},
    {"Ann", "  ", "value_changed emptied"},
    {"Ann", "null", "value_changed emptied"},
    {"Ann", "undefined", "value_changed emptied"},
    {"Ann", "N/A", "value_changed emptied"},
    {"Ann", "NaN", "value_changed emptied"},
    {"Ann", "[object Object]", "value_changed emptied"},
    {"Ann", "None", "value_changed emptied"},
    {"Ann", "-", "value_changed emptied"},
    {"", "Ann", "value_changed length_changed"},
    {"null", "", "value_changed"},
    {"", "null", "value_changed"},
    {"Nullarbor", "nullable", "value_changed"},
    {"Ann", "0", "value_changed zeroed"},
    // Numbers in strings.
    {"12.50", "13.75", "value_changed greater"},
    {"12.50", "9.99", "value_changed less"},
    {"12.50", "0.00", "value_changed zeroed less"},
    {"12.50", "0", "value_changed zeroed notation_changed less"},
    {"-12.50", "0.00", "value_changed zeroed greater"},
    {"0.00", "12.50", "value_changed greater"},
    {"12.50", "-12.50", "value_changed sign_changed less"},
    {"-12.50", "12.50", "value_changed sign_changed greater"},
    {"12.50", "1250.00", "value_changed out_of_range greater"},
    {"1250.00", "12.50", "value_changed out_of_range less"},
    {"12.50", "625.00", "value_changed greater"},
    {"12.50", "12.5", "notation_changed"},
    {"10.0", "10.00", "notation_changed"},
    {"10.0", "10", "notation_changed"},
    {"10", "+10", "notation_changed"},
    {"0,0", "0", "notation_changed"},
    {"1234.50", "1,234.50", "notation_changed"},
    {"1234.50", "1.234,50", "notation_changed"},
    {"1,234.50", "1,334.50", "value_changed greater"},
    {"1,234.50", "1534.50", "value_changed notation_changed greater"},
    {"12.50", "13.5", "value_changed notation_changed greater"},
    {"12,50", "13,75", "value_changed greater"},
    {"12,50", "13.75", "value_changed notation_changed greater"},
    {"$12.50", "$9.00", "value_changed less"},
    {"$12.50", "$0.00", "value_changed zeroed less"},
    {"12.50 EUR", "14.00 EUR", "value_changed greater"},
    {"12.50 EUR", "12.5 EUR", "notation_changed"},
    {"12.50 EUR", "12.50 USD", "value_changed notation_changed"},
    {"EUR 12.50", "EUR 14.00", "value_changed greater"},
    {"\u20AC12.50", "\u20AC14.00", "value_changed greater"},
    {"42 %", "43 %", "value_changed greater"},
    {"1.5e-7", "2.5e-7", "value_changed greater"},
    {"12345678901234567890", "12345678901234567891", "value_changed"},
    {"007", "008", "value_changed"},
    {"12.50", "", "value_changed emptied"},
    {"12.50", "N/A", "value_changed emptied"},
    {"1,2,3", "1,2,4", "value_changed"},
    {"1.2.3", "1.2.4", "value_changed"},
    {"A12", "A13", "value_changed"},
    {"17", "1700", "value_changed out_of_range greater"},
    // Identifiers and tokens.
    {"550e8400-e29b-41d4-a716-446655440000", "650e8400-e29b-41d4-a716-446655440000", "value_changed"},
    {"550e8400-e29b-41d4-a716-446655440000", "550E8400-E29B-41D4-A716-446655440000", "notation_changed"},
    {"550e8400-e29b-41d4-a716-446655440000", "650E8400-E29B-41D4-A716-446655440000", "value_changed notation_changed"},
    {"550e8400-e29b-41d4-a716-446655440000", "00000000-0000-0000-0000-000000000000", "value_changed zeroed"},
    {"550e8400-e29b-41d4-a716-446655440000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "value_changed zeroed"},
    {"550e8400-e29b-41d4-a716-446655440000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
     "value_changed zeroed notation_changed"},
    {"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "value_changed"},
    {"550e8400-e29b-41d4-a716-446655440000", "", "value_changed emptied"},
    {"550e8400-e29b-41d4-a716-446655440000", "17", "format_changed"},
    {"550e8400-e29b-41d4-a716-446655440000", "undefined", "format_changed"},
    {"93a078d1c3f76aa1ca11def8f882a06d", "4c105faedf0334a3a3a5e9494f3310c8", "value_changed"},
    {"93a078d1c3f76aa1ca11def8f882a06d", "93A078D1C3F76AA1CA11DEF8F882A06D", "notation_changed"},
    {"93a078d1c3f76aa1ca11def8f882a06d", "4C105FAEDF0334A3A3A5E9494F3310C8", "value_changed notation_changed"},
    {"93a078d1c3f76aa1ca11def8f882a06d", "4c105faedf0334a3", "value_changed length_changed"},
    {"93a078d1c3f76aa1ca11def8f882a06d", "", "value_changed emptied"},
    {"93a078d1c3f76aa1ca11def8f882a06d", "undefined", "value_changed emptied"},
    {"93a078d1c3f76aa1ca11def8f882a06d", "00000000000000000000000000000000", "value_changed zeroed"},
    {"93a078d1c3f76aa1ca11def8f882a06d", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "value_changed zeroed"},
    {"ord-000812", "ord-000813", "value_changed"},
    {"ord-000812", "ord-8", "value_changed length_changed template_changed"},
    // What stands around them.
    {"ord-000812", "inv-000813", "value_changed template_changed"},
    {"/v1/jobs/550e8400-e29b-41d4-a716-446655440000", "/v1/jobs/650e8400-e29b-41d4-a716-446655440000", "value_changed"},
    {"/v1/jobs/550e8400-e29b-41d4-a716-446655440000", "/jobs/650e8400-e29b-41d4-a716-446655440000",
     "value_changed template_changed"},
    {"/v1/jobs/550e8400-e29b-41d4-a716-446655440000", "/v1/jobs/undefined",
     "value_changed length_changed template_changed"},
    {"attachment; filename=\"export-5f3a09bc.csv\"", "attachment; filename=\"export-66b1d0c2.csv\"", "value_changed"},
    {"attachment; filename=\"export-5f3a09bc.csv\"", "attachment; filename=\"export-66b1d0c2.bin\"",
     "value_changed template_changed"},
    {"<https://a.example/x?cursor=5f3a09bc17>; rel=\"prev\", <https://a.example/x?cursor=6f3a09bc17>; rel=\"next\"",
     "<https://a.example/x?cursor=8f3a09bc17>; rel=\"prev\"", "value_changed length_changed template_changed"},
    {"https://a.example/files/7?sign=5f3a09bc17", "https://a.example/draft/7?sign=6f3a09bc17",
     "value_changed template_changed"},
    {"https://a.example/files/7?expires=3600&sign=5f3a09bc17", "https://a.example/files/7?expires=1&sign=6f3a09bc17",
     "value_changed template_changed"},
    {"https://a.example/files/7?sign=5f3a09bc17", "https://b.example/files/7?sign=6f3a09bc17",
     "value_changed origin_changed"},
    {"sk_live_51HZx8aQ", "sk_live_9Ab27cQe", "value_changed"},
    {"sk_live_51HZx8aQ", "sk_test_9Ab27cQe", "value_changed template_changed"},
    {"kQxRyTbNmWvLpZsDfGhJ", "QkxyRTbmNWLvpsZDfhGJ", "value_changed"},
    {"the order 550e8400-e29b-41d4-a716-446655440000 is lost", "the order 650e8400-e29b-41d4-a716-446655440000 is here",
     "value_changed template_changed"},
    {"one word", "another word", "value_changed"},
    {"c29640b2-b4cf-41f0-bb71-f1c258887eaf", "fdcefdae-0b14-455c-9d28-4b28f1afd2c0", "value_changed"},
    {"/jobs/c29640b2-b4cf-41f0-bb71-f1c258887eaf", "/jobs/fdcefdae-0b14-455c-9d28-4b28f1afd2c0", "value_changed"},
    {"job-c29640b2-b4cf-41f0-bb71-f1c258887eaf", "run-fdcefdae-0b14-455c-9d28-4b28f1afd2c0",
     "value_changed template_changed"},
    {"pi_KqxRyTbNmWvLpZsDfGhJ", "pi_kq2RyTbNmWvLpZsDfGhJ", "value_changed"},
    {"pi_KqxRyTbNmWvLpZsDfGhJ", "ch_kq2RyTbNmWvLpZsDfGhJ", "value_changed template_changed"},
    {"Kq2xRyTbN_WvLpZs-fGhJ31", "ab_kQxRyTbNmWv-pZsDfG7h", "value_changed"},
    {"10.1.2.3", "0.0.0.0", "value_changed zeroed"},
    {"10.1.2.3", "10.1.2.4", "value_changed"},
    {"2001:db8::17:1", "::", "value_changed zeroed length_changed"},
    {"https://example.org/a/1", "/a/1", "format_changed"},
    {"https://example.org/a/1?sign=12", "https://example.org/a/1?sign=34", "value_changed"},
    {"https://example.org/a/1?sign=12", "https://example.com/a/1?sign=34", "value_changed origin_changed"},
    {"https://example.org/a/1?sign=12", "http://example.org/a/1?sign=34", "value_changed origin_changed"},
    {"https://example.org/a/1?sign=12", "https://example.org:8443/a/1?sign=34", "value_changed origin_changed"},
    {"https://example.org?next=http://a/", "https://EXAMPLE.org?next=http://b/", "value_changed"},
    {"seen at http://a.example/1", "seen at http://b.example/2", "value_changed"},
    // Times, where nothing is known of the exchange's.
    {"2017-10-10T16:00:00Z", "2017-10-10T16:00:01Z", "value_changed greater"},
    {"2017-10-10T16:00:00Z", "2017-10-10T15:59:59Z", "value_changed less"},
    {"2017-10-10T16:00:00Z", "2017-10-10T16:00:00+00:00", "notation_changed"},
    {"2017-10-10T16:00:00Z", "2017-10-10T18:00:00+02:00", "notation_changed"},
    {"2017-10-10T16:00:00Z", "2017-10-10T16:00:00.000Z", "notation_changed"},
    {"2017-10-10T16:00:00.120Z", "2017-10-10T16:00:00.12Z", "notation_changed"},
    {"2017-10-10T16:00:00Z", "2017-10-10t16:00:00z", "notation_changed"},
    {"2017-10-10T16:00:00.123456Z", "2017-10-10T16:00:00.123Z", "value_changed notation_changed less"},
    {"2017-10-10T16:00:00.123456789Z", "2017-10-10T16:00:00.123456788Z", "value_changed less"},
    {"2017-10-10T16:00:00Z", "2017-10-10T16:00:01+00:00", "value_changed notation_changed greater"},
    {"2017-10-10T16:00:00Z", "2017-10-10T16:00:00+02:00", "value_changed notation_changed less"},
    {"2017-10-10T16:00:00Z", "1970-01-01T00:00:00Z", "value_changed zeroed less"},
    {"2017-10-10T16:00:00Z", "1969-12-31T19:00:00-05:00", "value_changed zeroed notation_changed less"},
    {"2017-10-10T16:00:00Z", "0001-01-01T00:00:00Z", "value_changed zeroed less"},
    {"1970-01-01T00:00:00Z", "2017-10-10T16:00:00Z", "value_changed greater"},
    {"2017-10-10", "1970-01-01", "value_changed zeroed less"},
    {"2017-10-10", "0000-00-00", "value_changed zeroed"},
    {"2017-10-10", "2017-10-11", "value_changed greater"},
    {"2017-10-10 16:00:00", "2017-10-10T16:00:00", "notation_changed"},
    {"2017-10-10 16:00:00", "2017-10-10 16:00:00.0", "notation_changed"},
    {"2017-10-10 16:00:00Z", "2017-10-10 16:00:00", "notation_changed"},
    {"2017-10-10 16:00:00Z", "2017-10-10 18:00:00", "value_changed notation_changed greater"},
    {"2017-10-10T16:00:00Z", "2017-10-10 16:00:00", "format_changed"},
    {"2017-10-10T16:00:00Z", "1507651200", "format_changed"},
    {"2017-10-10T16:00:00Z", "yesterday", "format_changed"},
    {"2017-10-10T16:00:00Z", "", "value_changed emptied"},
    {"Tue, 26 Sep 2017 03:31:12 GMT", "Tue, 26 Sep 2017 03:31:13 GMT", "value_changed greater"},
    {"Tue, 26 Sep 2017 03:31:12 GMT", "Tue, 26 Sep 2017 03:31:12 +0000", "notation_changed"},
    {"Tue, 26 Sep 2017 03:31:12 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "value_changed zeroed less"},
    {"1507651200", "1507651201", "value_changed greater"},
    {"1507651200", "1507651200.0", "notation_changed"},
    {"1507651200", "0", "value_changed zeroed less"},
    {"1507651200", "1507651200000", "format_changed"},
};

// The span is 22:30:10.500 to 22:30:10.750 of 2026-11-30, so that clocks may show 22:30:05.500 to 22:30:15.750.
const std::vector<Row> clock_rows{
    {"2026-11-30T22:30:10.600Z", "2026-11-30T22:30:10.700Z", "equal"},
    {"2026-11-30T22:30:05.500Z", "2026-11-30T22:30:15.750Z", "equal"},
    {"2026-11-30T22:30:10.600Z", "2026-11-30T22:30:05.499Z", "value_changed less"},
    {"2026-11-30T22:30:10.600Z", "2026-11-30T22:30:15.751Z", "value_changed greater"},
    {"2026-11-30T22:30:15.751Z", "2026-11-30T22:30:10.600Z", "value_changed less"},
    {"2026-11-30T22:30:10.600000Z", "2026-11-30T22:30:15.750001Z", "value_changed greater"},
    {"2026-11-30T22:30:10Z", "2026-11-30T22:30:11Z", "equal"},
    {"2026-11-30T22:30:05Z", "2026-11-30T22:30:15Z", "equal"},
    {"2026-11-30T22:30:10Z", "2026-11-30T22:30:04Z", "value_changed less"},
    // What expires in an hour.
    {"2026-11-30T23:30:10Z", "2026-11-30T23:30:11Z", "equal"},
    {"2026-11-30T23:30:10Z", "2026-11-30T23:30:12Z", "value_changed greater"},
    {"2026-11-30T23:59:59Z", "2026-12-01T00:00:00Z", "value_changed greater"},
    {"2026-11-30T21:30:10Z", "2026-11-30T21:30:11Z", "value_changed greater"},
    {"2027-06-30T12:00:30Z", "2027-06-30T12:00:31Z", "value_changed greater"},
    {"2147483647", "2147483646", "value_changed less"},
    {"2147483647123", "2147483647124", "value_changed greater"},
    {"2026-11-30T22:30:10Z", "2026-11-30T22:30:16Z", "value_changed greater"},
    {"2026-11-30T22:30:10.600Z", "2026-11-30T22:30:10.700+00:00", "notation_changed"},
    {"2026-11-30T22:30:10.600Z", "2026-11-30T23:30:10.700+01:00", "notation_changed"},
    {"2026-11-30T22:30:10.600+05:30", "2026-11-30T22:30:16.700+05:30", "value_changed greater"},
    {"2026-12-01T04:00:10.600+05:30", "2026-12-01T04:00:10.700+05:30", "equal"},
    {"2026-11-30T22:30:10.600Z", "2026-11-30T22:30:10.700000Z", "notation_changed"},
    {"2026-11-30T22:30:10.600Z", "2026-11-30T22:30:10Z", "notation_changed"},
    {"2026-11-30T22:30:10.600Z", "1970-01-01T00:00:00.000Z", "value_changed zeroed out_of_range less"},
    {"2026-11-30T22:30:10.600Z", "2030-01-01T00:00:00.000Z", "value_changed out_of_range greater"},
    {"2017-11-30T22:30:10.600Z", "2030-01-01T00:00:00.000Z", "value_changed greater"},
    {"2026-11-30T22:30:10.600Z", "", "value_changed emptied"},
    {"2026-11-30T22:30:10.600Z", "now", "format_changed"},
    {"2026-11-30T22:30:10.600Z", "1796077810", "format_changed"},
    // Local clocks.
    {"2026-11-30T22:30:10.600", "2026-11-30T22:30:10.700", "equal"},
    {"2026-11-30 23:30:10", "2026-11-30 23:30:11", "equal"},
    {"2026-12-01 04:15:10", "2026-12-01 04:15:11", "equal"},
    {"2026-11-30 23:30:10", "2026-12-01 00:30:11", "value_changed greater"},
    {"2026-11-30 23:37:10", "2026-11-30 23:37:11", "value_changed greater"},
    {"2026-11-30 23:30:10", "2026-11-30T23:30:11", "notation_changed"},
    {"2026-11-28 23:30:10", "2026-11-28 23:30:11", "value_changed greater"},
    // Others.
    {"Mon, 30 Nov 2026 22:30:10 GMT", "Mon, 30 Nov 2026 22:30:11 GMT", "equal"},
    {"Mon, 30 Nov 2026 22:30:10 GMT", "Mon, 30 Nov 2026 22:31:11 GMT", "value_changed greater"},
    {"1796077810", "1796077811", "equal"},
    {"1796077810600", "1796077810700", "equal"},
    {"1796077810600000", "1796077810700000", "equal"},
    {"1796077810600000000", "1796077810700000000", "equal"},
    {"1796077810.600000", "1796077810.700000", "equal"},
    {"1796077810.600000", "1796077810.7", "notation_changed"},
    {"1796077810.600000", "1796077830.700000", "value_changed greater"},
    {"1796077810", "1796077817", "value_changed greater"},
    {"1796077810", "1796077810600", "format_changed"},
    {"1796077810", "0", "value_changed zeroed less"},
    {"550e8400-e29b-41d4-a716-446655440000", "17", "format_changed"},
};

TEST(ValueDifference, OfTwoStringsSaysWhatElseHolds) {
  expect_strings(plain_rows, unknown);
}

TEST(ValueDifference, ReadingsOfAClockAreEqualWithinTheSpanOfTheExchange) {
  expect_strings(clock_rows, now);
}

TEST(ValueDifference, WhereTheSpanIsUnknownNothingIsAClock) {
  expect_strings({{"2026-11-30T22:30:10.600Z", "2026-11-30T22:30:10.700Z", "value_changed greater"},
                  {"2026-11-30T22:30:10.600Z", "2030-01-01T00:00:00.000Z", "value_changed greater"},
                  {"1796077810", "1796077811", "value_changed greater"}},
                 unknown);
}

TEST(ValueDifference, AClockCutToAUnitMayShowTheUnitBefore) {
  // 22:59:58 to 22:59:59: on the hour in two seconds.
  constexpr Occasion before_the_hour{.begin_us = 1'796'079'598'000'000, .end_us = 1'796'079'599'000'000};
  expect_strings({{"2026-11-30T22:59:00Z", "2026-11-30T23:00:00Z", "equal"},
                  {"2026-11-30T22:58:00Z", "2026-11-30T23:00:00Z", "value_changed greater"},
                  {"2026-11-30T22:00:00Z", "2026-11-30T23:00:00Z", "equal"},
                  {"2026-11-30T22:00:00.000Z", "2026-11-30T23:00:00.000Z", "equal"},
                  {"2026-11-30T22:59:58Z", "2026-11-30T22:59:00Z", "value_changed less"},
                  {"1796079540", "1796079600", "equal"}},
                 before_the_hour);
  expect_strings({{"2026-11-30T22:29:00Z", "2026-11-30T22:30:00Z", "value_changed greater"},
                  {"2026-11-30T22:00:00Z", "2026-11-30T23:00:00Z", "value_changed greater"}},
                 now);
  // 23:59:58 to 23:59:59.
  constexpr Occasion before_midnight{.begin_us = 1'796'083'198'000'000, .end_us = 1'796'083'199'000'000};
  expect_strings({{"2026-11-30", "2026-12-01", "equal"},
                  {"2026-12-01", "2026-11-30", "equal"},
                  {"2026-11-29", "2026-11-30", "value_changed greater"},
                  {"2026-11-30", "2026-12-02", "value_changed greater"},
                  {"2026-11-30T00:00:00Z", "2026-12-01T00:00:00Z", "equal"}},
                 before_midnight);
  constexpr Occasion within_a_quarter{.begin_us = 1'796'077'810'500'000 + 300'000'000,
                                      .end_us = 1'796'077'810'500'000 + 301'000'000};
  expect_strings({{"2026-11-30", "2026-12-01", "value_changed greater"}}, within_a_quarter);
}

NumberValue integer(std::int64_t value) {
  return {static_cast<double>(value), value};
}
NumberValue real(double value) {
  return {value, std::nullopt};
}

TEST(ValueDifference, OfTwoNumbersSaysWhatElseHolds) {
  struct NumberRow {
    NumberValue primary;
    NumberValue other;
    const char* said;
  };
  const std::vector<NumberRow> rows{
      {integer(17), integer(18), "value_changed greater"},
      {integer(17), integer(16), "value_changed less"},
      {integer(17), integer(0), "value_changed zeroed less"},
      {integer(0), integer(17), "value_changed greater"},
      {integer(17), integer(-17), "value_changed sign_changed less"},
      {integer(-17), integer(17), "value_changed sign_changed greater"},
      {integer(17), integer(1700), "value_changed out_of_range greater"},
      {integer(17), integer(850), "value_changed greater"},
      {integer(17), integer(851), "value_changed out_of_range greater"},
      {real(12.5), real(0), "value_changed zeroed less"},
      {real(12.5), real(13.7), "value_changed greater"},
      {real(12.5), integer(12), "value_changed less"},
      {integer(9'007'199'254'740'993), integer(9'007'199'254'740'992), "value_changed less"},
      {integer(1'796'077'810), integer(1'796'077'811), "equal"},
      {integer(1'796'077'810), integer(1'796'077'890), "value_changed greater"},
      {integer(1'796'077'805), integer(1'796'077'815), "equal"},
      {integer(1'796'077'804), integer(1'796'077'810), "value_changed greater"},
      {integer(1'796'077'810), integer(1'796'077'816), "value_changed greater"},
      {integer(1'796'077'810'600), integer(1'796'077'810'700), "equal"},
      {integer(1'796'077'805'500), integer(1'796'077'815'750), "equal"},
      {integer(1'796'077'805'499), integer(1'796'077'815'750), "value_changed greater"},
      {integer(1'796'077'810'600'000), integer(1'796'077'810'700'000), "equal"},
      {integer(1'796'077'810'600'000'000), integer(1'796'077'810'700'000'000), "equal"},
      {real(1'796'077'810.6), real(1'796'077'810.7), "equal"},
      {real(1'796'077'810'600.5), real(1'796'077'810'700.25), "equal"},
      {real(1'796'077'810.6), integer(1'796'077'811), "notation_changed"},
      {real(1'796'077'810.6), real(1'796'077'830.7), "value_changed greater"},
      {integer(1'796'077'810), integer(1'496'077'810), "value_changed out_of_range less"},
      {integer(1'796'077'810), integer(1'796'077'810'600), "format_changed"},
      {integer(1'796'077'810), integer(0), "value_changed zeroed less"},
      {integer(1'796'077'810), integer(-1), "value_changed out_of_range sign_changed less"},
  };
  for (const NumberRow& row : rows) {
    EXPECT_EQ(said(number_difference(row.primary, row.other, now)), row.said)
        << row.primary.value << "  ->  " << row.other.value;
  }
  EXPECT_EQ(said(number_difference(integer(1'796'077'810), integer(1'796'077'811), unknown)), "value_changed greater");
}

TEST(ValueDifference, SwappedItIsGreaterForLessAndOfTheSameClass) {
  for (const auto* rows : {&plain_rows, &clock_rows}) {
    const Occasion& occasion = rows == &plain_rows ? unknown : now;
    for (const Row& row : *rows) {
      const ValueDifference there = string_difference(row.primary, row.other, occasion);
      const ValueDifference back = string_difference(row.other, row.primary, occasion);
      const auto has = [](const ValueDifference& difference, Class aspect) {
        return (difference.aspects & bit_of(aspect)) != 0;
      };
      EXPECT_EQ(there.differs, back.differs) << row.primary << row.other;
      EXPECT_EQ(there.difference_class, back.difference_class) << row.primary << row.other;
      EXPECT_EQ(has(there, Class::greater), has(back, Class::less)) << row.primary << row.other;
      EXPECT_EQ(has(there, Class::less), has(back, Class::greater)) << row.primary << row.other;
      for (const Class same : {Class::sign_changed, Class::notation_changed})
        EXPECT_EQ(has(there, same), has(back, same)) << row.primary << row.other;
      EXPECT_EQ(there.primary_number, back.other_number);
      EXPECT_EQ(said(there), said(string_difference(row.primary, row.other, occasion)));
    }
  }
}

TEST(ValueDifference, NumbersAndTimesAreGivenAsSuch) {
  const auto time = string_difference("1970-01-02T00:00:00Z", "1970-01-02T01:00:00.5+01:00", unknown);
  EXPECT_EQ(time.primary_number, 86'400);
  EXPECT_EQ(time.other_number, 86'400.5);
  const auto money = string_difference("$1,234.50", "$99.00", unknown);
  EXPECT_EQ(money.primary_number, 1234.5);
  EXPECT_EQ(money.other_number, 99);
  EXPECT_EQ(string_difference("Ann", "Bob", unknown).primary_number, std::nullopt);
}

// On the way through the documents.
std::string said_of_json(const std::string& primary, const std::string& other, const Occasion& occasion = now) {
  Comparer comparer{Settings{}};
  std::string text;
  for (const Finding& finding : comparer.compare(json_response(primary), json_response(other), occasion)) {
    ValueDifference difference;
    difference.difference_class = finding.difference_class;
    difference.aspects = finding.aspects;
    text += (text.empty() ? "" : "; ") + finding.path + " " + said(difference);
  }
  return text;
}

TEST(ValueDifference, EqualValuesHaveNoneAndOthersThoseOfTheirValues) {
  EXPECT_EQ(said_of_json(R"({"a":"12.50"})", R"({"a":"12.50"})"), "");
  EXPECT_EQ(said_of_json(R"({"a":"12.50"})", R"({"a":"-12.50"})"), "/a value_changed sign_changed less");
  EXPECT_EQ(said_of_json(R"({"a":12.5})", R"({"a":0})"), "/a value_changed zeroed less");
  EXPECT_EQ(said_of_json(R"({"a":true})", R"({"a":false})"), "/a value_changed");
  EXPECT_EQ(said_of_json(R"({"a":1e400})", R"({"a":-1e400})"), "/a value_changed");
  EXPECT_EQ(said_of_json(R"({"a":10})", R"({"a":"10.0"})"), "/a type_changed");
  EXPECT_EQ(said_of_json(R"({"a":"2017-10-10T16:00:00Z"})", R"({"a":"2017-10-10T16:00:00.000Z"})"),
            "/a notation_changed");
}

TEST(ValueDifference, AClockThatRunsOnIsNoDifference) {
  EXPECT_EQ(said_of_json(R"({"at":1796077810,"b":1})", R"({"at":1796077811,"b":1})"), "");
  EXPECT_EQ(said_of_json(R"({"at":1796077810,"b":1})", R"({"at":1796077811,"b":2})"), "/b value_changed greater");
  EXPECT_EQ(said_of_json(R"({"at":"2026-11-30T22:30:10Z"})", R"({"at":"2026-11-30T22:30:11+00:00"})"),
            "/at notation_changed");
  EXPECT_EQ(said_of_json(R"([1796077810,1796077810])", R"([1796077811,1796077812])"), "");
  EXPECT_EQ(said_of_json(R"({"at":1796077810})", R"({"at":1796077811})", unknown), "/at value_changed greater");
}

TEST(ValueDifference, OfSeveralValuesAtOnePathTheMajorityIsGreaterOrLess) {
  EXPECT_EQ(said_of_json("[11,12,13]", "[21,22,9]"), "/* value_changed greater");
  EXPECT_EQ(said_of_json("[11,12,13]", "[0,10,14]"), "/* value_changed zeroed less");
  EXPECT_EQ(said_of_json("[1,2]", "[2,1]"), "body order_changed");
  EXPECT_EQ(said_of_json("[11,12]", "[13,10]"), "/* value_changed");
  EXPECT_EQ(said_of_json(R"(["12.50","3.00"])", R"(["","3.0"])"), "/* value_changed emptied; /* notation_changed");
}

TEST(ValueDifference, TheHashIsOfAllOtherValuesInTheirOrder) {
  const auto hash_of = [](const std::string& primary, const std::string& other) {
    return findings_of(primary, other).at(0).other_hash;
  };
  EXPECT_NE(hash_of("[1,2,3]", "[4,5,3]"), 0U);
  EXPECT_EQ(hash_of("[1,2,3]", "[4,5,3]"), hash_of("[7,8,3]", "[4,5,3]"));
  EXPECT_NE(hash_of("[1,2,3]", "[4,5,3]"), hash_of("[1,2,3]", "[5,4,3]"));
  EXPECT_EQ(hash_of(R"({"a":"x"})", R"({"a":"y"})"), hash_of(R"({"a":"z"})", R"({"a":"y"})"));
  const auto findings = findings_of("[1,2,3]", "[4,5,3]");
  EXPECT_EQ(findings[0].primary_number, 1);
  EXPECT_EQ(findings[0].other_number, 4);
}

}  // namespace
}  // namespace understudy::diff::test
