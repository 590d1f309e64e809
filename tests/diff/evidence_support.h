// A small world for the tests of the evidence: production, secondary and candidate as random answers, seeded.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "diff/evidence/evidence.h"
#include "diff/evidence/verdict.h"
#include "diff/finding.h"

namespace understudy::diff::testing {

inline Finding finding(std::string path, DifferenceClass difference_class, std::string primary = "1",
                       std::string other = "2") {
  Finding result;
  result.path = std::move(path);
  result.difference_class = difference_class;
  result.primary_value = std::move(primary);
  result.other_value = std::move(other);
  return result;
}

// Records exchanges a millisecond apart, every one a request of its own unless told otherwise.
class Recorder {
 public:
  explicit Recorder(Evidence& evidence, std::int64_t step_us = 1000) : evidence_(evidence), step_us_(step_us) {}

  bool record(std::string_view endpoint, const std::vector<Finding>& candidate,
              const std::optional<std::vector<Finding>>& secondary = std::nullopt,
              std::optional<std::uint64_t> fingerprint = {}) {
    time_us_ += step_us_;
    Observation observation;
    observation.endpoint = endpoint;
    observation.exchange_id = ++exchange_;
    observation.fingerprint = fingerprint.value_or(exchange_);
    observation.time_us = time_us_;
    observation.candidate = candidate;
    if (secondary) {
      observation.secondary = *secondary;
    }
    return evidence_.record(observation);
  }

  std::uint64_t last_exchange() const { return exchange_; }

 private:
  Evidence& evidence_;
  std::int64_t step_us_;
  std::int64_t time_us_ = 1'790'000'000'000'000;
  std::uint64_t exchange_ = 0;
};

inline const Difference* find(const Judgement& judgement, std::string_view path, DifferenceClass difference_class) {
  for (const Difference& difference : judgement.differences) {
    if (difference.path == path && difference.difference_class == difference_class) {
      return &difference;
    }
  }
  return nullptr;
}

inline Judgement judge_now(const Evidence& evidence, const Settings& settings = {}) {
  return judge(evidence, settings, {evidence.compared(), 0, "2026-11-21"});
}

}  // namespace understudy::diff::testing
