// See repetition.h. All tables are direct-mapped.
#include "diff/evidence/repetition.h"

namespace understudy::diff {
namespace {

// Powers of two.
constexpr std::size_t requests_size = 1U << 17;
constexpr std::size_t windows_size = 1U << 13;
constexpr std::size_t values_size = 1U << 19;

// What tells keys of one place apart; never 0, which is an empty entry.
std::uint32_t tag_of(std::uint64_t key) {
  return static_cast<std::uint32_t>(key >> 32) | 1U;
}

}  // namespace

std::uint32_t Repetitions::note_request(std::uint64_t key) {
  Request& request = requests_[key % requests_size];
  if (request.tag != tag_of(key)) request = {tag_of(key), 0};
  return ++request.count;
}

bool Repetitions::is_in_window(std::uint64_t key, std::int64_t time_us) {
  Window& entry = windows_[key % windows_size];
  const std::int64_t number = time_us / dependence_window_us;
  if (entry.key == key && entry.number == number) return true;
  entry = {key, number};
  return false;
}

Repetitions::Novelty Repetitions::note_value(std::uint64_t key, std::uint32_t request, bool by_candidate,
                                             std::int64_t time_us) {
  Value& entry = values_[key % values_size];
  const auto now_s = static_cast<std::uint32_t>(time_us / 1'000'000);
  if (entry.tag != tag_of(key)) {
    entry = {tag_of(key), request, now_s, by_candidate};
    return Novelty::first;
  }
  const bool continued = entry.last_request + 1 == request && entry.by_candidate == by_candidate;
  entry.last_request = request;
  entry.by_candidate = by_candidate;
  if (!continued) {
    entry.counted_s = now_s;
    return Novelty::again;
  }
  if (now_s - entry.counted_s < static_cast<std::uint32_t>(unbroken_interval_us / 1'000'000)) return Novelty::repeated;
  entry.counted_s = now_s;
  return Novelty::unbroken;
}

}  // namespace understudy::diff
