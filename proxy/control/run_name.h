// A run's name in shared memory: one process writes it, others read it whole or not at all. Callers: proxy/shadow/ (the
// current run, and the one that is asked for), proxy/admin/ (the other way round).
#pragma once

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string>
#include <string_view>

#include "proxy/control/counters.h"

namespace understudy::control {

inline void store_words(RunName& words, std::string_view name) {
  char octets[sizeof(std::uint64_t) * std::tuple_size_v<RunName>]{};
  std::memcpy(octets, name.data(), std::min(name.size(), sizeof octets));
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, octets + i * sizeof word, sizeof word);
    words[i].store(word, std::memory_order_relaxed);
  }
}

inline std::string load_words(const RunName& words) {
  char octets[sizeof(std::uint64_t) * std::tuple_size_v<RunName>];
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::uint64_t word = words[i].load(std::memory_order_relaxed);
    std::memcpy(octets + i * sizeof word, &word, sizeof word);
  }
  return std::string(octets, static_cast<std::size_t>(std::find(octets, std::end(octets), '\0') - octets));
}

// The current run's, by the shadow plane.
inline void publish_run(ShadowAccounts& accounts, std::string_view name) {
  const std::uint64_t changes = get(accounts.run_changes) | 1;  // a plane that died amid a change left it odd
  accounts.run_changes.store(changes, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  store_words(accounts.run, name);
  accounts.run_changes.store(changes + 1, std::memory_order_release);
}

// Empty: there is none yet, or it is just changing.
inline std::string current_run(const ShadowAccounts& accounts) {
  const std::uint64_t before = accounts.run_changes.load(std::memory_order_acquire);
  if (before % 2 != 0) return {};
  std::string name = load_words(accounts.run);
  std::atomic_thread_fence(std::memory_order_acquire);
  return get(accounts.run_changes) == before ? name : std::string();
}

// A request for a run, by the admin plane; gives its generation. "" asks for a fresh one.
inline std::uint64_t request_run(Switch& page, std::string_view name) {
  store_words(page.run, name);
  const std::uint64_t generation = get(page.run_generation) + 1;
  page.run_generation.store(generation, std::memory_order_release);
  return generation;
}

}  // namespace understudy::control
