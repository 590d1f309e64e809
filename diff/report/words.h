// What every output of a report says in the same words: moments, times to come, who does not answer. Pure. Callers: the
// renderers of this folder, proxy/admin/ (page), `understudy gate`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "diff/report/model.h"

namespace understudy::diff {

// RFC 3339, UTC, whole seconds: "2026-11-30T23:04:11Z".
std::string timestamp(std::int64_t time_us);

// For people: "2026-11-30 23:04:11 UTC".
std::string moment_in_words(std::int64_t time_us);

// "first seen 2026-11-30 23:04:11 UTC, last seen 2026-12-01 01:10:00 UTC"; "" where that is not known.
std::string describe_sightings(const Difference& difference);

// "between 40 s and 3 min more at this pace" where a pace is known, else "about 300 more needed".
std::string describe_needed(std::uint64_t needed, double least_seconds, double most_seconds);

// Who does not answer, a sentence for each, the candidate first: "the candidate http://… does not answer since
// 2026-11-30 23:04:11 UTC: connection refused; 812 copies failed". Nothing where both answer or nothing is known.
std::vector<std::string> describe_silence(const ReportModel& model);

// "1 comparison", "812 comparisons"
std::string counted(std::uint64_t number, std::string_view one, std::string_view many);

// How people call an endpoint: "*" is all of them together.
std::string_view endpoint_in_words(std::string_view endpoint);

}  // namespace understudy::diff
