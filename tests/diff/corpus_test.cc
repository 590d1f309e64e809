// The acceptance of the comparison on real recordings (corpus/octokit-history): real API changes are found, real noise
// is no structure.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "tests/diff/support.h"

namespace understudy::diff::test {
namespace {

class Corpus : public testing::Test {
 protected:
  void SetUp() override {
    if (corpus().empty()) GTEST_SKIP() << "no corpus at UNDERSTUDY_CORPUS";
  }
};

// "scenario date path class", where the class is Extra or Missing.
using Events = std::multiset<std::string>;

Events expected_events() {
  Events events;
  for (const std::string& line : lines_of(corpus() + "/octokit-history/structural-changes.tsv")) {
    std::istringstream columns(line);
    std::string date, scenario, index, path, kind;
    columns >> date >> scenario >> index >> path >> kind;
    if (date != "date") events.insert(scenario + " " + date + " " + index + " " + path + " " + kind);
  }
  return events;
}

bool is_structural(DifferenceClass difference_class) {
  switch (difference_class) {
    case DifferenceClass::value_changed:
    case DifferenceClass::header_added:
    case DifferenceClass::header_removed:
    case DifferenceClass::header_changed:
      return false;
    default:
      return true;
  }
}

TEST_F(Corpus, RealChangesAreFoundAtTheirPathsAndNoOtherStructureAnywhere) {
  Comparer comparer{Settings{}};
  Events found;
  std::size_t pairs = 0;
  std::map<std::string, int> others;
  for (const std::string& scenario : scenarios) {
    const auto history = recordings(scenario);
    for (std::size_t n = 0; n + 1 < history.size(); ++n) {
      const auto& earlier = history[n].exchanges;
      const auto& later = history[n + 1].exchanges;
      for (std::size_t i = 0; i < std::min(earlier.size(), later.size()); ++i) {
        if (!same_request(earlier[i], later[i])) continue;
        ++pairs;
        for (const Finding& finding : comparer.compare(earlier[i].response, later[i].response)) {
          if (!is_structural(finding.difference_class)) continue;
          std::string kind(name_of(finding.difference_class));
          if (finding.difference_class == DifferenceClass::field_added) kind = "Extra";
          if (finding.difference_class == DifferenceClass::field_removed) kind = "Missing";
          if (kind != "Extra" && kind != "Missing") {
            ++others[scenario + " " + kind + " " + finding.path + ": " + finding.primary_value + " -> " +
                     finding.other_value];
            continue;
          }
          found.insert(scenario + " " + history[n + 1].date + " " + std::to_string(i) + " " + finding.path + " " +
                       kind);
        }
      }
    }
  }
  EXPECT_GT(pairs, 200U);
  // Content types and texts did change now and then; nothing inside of a JSON document did.
  for (const auto& [what, count] : others) {
    EXPECT_TRUE(what.find("content_type header:content-type") != std::string::npos ||
                what.find("body_changed body") != std::string::npos)
        << what << " (" << count << " times)";
  }
  EXPECT_EQ(found, expected_events());
}

TEST_F(Corpus, ARecordingAgainstItselfReportsNothingHoweverItIsWritten) {
  Comparer comparer{Settings{}};
  for (const std::string& scenario : scenarios) {
    for (const Recording& recording : recordings(scenario)) {
      for (const Recorded& exchange : recording.exchanges) {
        const Response& original = exchange.response;
        EXPECT_EQ(names_of(comparer.compare(original, original)), Names{});
        if (!original.body.starts_with('{') && !original.body.starts_with('[')) continue;
        Response other = original;
        other.body = reindented(original.body);
        EXPECT_NE(other.body, original.body);
        EXPECT_EQ(names_of(comparer.compare(original, other)), Names{}) << exchange.path;
        other.body = with_keys_reversed(original.body);
        EXPECT_EQ(names_of(comparer.compare(original, other)), Names{}) << exchange.path;
        other.body = reindented(with_keys_reversed(original.body));
        EXPECT_EQ(names_of(comparer.compare(other, original)), Names{}) << exchange.path;
      }
    }
  }
}

TEST_F(Corpus, AContentCodingIsAHeaderDifferenceAndNothingElse) {
  Comparer comparer{Settings{}};
  const std::vector<std::pair<std::string, std::string (*)(std::string_view)>> codings{
      {"gzip", gzipped}, {"br", brotli_coded}, {"zstd", zstd_coded}};
  for (const std::string& scenario : scenarios) {
    for (const Recording& recording : recordings(scenario)) {
      for (const Recorded& exchange : recording.exchanges) {
        if (exchange.response.body.empty()) continue;
        for (const auto& [coding, code] : codings) {
          Response coded = exchange.response;
          coded.body = code(exchange.response.body);
          coded.fields.push_back({"Content-Encoding", coding});
          EXPECT_EQ(names_of(comparer.compare(exchange.response, coded)),
                    Names{"header_added header:content-encoding"});
          EXPECT_EQ(names_of(comparer.compare(coded, exchange.response)),
                    Names{"header_removed header:content-encoding"});
          EXPECT_EQ(names_of(comparer.compare(coded, coded)), Names{});
        }
        Response gzip = exchange.response;
        gzip.body = gzipped(exchange.response.body);
        gzip.fields.push_back({"Content-Encoding", "gzip"});
        Response brotli = exchange.response;
        brotli.body = brotli_coded(exchange.response.body);
        brotli.fields.push_back({"Content-Encoding", "br"});
        EXPECT_EQ(names_of(comparer.compare(gzip, brotli)), Names{"header_changed header:content-encoding"});
      }
    }
  }
}

}  // namespace
}  // namespace understudy::diff::test
