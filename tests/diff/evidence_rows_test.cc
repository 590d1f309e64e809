// Rows are taken from the evidence a part at a time, while exchanges go on, and put into another one: nothing is taken
// twice, nothing is left out, and what has changed meanwhile comes again.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "diff/evidence/paged.h"
#include "tests/diff/evidence_support.h"

namespace understudy::diff {
namespace {

using testing::finding;

constexpr int endpoints = 60;
constexpr std::size_t limit = 100;

// About a dozen differences, some of them at all endpoints.
std::vector<Finding> findings_at(int endpoint) {
  std::vector<Finding> findings;
  for (int field = 0; field < 12; ++field) {
    const std::string owner = field % 2 == 0 ? "all" : std::to_string(endpoint);
    findings.push_back(finding("/" + owner + "/" + std::to_string(field), DifferenceClass::value_changed));
  }
  return findings;
}

void record_at(testing::Recorder& recorder, int endpoint) {
  recorder.record("GET /" + std::to_string(endpoint), findings_at(endpoint), std::vector<Finding>());
}

// What a store has after all of it: by endpoint, or by id.
struct Kept {
  std::map<std::string, EndpointRow> endpoints;
  std::map<std::string, CellRow> cells;
  std::size_t rows = 0;

  void take(Rows rows_taken) {
    rows += rows_taken.cells.size();
    for (EndpointRow& row : rows_taken.endpoints) endpoints.insert_or_assign(row.endpoint, std::move(row));
    for (CellRow& row : rows_taken.cells) cells.insert_or_assign(row.id, std::move(row));
  }
};

void expect_all_of_it(const Evidence& evidence, const Kept& kept) {
  const Rows rows = evidence.rows();
  ASSERT_EQ(kept.endpoints.size(), rows.endpoints.size());
  ASSERT_EQ(kept.cells.size(), rows.cells.size());
  for (const EndpointRow& row : rows.endpoints) EXPECT_EQ(kept.endpoints.at(row.endpoint).counters, row.counters);
  for (const CellRow& row : rows.cells) {
    const Cell& cell = kept.cells.at(row.id).cell;
    EXPECT_EQ(cell.counters, row.cell.counters) << row.endpoint << row.path;
    EXPECT_EQ(cell.dependence, row.cell.dependence) << row.endpoint << row.path;
    EXPECT_EQ(cell.ordinal, row.cell.ordinal) << row.endpoint << row.path;
  }
}

TEST(EvidenceRowTaking, TakesTheWholeOnceInAsManyTakingsAsTheLimitAsksFor) {
  for (const std::size_t step : {1, 7, 1000}) {
    Evidence evidence;
    testing::Recorder recorder(evidence);
    for (int endpoint = 0; endpoint < endpoints; ++endpoint) record_at(recorder, endpoint);

    Kept kept;
    std::map<std::string, int> times;
    int takings = 0;
    for (bool is_whole = false; !is_whole; ++takings) {
      ASSERT_LT(takings, 100);
      Evidence::RowTaking taking(evidence, limit);
      while (!taking.step(step)) continue;
      Rows rows = taking.take();
      // An endpoint is begun below the limit; the pools come behind the last one.
      std::size_t of_endpoints = 0;
      for (const CellRow& row : rows.cells) {
        ++times[row.id];
        of_endpoints += row.endpoint == all_endpoints ? 0 : 1;
      }
      EXPECT_LT(of_endpoints, limit + 12);
      is_whole = taking.is_whole();
      kept.take(std::move(rows));
    }
    EXPECT_GT(takings, 5);
    expect_all_of_it(evidence, kept);
    EXPECT_TRUE(std::ranges::all_of(times, [](const auto& row) { return row.second == 1; }));
    EXPECT_TRUE(evidence.take_changed_rows().cells.empty());
  }
}

TEST(EvidenceRowTaking, WhatChangesMeanwhileComesAgainAndNothingIsLeftOut) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    Evidence evidence;
    testing::Recorder recorder(evidence);
    for (int endpoint = 0; endpoint < endpoints; ++endpoint) record_at(recorder, endpoint);

    Kept kept;
    bool is_whole = false;
    for (int taken = 0; !is_whole; ++taken) {
      ASSERT_LT(taken, 100);
      Evidence::RowTaking taking(evidence, limit);
      for (bool is_over = false; !is_over;) {
        is_over = taking.step(1 + random() % 20);
        // Also at endpoints that were not there before.
        if (taken < 8 && random() % 4 == 0) record_at(recorder, static_cast<int>(random() % (endpoints + 20)));
      }
      is_whole = taken >= 8 && taking.is_whole();
      kept.take(taking.take());
    }
    expect_all_of_it(evidence, kept);
    EXPECT_GT(kept.rows, kept.cells.size()) << "some have changed after they were taken";
  }
}

TEST(EvidenceRowTaking, AfterAFaultTheNextTakingsHaveEverything) {
  Evidence evidence;
  testing::Recorder recorder(evidence);
  for (int endpoint = 0; endpoint < endpoints; ++endpoint) record_at(recorder, endpoint);
  (void)evidence.take_changed_rows();
  {
    Evidence::RowTaking given_up(evidence, limit);
    given_up.step(50);
  }
  evidence.mark_all_changed();
  Kept kept;
  for (bool is_whole = false; !is_whole;) {
    Evidence::RowTaking taking(evidence, limit);
    while (!taking.step(10)) continue;
    is_whole = taking.is_whole();
    kept.take(taking.take());
  }
  expect_all_of_it(evidence, kept);
}

TEST(EvidenceRows, WhatWasRecordedBeforeTheyAreRestoredAddsUpWithThem) {
  Evidence earlier, now, whole;
  testing::Recorder into_earlier(earlier), into_now(now), into_whole(whole);
  for (int i = 0; i < 40; ++i) {
    record_at(into_earlier, i % 7);
    record_at(into_whole, i % 7);
  }
  for (int i = 0; i < 40; ++i) {
    record_at(into_now, i % 9);
    record_at(into_whole, i % 9);
  }
  now.restore(earlier.rows());
  const Rows rows = now.rows();
  std::map<std::string, CellCounters> counters;
  for (const CellRow& row : rows.cells) counters[row.id] = row.cell.counters;
  for (const CellRow& row : whole.rows().cells) {
    if (row.endpoint == all_endpoints) continue;
    EXPECT_EQ(counters[row.id], row.cell.counters) << row.endpoint << row.path;
  }
  EXPECT_EQ(now.totals(), whole.totals());
  // What is recorded from now on is counted on top of it.
  record_at(into_now, 3);
  EXPECT_EQ(now.compared(), whole.compared() + 1);
}

TEST(Paged, EntriesStayWhereTheyAreAndBeginEmpty) {
  Paged<int, 4> numbers;
  int& first = numbers[3];
  first = 7;
  EXPECT_EQ(numbers[2], 0);
  for (std::size_t place = 4; place < 10'000; ++place) numbers[place] = static_cast<int>(place);
  EXPECT_EQ(&numbers[3], &first);
  EXPECT_EQ(first, 7);
  EXPECT_EQ(numbers[9'999], 9'999);
  EXPECT_EQ(numbers[20'000], 0);
}

}  // namespace
}  // namespace understudy::diff
