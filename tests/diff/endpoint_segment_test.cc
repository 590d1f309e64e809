#include <gtest/gtest.h>

#include "diff/endpoint/segment.h"

namespace understudy::diff {
namespace {

TEST(Segment, IdentifiersBecomeOnePlaceholder) {
  for (const std::string_view segment :
       {"0", "17", "-5", "1,2,3", "2024-001", "18446744073709551616", "3f2b8c1e-0a4d-4e6f-9b1c-2d3e4f5a6b7c",
        "3F2B8C1E-0A4D-4E6F-9B1C-2D3E4F5A6B7C", "deadbeef01", "e83c5163316f89bfbde7d9ab23ca2e25604af290",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV", "MDEwOlJlcG9zaXRvcnkxMjk2MjY5", "alice@example.org", "alice%40example.org"}) {
    EXPECT_EQ(generalize_segment(segment), "{id}") << segment;
  }
  EXPECT_EQ(generalize_segment(std::string(200, 'x')), "{id}");
}

TEST(Segment, ATokenIsNotTornApartAtItsSeparators) {
  EXPECT_EQ(generalize_segment("MDEw_0lJlcG9zaXRvcnk5Mjk2MjY5"), "{id}");
  EXPECT_EQ(generalize_segment("abcdefab-0a4d-4e6f-9b1c-2d3e4f5a6b7c"), "{id}");
}

TEST(Segment, DatesAreTheirOwnKind) {
  EXPECT_EQ(generalize_segment("2024-02-29"), "{date}");
  EXPECT_EQ(generalize_segment("2024-02-29T12:00:00Z"), "{date}");
  EXPECT_EQ(generalize_segment("2024-02-29T12%3A00%3A00Z"), "{date}");
  EXPECT_EQ(generalize_segment("2024-02-29.json"), "{date}.json");
}

TEST(Segment, WhatStandsAroundTheDataStays) {
  EXPECT_EQ(generalize_segment("ord_17"), "ord_{id}");
  EXPECT_EQ(generalize_segment("sku-1001"), "sku-{id}");
  EXPECT_EQ(generalize_segment("PROJ-123"), "PROJ-{id}");
  EXPECT_EQ(generalize_segment("INV-2024-001"), "INV-{id}");
  EXPECT_EQ(generalize_segment("ord_3f2b8c1e-0a4d-4e6f-9b1c-2d3e4f5a6b7c"), "ord_{id}");
  EXPECT_EQ(generalize_segment("17.json"), "{id}.json");
  EXPECT_EQ(generalize_segment("ord_17.json"), "ord_{id}.json");
  EXPECT_EQ(generalize_segment("report-2024-02-29.pdf"), "report-{date}.pdf");
}

TEST(Segment, NamesStay) {
  for (const std::string_view segment : {"",
                                         "orders",
                                         "v1",
                                         "v2beta3",
                                         "a",
                                         "-",
                                         "_",
                                         "defaced",
                                         "feedface",
                                         "code-security-configurations",
                                         "getUserProfileByIdAndLocale",
                                         "index.html",
                                         "..",
                                         ".well-known",
                                         "robots.txt",
                                         "my-blog-post-about-2024x",
                                         "oauth2",
                                         "jquery.min.js",
                                         "abc-",
                                         "1-2-x"}) {
    EXPECT_EQ(generalize_segment(segment), segment);
  }
}

}  // namespace
}  // namespace understudy::diff
