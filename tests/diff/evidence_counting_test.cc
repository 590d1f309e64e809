// How one exchange becomes counts.
#include <gtest/gtest.h>

#include <algorithm>

#include "diff/endpoint/namer.h"
#include "diff/evidence/evidence.h"
#include "tests/diff/evidence_support.h"

namespace understudy::diff {
namespace {

using enum DifferenceClass;
using testing::finding;
using testing::Recorder;

const Cell& cell_of(const Evidence& evidence, const std::string& path, DifferenceClass difference_class,
                    const std::string& endpoint = "GET /a") {
  return evidence.endpoints().at(endpoint).cells.at(path).at(difference_class);
}

const EndpointCounters& endpoint_of(const Evidence& evidence, const std::string& name = "GET /a") {
  return evidence.endpoints().at(name).counters;
}

TEST(EvidenceCounting, PairsTheCandidateWithTheSecondary) {
  Evidence evidence;
  Recorder recorder(evidence);
  const std::vector<Finding> differs{finding("/x", value_changed)};
  recorder.record("GET /a", differs, differs);                 // both
  recorder.record("GET /a", differs, std::vector<Finding>{});  // the candidate alone
  recorder.record("GET /a", differs, std::vector<Finding>{});
  recorder.record("GET /a", {}, differs);  // the secondary alone
  recorder.record("GET /a", {}, std::vector<Finding>{});
  recorder.record("GET /a", differs);  // no secondary: cannot be told from noise
  const CellCounters expected{.raw = 4, .raw_paired = 3, .noise = 2, .b = 2, .c = 1};
  EXPECT_EQ(cell_of(evidence, "/x", value_changed).counters, expected);
  const EndpointCounters endpoint{.requests = 6, .compared = 6, .triples = 5, .differed = 4};
  EXPECT_EQ(endpoint_of(evidence), endpoint);
  EXPECT_EQ(evidence.compared(), 6u);
}

TEST(EvidenceCounting, WhatWasNotComparedIsCountedApart) {
  Evidence evidence;
  Recorder recorder(evidence);
  recorder.record("GET /a", {});
  evidence.record_not_compared("GET /a");
  evidence.record_not_compared("GET /a");
  evidence.record_not_compared("GET /b");
  EXPECT_EQ(endpoint_of(evidence), (EndpointCounters{.requests = 1, .compared = 1, .dropped = 2}));
  EXPECT_EQ(endpoint_of(evidence, "GET /b"), (EndpointCounters{.dropped = 1}));
  EXPECT_EQ(evidence.compared(), 1u);
  EXPECT_EQ(evidence.take_changed_rows().endpoints.size(), 2u);
  Evidence another;
  another.restore(evidence.rows());
  EXPECT_EQ(endpoint_of(another), endpoint_of(evidence));
}

TEST(EvidenceCounting, DirectionsCountOnlyWithoutASecondary) {
  Evidence evidence;
  Recorder recorder(evidence);
  recorder.record("GET /a", {finding("/x", field_removed)});
  recorder.record("GET /a", {finding("/x", field_added)});
  recorder.record("GET /a", {finding("status", status_class, "200", "503")});
  recorder.record("GET /a", {finding("status", status_class, "200", "503")});
  recorder.record("GET /a", {finding("status", status_class, "503", "200")});
  recorder.record("GET /a", {finding("/x", field_removed)}, std::vector<Finding>{});
  EXPECT_EQ(cell_of(evidence, "/x", field_removed).counters,
            (CellCounters{.raw = 2, .raw_paired = 1, .b = 1, .b_directional = 1}));
  EXPECT_EQ(cell_of(evidence, "/x", field_added).counters, (CellCounters{.raw = 1, .b_directional = 1}));
  EXPECT_EQ(cell_of(evidence, "status", status_class).counters,
            (CellCounters{.raw = 3, .b_directional = 2, .c_directional = 1}));
}

// What a failing status hides was not seen, whichever side failed: it must not look like a difference of the other
// side.
TEST(EvidenceCounting, WhatAStatusHidesOnOneSideIsNotCountedAsAPair) {
  Evidence evidence;
  Recorder recorder(evidence);
  const std::vector<Finding> id{finding("/id", value_changed)};
  const std::vector<Finding> fails{finding("status", status_class, "200", "500")};
  recorder.record("GET /a", fails, id);
  recorder.record("GET /a", id, fails);
  recorder.record("GET /a", fails, fails);
  EXPECT_EQ(cell_of(evidence, "/id", value_changed).counters, (CellCounters{.raw = 1, .noise = 1}));
  EXPECT_EQ(cell_of(evidence, "status", status_class).counters,
            (CellCounters{.raw = 2, .raw_paired = 2, .noise = 2, .b = 1, .c = 1}));
}

TEST(EvidenceCounting, AFailingCandidateIsNotComparedAndAFailingSecondaryIsDoneWithout) {
  Evidence evidence;
  Recorder recorder(evidence);
  const std::vector<Finding> failed{finding("status", transport, "200", "timeout")};
  const std::vector<Finding> id{finding("/id", value_changed)};
  recorder.record("GET /a", failed, id);
  recorder.record("GET /a", id, failed);
  recorder.record("GET /a", failed, failed);
  recorder.record("GET /a", failed);
  EXPECT_EQ(endpoint_of(evidence), (EndpointCounters{.requests = 4, .compared = 1, .differed = 1, .failed = 3}));
  EXPECT_EQ(cell_of(evidence, "status", transport).counters,
            (CellCounters{.raw = 3, .raw_paired = 2, .noise = 2, .b = 1, .c = 1, .b_directional = 1}));
  EXPECT_EQ(cell_of(evidence, "/id", value_changed).counters, (CellCounters{.raw = 1}));
}

TEST(EvidenceCounting, AFailingPrimaryWeighsAgainstTheCandidatesFailures) {
  Evidence evidence;
  Observation observation;
  observation.endpoint = "GET /a";
  observation.primary_failed = true;
  EXPECT_FALSE(evidence.record(observation));
  EXPECT_EQ(cell_of(evidence, "status", transport).counters, (CellCounters{.c_directional = 1}));
  EXPECT_EQ(endpoint_of(evidence), (EndpointCounters{.requests = 1}));
}

TEST(EvidenceCounting, WhatProductionAbortsWeighsAgainstWhatTheCandidateDoes) {
  Evidence evidence;
  Observation observation;
  const std::vector<Finding> aborts{finding("connection", aborted)};
  for (const char* endpoint : {"GET /a", "GET /b"}) {
    observation.endpoint = endpoint;
    observation.candidate = aborts;
    observation.primary_aborted = observation.primary_failed = false;
    evidence.record(observation);
    observation.candidate = {};
    observation.primary_aborted = true;
    evidence.record(observation);
    observation.primary_failed = true;
    observation.primary_aborted = false;
    evidence.record(observation);
  }
  const CellCounters once{.raw = 1, .b_directional = 1, .c_directional = 1};
  EXPECT_EQ(cell_of(evidence, "connection", aborted, "GET /b").counters, once);
  const auto pool_of = [&](DifferenceClass difference_class) {
    return std::ranges::find(evidence.pools(), difference_class, &Evidence::Pool::difference_class)->cell->counters;
  };
  EXPECT_EQ(pool_of(aborted).b_directional, 2u);
  EXPECT_EQ(pool_of(aborted).c_directional, 2u);
  EXPECT_EQ(pool_of(transport).c_directional, 2u);
}

TEST(EvidenceCounting, ABurstOfTheSameRequestIsOneObservation) {
  Evidence evidence;
  Recorder burst(evidence, 1);  // a microsecond apart
  const std::vector<Finding> differs{finding("/x", field_removed), finding("/y", field_removed)};
  for (int i = 0; i < 1000; ++i) {
    burst.record("GET /a", differs, std::vector<Finding>{}, 42);
  }
  const Cell& cell = cell_of(evidence, "/x", field_removed);
  EXPECT_EQ(cell.counters.raw, 1000u);
  EXPECT_EQ(cell.counters.b, 1000u) << "what is excluded goes by every exchange";
  EXPECT_LE(cell.proof.b, 2u);  // the burst may lie across the border of two windows
  EXPECT_GE(cell.proof.b, 1u);
  EXPECT_EQ(cell_of(evidence, "/y", field_removed).proof.b, cell.proof.b) << "each difference has its own count";
}

TEST(EvidenceCounting, DifferentRequestsAndLaterOnesAreObservationsOfTheirOwn) {
  Evidence evidence;
  Recorder steady(evidence, dependence_window_us);
  Recorder burst(evidence, 1);
  const std::vector<Finding> differs{finding("/x", field_removed)};
  for (int i = 0; i < 100; ++i) {
    steady.record("GET /a", differs, std::vector<Finding>{}, 42);
    burst.record("GET /b", differs, std::vector<Finding>{});
  }
  EXPECT_EQ(cell_of(evidence, "/x", field_removed).proof.b, 100u);
  EXPECT_EQ(cell_of(evidence, "/x", field_removed, "GET /b").proof.b, 100u);
}

// A cache keeps an old value for many exchanges: that is one observation, whatever the load.
TEST(EvidenceCounting, AValueOfOneRequestCountsOnceAndOnceMoreInEach65SecondsWithoutInterruption) {
  Evidence evidence;
  Recorder steady(evidence, 1'000'000);
  const std::vector<Finding> differs{finding("/x", value_changed)};
  for (int i = 0; i < 64; ++i) steady.record("GET /a", differs, std::vector<Finding>{}, 42);
  EXPECT_EQ(cell_of(evidence, "/x", value_changed).proof.b, 1u);
  for (int i = 0; i < 80; ++i) steady.record("GET /a", differs, std::vector<Finding>{}, 42);
  EXPECT_EQ(cell_of(evidence, "/x", value_changed).proof.b, 3u);
  EXPECT_EQ(cell_of(evidence, "/x", value_changed).counters.b, 144u);
}

TEST(EvidenceCounting, AValueThatComesAndGoesAtOneRequestByChanceIsSeenAnewEachTime) {
  std::mt19937_64 random(3);
  Evidence evidence;
  Recorder steady(evidence);
  const std::vector<Finding> differs{finding("/x", value_changed)};
  for (int i = 0; i < 2000; ++i) {
    steady.record("GET /a", random() % 10 == 0 ? differs : std::vector<Finding>{}, std::vector<Finding>{}, 42);
  }
  const Cell& cell = cell_of(evidence, "/x", value_changed);
  EXPECT_GE(cell.proof.b, cell.counters.b * 7 / 10);
}

TEST(EvidenceCounting, KeepsTheFirstExemplarAndTheLatestOfEachSecond) {
  Evidence evidence;
  Recorder recorder(evidence, 100'000);
  int kept = 0;
  for (int i = 0; i < 31; ++i) {
    const std::string value = std::to_string(i);
    kept += recorder.record("GET /a", {finding("/x", value_changed, "p", value)}) ? 1 : 0;
  }
  const Cell& cell = cell_of(evidence, "/x", value_changed);
  EXPECT_EQ(kept, 4);  // the first, and one a second
  EXPECT_EQ(cell.first_exemplar, 1u);
  EXPECT_EQ(cell.latest_exemplar, 31u);
  EXPECT_EQ(cell.other_value, "30");
  EXPECT_EQ(cell.last_us - cell.first_us, 3'000'000);
  EXPECT_FALSE(recorder.record("GET /a", {}, std::vector<Finding>{finding("/y", value_changed)}))
      << "noise alone needs no exemplar";
}

TEST(EvidenceCounting, WhatLiesBeyondTheLimitsIsCountedUnderOther) {
  Evidence evidence;
  Recorder recorder(evidence);
  for (std::size_t i = 0; i < paths_per_endpoint_limit + 500; ++i) {
    recorder.record("GET /a", {finding("/x" + std::to_string(i), value_changed)});
  }
  const auto& endpoint = evidence.endpoints().at("GET /a");
  EXPECT_LE(endpoint.cells.size(), paths_per_endpoint_limit + 1);
  EXPECT_EQ(endpoint.counters.overflowed, 500u);
  EXPECT_EQ(cell_of(evidence, std::string(other_path), value_changed).counters.raw, 500u);
  recorder.record("GET /a", {finding("/x0", value_changed)});
  EXPECT_EQ(cell_of(evidence, "/x0", value_changed).counters.raw, 2u) << "what is known stays known";

  for (std::size_t i = 0; i < endpoint_limit + 100; ++i) {
    recorder.record("GET /e" + std::to_string(i), {});
  }
  EXPECT_EQ(evidence.endpoints().size(), endpoint_limit + 1);
  EXPECT_EQ(endpoint_of(evidence, std::string(other_endpoint)).compared, 101u);
}

TEST(EvidenceCounting, ManyFindingsBeyondTheLimitInOneExchangeCountOnce) {
  Evidence evidence;
  Recorder recorder(evidence);
  std::vector<Finding> many;
  for (std::size_t i = 0; i < paths_per_endpoint_limit + 50; ++i) {
    many.push_back(finding("/x" + std::to_string(i), field_removed));
  }
  recorder.record("GET /a", many, many);
  const CellCounters& other = cell_of(evidence, std::string(other_path), field_removed).counters;
  EXPECT_EQ(other.raw, 1u);
  EXPECT_EQ(other.noise, 1u);
  EXPECT_EQ(other.b + other.c, 0u);
}

TEST(EvidenceCounting, CutsEndlessPaths) {
  Evidence evidence;
  Recorder recorder(evidence);
  recorder.record("GET /a", {finding("/" + std::string(100'000, 'k'), value_changed)});
  recorder.record("GET /a", {finding("/" + std::string(200'000, 'k'), value_changed)});
  ASSERT_EQ(evidence.endpoints().at("GET /a").cells.size(), 1u);
  EXPECT_LE(evidence.endpoints().at("GET /a").cells.begin()->first.size(), path_octets_limit);
}

TEST(EvidenceRows, AFreshEvidenceRestoredFromThemIsTheSame) {
  Evidence evidence;
  Recorder recorder(evidence);
  const std::vector<Finding> differs{finding("/x", value_changed), finding("/y", type_changed),
                                     finding("status", status_code, "200", "201")};
  for (int i = 0; i < 50; ++i) {
    recorder.record(i % 2 == 0 ? "GET /a" : "GET /b", differs,
                    i % 3 == 0 ? std::optional(std::vector<Finding>{}) : std::nullopt);
  }
  Evidence restored;
  restored.restore(evidence.rows());
  const Rows before = evidence.rows();
  const Rows after = restored.rows();
  EXPECT_EQ(restored.compared(), 50u);
  ASSERT_EQ(after.cells.size(), before.cells.size());
  for (std::size_t i = 0; i < before.cells.size(); ++i) {
    EXPECT_EQ(after.cells[i].id, before.cells[i].id);
    EXPECT_EQ(after.cells[i].cell.counters, before.cells[i].cell.counters);
    EXPECT_EQ(after.cells[i].cell.ordinal, before.cells[i].cell.ordinal);
    EXPECT_EQ(after.cells[i].cell.first_exemplar, before.cells[i].cell.first_exemplar);
    EXPECT_EQ(after.cells[i].cell.latest_exemplar, before.cells[i].cell.latest_exemplar);
    EXPECT_EQ(after.cells[i].cell.first_us, before.cells[i].cell.first_us);
    EXPECT_EQ(after.cells[i].cell.other_value, before.cells[i].cell.other_value);
  }
  ASSERT_EQ(after.endpoints.size(), 2u);
  EXPECT_EQ(after.endpoints[0].counters, before.endpoints[0].counters);
  EXPECT_EQ(after.endpoints[0].latency, before.endpoints[0].latency);
  EXPECT_TRUE(restored.take_changed_rows().cells.empty()) << "what came from the store is there already";
}

TEST(EvidenceRows, OfTwoInstancesAddUp) {
  Evidence one;
  Evidence two;
  Recorder(one).record("GET /a", {finding("/x", value_changed)}, std::vector<Finding>{});
  Recorder second(two);
  second.record("GET /a", {finding("/y", value_changed)}, std::vector<Finding>{});
  second.record("GET /a", {finding("/x", value_changed)}, std::vector<Finding>{});
  one.restore(two.rows());
  EXPECT_EQ(cell_of(one, "/x", value_changed).counters, (CellCounters{.raw = 2, .raw_paired = 2, .b = 2}));
  EXPECT_EQ(cell_of(one, "/y", value_changed).counters.raw, 1u);
  EXPECT_EQ(endpoint_of(one).compared, 3u);
}

TEST(EvidenceRows, OnlyWhatChangedIsWrittenAgain) {
  Evidence evidence;
  Recorder recorder(evidence);
  recorder.record("GET /a", {finding("/x", value_changed), finding("/y", value_changed)});
  recorder.record("GET /b", {finding("/z", value_changed)});
  EXPECT_EQ(evidence.take_changed_rows().cells.size(), 3u);
  EXPECT_TRUE(evidence.take_changed_rows().endpoints.empty());
  recorder.record("GET /a", {finding("/y", value_changed)});
  const Rows changed = evidence.take_changed_rows();
  ASSERT_EQ(changed.endpoints.size(), 1u);
  ASSERT_EQ(changed.cells.size(), 1u);
  EXPECT_EQ(changed.cells[0].path, "/y");
  EXPECT_EQ(changed.cells[0].cell.counters.raw, 2u) << "absolute, not the increment";
  evidence.mark_all_changed();
  EXPECT_EQ(evidence.take_changed_rows().cells.size(), 3u);
}

TEST(DifferenceId, IsStableAndTellsItsPartsApart) {
  EXPECT_EQ(difference_id("GET /a", "/x", value_changed), difference_id("GET /a", "/x", value_changed));
  EXPECT_EQ(difference_id("GET /a", "/x", value_changed).size(), 16u);
  EXPECT_NE(difference_id("GET /a", "/x", value_changed), difference_id("GET /a", "/x", type_changed));
  EXPECT_NE(difference_id("GET /a/x", "", value_changed), difference_id("GET /a", "/x", value_changed));
}

}  // namespace
}  // namespace understudy::diff
