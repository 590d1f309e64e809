// The evidence at its limits: 2,000 endpoints with 50 noisy fields each. Prints what its calls take of the processor,
// and what it takes of the memory. `bench_evidence distinct`: no two endpoints have a field in common.
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "diff/evidence/evidence.h"
#include "diff/evidence/verdict.h"

using namespace understudy;

namespace {

constexpr int endpoints = 2000;
constexpr int fields = 50;
constexpr int rounds = 12;

double processor_ms() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

template <class Work>
void measure(const char* name, Work work) {
  const double begin = processor_ms();
  work();
  std::printf("%-24s %10.3f ms\n", name, processor_ms() - begin);
}

void print_memory(const char* name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon") || line.starts_with("VmHWM")) std::printf("%s: %s\n", name, line.c_str());
  }
}

diff::Finding finding(std::string path, std::uint64_t number) {
  diff::Finding found;
  found.path = std::move(path);
  found.difference_class = diff::DifferenceClass::value_changed;
  found.primary_value = "\"5f0c1a6e-9f51-4b1e-9a55-" + std::to_string(number) + '"';
  found.other_value = "\"5f0c1a6e-9f51-4b1e-9a56-" + std::to_string(number + 1) + '"';
  return found;
}

}  // namespace

int main(int argc, char** argv) {
  const bool distinct = argc > 1 && std::string_view(argv[1]) == "distinct";
  diff::Evidence evidence;
  std::uint64_t exchange = 0;
  double longest = 0;
  const double begin = processor_ms();
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < endpoints; ++i) {
      const std::string endpoint = "GET /api/v1/resources-" + std::to_string(i) + "/{id}";
      std::vector<diff::Finding> candidate;
      for (int field = 0; field < fields; ++field) {
        const std::string path =
            "body:/items/*/" + (distinct ? std::to_string(i) : std::string("field")) + "_" + std::to_string(field);
        candidate.push_back(finding(path, exchange));
      }
      const std::vector<diff::Finding> secondary = candidate;
      diff::Observation observation;
      observation.endpoint = endpoint;
      observation.fingerprint = ++exchange;
      observation.exchange_id = exchange;
      observation.time_us = 1'790'000'000'000'000 + static_cast<std::int64_t>(exchange) * 1000;
      observation.candidate = candidate;
      observation.secondary = secondary;
      observation.latency_s = {0.003, 0.004 + 0.00001 * static_cast<double>(exchange % 300), 0.003};
      const double before = processor_ms();
      evidence.record(observation);
      longest = std::max(longest, processor_ms() - before);
    }
  }
  std::printf("fill: %.1f us an exchange, longest %.3f ms\n",
              (processor_ms() - begin) * 1e3 / static_cast<double>(exchange), longest);
  print_memory("evidence");
  measure("judge, all", [&] { (void)diff::judge(evidence, {}, {evidence.compared(), 0, "2026-11-21"}); });
  measure("judge, verdict alone", [&] {
    const diff::Settings settings;
    diff::Judging judging(evidence, settings, {evidence.compared(), 0, "2026-11-21"}, diff::Judging::Detail::verdict);
    double longest_step = 0;
    for (bool is_over = false; !is_over;) {
      const double before = processor_ms();
      is_over = judging.step(20);
      longest_step = std::max(longest_step, processor_ms() - before);
    }
    std::printf("longest step of 20 cells: %.3f ms\n", longest_step);
  });
  print_memory("judged");
  measure("take_changed_rows", [&] { std::printf("%zu rows\n", evidence.take_changed_rows().cells.size()); });
  measure("mark_all_changed", [&] { evidence.mark_all_changed(); });
  measure("rows in steps", [&] {
    diff::Evidence::RowTaking taking(evidence, 16'384);
    double longest_step = 0;
    for (bool is_over = false; !is_over;) {
      const double before = processor_ms();
      is_over = taking.step(20);
      longest_step = std::max(longest_step, processor_ms() - before);
    }
    std::printf("%zu rows, longest step of 20 cells: %.3f ms\n", taking.take().cells.size(), longest_step);
  });
  print_memory("rows");
  std::printf("sizes: cell %zu, row %zu, difference %zu, endpoint %zu, pool %zu\n", sizeof(diff::Cell),
              sizeof(diff::CellRow), sizeof(diff::Difference), sizeof(diff::Evidence::Endpoint),
              sizeof(diff::Evidence::Pool));
}
