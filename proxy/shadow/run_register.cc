#include "proxy/shadow/run_register.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <functional>

namespace understudy::shadow {
namespace {

std::uint64_t number_of(std::string_view name) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc{} && end == name.data() + name.size() ? number : 0;
}

const store::RunRow* find(const std::vector<store::RunRow>& known, std::string_view name) {
  const auto found = std::ranges::find(known, name, &store::RunRow::name);
  return found == known.end() ? nullptr : &*found;
}

}  // namespace

RunChoice choose_run(const RunStart& start, const std::vector<store::RunRow>& known) {
  const bool goes_on = !start.current.empty();
  if (!start.configured.empty() && (!goes_on || start.configured_changed)) return {start.configured, "name", true};
  if (goes_on && !start.url_changed) return {start.current, known.empty() ? "first" : "restart", start.current_named};
  const char* why = goes_on ? "candidate_url" : known.empty() ? "first" : "restart";
  return {next_number(known, start.current), why, false};
}

std::string next_number(const std::vector<store::RunRow>& known, std::string_view current) {
  std::uint64_t most = number_of(current);
  for (const store::RunRow& run : known) most = std::max(most, number_of(run.name));
  return std::to_string(most + 1);
}

RunChoice run_of_build(const std::string& build, const std::vector<store::RunRow>& known) {
  const auto newest = std::find_if(known.rbegin(), known.rend(), [&](const auto& run) { return run.build == build; });
  if (newest != known.rend()) return {newest->name, newest->why, true, build};
  std::string name = build;
  for (int suffix = 2;; ++suffix) {
    const store::RunRow* taken = find(known, name);
    if (!taken || (taken->named && taken->build.empty())) return {name, "version", true, build};
    const std::string ending = '-' + std::to_string(suffix);
    name = build.substr(0, store::run_name_octets - ending.size()) + ending;
  }
}

std::string name_of_build(std::string_view value) {
  if (value.empty() || store::is_run_name(value)) return std::string(value);
  constexpr std::size_t hash_octets = 9;
  std::string name(value.substr(0, store::run_name_octets - hash_octets));
  std::ranges::replace_if(name, [](char c) { return !store::is_run_name(std::string_view(&c, 1)); }, '-');
  std::uint32_t hash = 2166136261;  // FNV-1a: the same in every edition, for the store keeps it
  for (const char c : value) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619;
  char text[hash_octets + 1];
  std::snprintf(text, sizeof text, "-%08x", static_cast<unsigned>(hash));
  return name + text;
}

bool BuildWatch::see(std::string_view value, int needed) {
  if (count_ == 0 || value_ != value) {
    value_ = value;
    count_ = 0;
  }
  return ++count_ >= needed;
}

}  // namespace understudy::shadow
