// See words.h.
#include "diff/report/words.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "diff/report/grouped.h"

namespace understudy::diff {
namespace {

constexpr double minute = 60, hour = 60 * minute, day = 24 * hour;
constexpr double longest = 30 * day;

// Two digits are more than is known.
std::string time_in_words(double seconds) {
  const auto in = [&](double unit, const char* name) {
    return std::to_string(std::max(1LL, std::llround(seconds / unit))) + ' ' + name;
  };
  if (!(seconds < longest)) return "30 days";
  if (seconds < 100) return in(1, "s");
  if (seconds < 100 * minute) return in(minute, "min");
  if (seconds < 2 * day) return in(hour, "h");
  return in(day, "days");
}

std::string silence_of(std::string_view role, const CopiedServer& server, std::uint64_t failed) {
  std::string text = "the " + std::string(role) + ' ' + server.url + " does not answer since " +
                     moment_in_words(server.silent_since_us);
  if (!server.failure.empty()) text += ": " + server.failure;
  if (failed != 0) text += "; " + counted(failed, "copy", "copies") + " failed";
  return text;
}

}  // namespace

std::string timestamp(std::int64_t time_us) {
  const std::chrono::sys_time<std::chrono::microseconds> time{std::chrono::microseconds(time_us)};
  const auto date_only = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(date_only);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - date_only));
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

std::string moment_in_words(std::int64_t time_us) {
  std::string text = timestamp(time_us);
  text[10] = ' ';
  text.replace(text.size() - 1, 1, " UTC");
  return text;
}

std::string describe_sightings(const Difference& difference) {
  if (difference.first_us == 0) return {};
  const std::string first = moment_in_words(difference.first_us);
  const std::string last = moment_in_words(difference.last_us);
  return first == last ? "seen " + first : "first seen " + first + ", last seen " + last;
}

std::string describe_needed(std::uint64_t needed, double least_seconds, double most_seconds) {
  if (!(least_seconds > 0) || !(most_seconds > 0)) return "about " + grouped(needed) + " more needed";
  if (least_seconds >= longest) return "more than 30 days more at this pace";
  const std::string least = time_in_words(least_seconds);
  if (most_seconds >= longest) return "at least " + least + " more at this pace";
  const std::string most = time_in_words(most_seconds);
  return (least == most ? "about " + least : "between " + least + " and " + most) + " more at this pace";
}

std::vector<std::string> describe_silence(const ReportModel& model) {
  std::vector<std::string> sentences;
  if (model.candidate.is_silent()) {
    const auto failed = model.ledger.failed.find("candidate");
    sentences.push_back(
        silence_of("candidate", model.candidate, failed == model.ledger.failed.end() ? 0 : total(failed->second)));
  }
  if (model.secondary.is_silent()) {
    sentences.push_back(silence_of("secondary", model.secondary, 0) +
                        "; meanwhile changed values cannot be told from noise");
  }
  return sentences;
}

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
  return grouped(number) + ' ' + std::string(number == 1 ? one : many);
}

std::string_view endpoint_in_words(std::string_view endpoint) {
  return endpoint == all_endpoints ? "all endpoints" : endpoint;
}

}  // namespace understudy::diff
