#include "proxy/config_units.h"

#include <gtest/gtest.h>

namespace understudy {
namespace {

using namespace std::chrono_literals;

TEST(ConfigUnits, SizesOfEveryUnitAreRead) {
  EXPECT_EQ(parse_size("0").value, 0u);
  EXPECT_EQ(parse_size("17B").value, 17u);
  EXPECT_EQ(parse_size("64KiB").value, 65536u);
  EXPECT_EQ(parse_size("256MiB").value, 268435456u);
  EXPECT_EQ(parse_size("2GiB").value, 2147483648u);
  EXPECT_EQ(parse_size("1TiB").value, 1099511627776u);
  EXPECT_EQ(parse_size("3kB").value, 3000u);
  EXPECT_EQ(parse_size("3KB").value, 3000u);
  EXPECT_EQ(parse_size("3MB").value, 3000000u);
  EXPECT_EQ(parse_size("3GB").value, 3000000000u);
  EXPECT_EQ(parse_size("3TB").value, 3000000000000u);
}

TEST(ConfigUnits, DurationsOfEveryUnitAreRead) {
  EXPECT_EQ(parse_duration("250ms").value, 250ms);
  EXPECT_EQ(parse_duration("10s").value, 10s);
  EXPECT_EQ(parse_duration("30m").value, 30min);
  EXPECT_EQ(parse_duration("2h").value, 2h);
  EXPECT_EQ(parse_duration("14d").value, 14 * 24h);
}

TEST(ConfigUnits, WhatIsNoSizeIsRefusedWithARemedy) {
  for (const char* text : {"", "64", "KiB", "-1KiB", "64 KiB", "64kib", "64K", "1.5MiB", "1e3B",
                           "99999999999999999999B", "9999999999TiB"}) {
    const ParsedSize parsed = parse_size(text);
    EXPECT_EQ(parsed.value, 0u) << text;
    EXPECT_NE(parsed.problem.find(';'), std::string::npos) << text << ": " << parsed.problem;
  }
}

TEST(ConfigUnits, WhatIsNoDurationIsRefusedWithARemedy) {
  for (const char* text :
       {"", "0", "30", "s", "-1s", "30 s", "30sec", "1.5s", "1h30m", "99999999999999999999s", "999999999999d"}) {
    const ParsedDuration parsed = parse_duration(text);
    EXPECT_EQ(parsed.value, 0ms) << text;
    EXPECT_NE(parsed.problem.find(';'), std::string::npos) << text << ": " << parsed.problem;
  }
}

TEST(ConfigUnits, WhatIsWrittenReadsBackTheSame) {
  for (const std::uint64_t octets :
       {0ull, 1ull, 1023ull, 1024ull, 65536ull, 1000000ull, 268435456ull, 1099511627777ull}) {
    EXPECT_EQ(parse_size(format_size(octets)).value, octets) << format_size(octets);
    EXPECT_EQ(parse_size(format_size(octets)).problem, "");
  }
  for (const auto duration : {0ms, 1ms, 999ms, 1000ms, 60000ms, 75000ms, 120000ms, 1209600000ms, 86400001ms}) {
    EXPECT_EQ(parse_duration(format_duration(duration)).value, duration) << format_duration(duration);
    EXPECT_EQ(parse_duration(format_duration(duration)).problem, "");
  }
}

TEST(ConfigUnits, TheContractsDefaultsAreWrittenAsItWritesThem) {
  EXPECT_EQ(format_size(256ull << 20), "256MiB");
  EXPECT_EQ(format_size(1ull << 30), "1GiB");
  EXPECT_EQ(format_duration(60s), "60s");
  EXPECT_EQ(format_duration(75s), "75s");
  EXPECT_EQ(format_duration(14 * 24h), "14d");
}

}  // namespace
}  // namespace understudy
