#include "conf/demo/catalogue.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <optional>
#include <vector>

namespace demo {

namespace {

constexpr bool is_candidate = std::string_view(DEMO_BUILD) == "candidate";

constexpr std::string_view words[] = {"amber",  "birch",   "cedar", "delta", "ember", "fjord", "grove", "haven",
                                      "indigo", "juniper", "krill", "lotus", "maple", "north", "onyx",  "pearl"};

// A value that belongs to this id for ever.
std::uint64_t fact(std::uint64_t id, std::uint64_t which) {
  std::uint64_t x = id * 0x9e3779b97f4a7c15ull + which * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 30)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

std::string word(std::uint64_t id, std::uint64_t which) {
  return std::string(words[fact(id, which) % std::size(words)]);
}

std::string money(std::uint64_t cents) {
  char text[32];
  std::snprintf(text, sizeof text, "%llu.%02llu", static_cast<unsigned long long>(cents / 100),
                static_cast<unsigned long long>(cents % 100));
  return text;
}

std::string now() {
  const auto time = std::chrono::system_clock::now();
  const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = microseconds / 1'000'000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[40];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + length, sizeof text - length, ".%06dZ", static_cast<int>(microseconds % 1'000'000));
  return text;
}

// The number behind `prefix` where that is all that follows.
std::optional<std::uint64_t> id_behind(std::string_view target, std::string_view prefix) {
  if (!target.starts_with(prefix)) return std::nullopt;
  target.remove_prefix(prefix.size());
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(target.data(), target.data() + target.size(), id);
  if (error != std::errc{} || end != target.data() + target.size()) return std::nullopt;
  return id;
}

}  // namespace

Answer Catalogue::get(std::string_view target) {
  if (const auto id = id_behind(target, "/products/")) return product(*id);
  if (const auto id = id_behind(target, "/orders/")) return order(*id);
  if (const auto id = id_behind(target, "/customers/")) return customer(*id);
  if (const auto id = id_behind(target, "/stock/")) return stock(*id);
  if (target.starts_with("/search?q=")) return search(target.substr(10));
  return {404, "{\"error\":\"no such resource\"}"};
}

// Noise: view is a new token each time. served_at is the clock: it is another one each time, and equal all the same, as
// both times lie within the exchange. Planted: the candidate drops `currency`.
Answer Catalogue::product(std::uint64_t id) {
  std::string json = "{\"id\":" + std::to_string(id) + ",\"name\":\"" + word(id, 1) + " " + word(id, 2) +
                     "\",\"price\":" + money(100 + fact(id, 3) % 90000);
  if (!is_candidate) json += ",\"currency\":\"EUR\"";
  std::string view;
  for (int i = 0; i < 16; ++i) view += static_cast<char>('a' + random_() % 26);
  json += ",\"weight_g\":" + std::to_string(10 + fact(id, 4) % 5000) + ",\"view\":\"" + view + "\",\"served_at\":\"" +
          now() + "\"}";
  return {200, json};
}

// Noise: trace is a new UUID each time. Planted: the candidate turns the number `total` into a string.
Answer Catalogue::order(std::uint64_t id) {
  std::string items;
  std::uint64_t total = 0;
  const std::uint64_t count = 1 + fact(id, 1) % 4;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t price = 100 + fact(id, 10 + i) % 20000;
    const std::uint64_t quantity = 1 + fact(id, 20 + i) % 3;
    total += price * quantity;
    if (i > 0) items += ',';
    items += "{\"product\":" + std::to_string(fact(id, 30 + i) % 1000) + ",\"quantity\":" + std::to_string(quantity) +
             ",\"price\":" + money(price) + "}";
  }
  const std::string quote = is_candidate ? "\"" : "";
  return {200, "{\"id\":" + std::to_string(id) + ",\"customer\":" + std::to_string(fact(id, 2) % 500) +
                   ",\"state\":\"" + (fact(id, 3) % 3 == 0 ? "shipped" : "open") + "\",\"items\":[" + items +
                   "],\"total\":" + quote + money(total) + quote + ",\"trace\":\"" + uuid() + "\"}"};
}

// Noise: the segments of a customer are a set, told in any order.
Answer Catalogue::customer(std::uint64_t id) {
  std::vector<std::string> segments;
  for (std::uint64_t i = 0; i < 5; ++i)
    segments.push_back(std::string(words[(fact(id, 5) + i * 3) % std::size(words)]));
  std::shuffle(segments.begin(), segments.end(), random_);
  std::string list;
  for (const std::string& segment : segments) list += (list.empty() ? "\"" : ",\"") + segment + "\"";
  return {200, "{\"id\":" + std::to_string(id) + ",\"name\":\"" + word(id, 1) + "\",\"email\":\"" + word(id, 2) +
                   "@example.com\",\"active\":" + (fact(id, 3) % 5 != 0 ? "true" : "false") + ",\"segments\":[" + list +
                   "]}"};
}

Answer Catalogue::stock(std::uint64_t id) {
  return {200, "{\"product\":" + std::to_string(id) + ",\"on_hand\":" + std::to_string(fact(id, 1) % 300) +
                   ",\"warehouses\":{\"lyon\":" + std::to_string(fact(id, 2) % 100) +
                   ",\"turin\":" + std::to_string(fact(id, 3) % 100) + "}}"};
}

// Planted: the candidate fails now and then, about one search in 25.
Answer Catalogue::search(std::string_view query) {
  if constexpr (is_candidate) {
    static std::atomic<std::uint64_t> searches{0};
    static std::atomic<std::uint64_t> next_failure{10};
    const std::uint64_t number = ++searches;
    std::uint64_t due = next_failure;
    if (number >= due && next_failure.compare_exchange_strong(due, number + 20 + random_() % 10))
      return {500, "{\"error\":\"index shard 3 not available\"}"};
  }
  std::uint64_t id = query.size();
  for (const char c : query) id = id * 31 + static_cast<unsigned char>(c);
  std::string hits;
  const std::uint64_t count = fact(id, 1) % 6;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i > 0) hits += ',';
    hits += "{\"product\":" + std::to_string(fact(id, 10 + i) % 1000) + ",\"name\":\"" + word(id, 20 + i) + "\"}";
  }
  return {200,
          "{\"query\":\"" + std::string(query) + "\",\"count\":" + std::to_string(count) + ",\"hits\":[" + hits + "]}"};
}

std::string Catalogue::uuid() {
  const std::uint64_t high = random_();
  const std::uint64_t low = random_();
  char text[40];
  std::snprintf(text, sizeof text, "%08x-%04x-4%03x-%04x-%012llx", static_cast<unsigned>(high >> 32),
                static_cast<unsigned>(high >> 16 & 0xffff), static_cast<unsigned>(high & 0xfff),
                static_cast<unsigned>(0x8000 | (low >> 50)), static_cast<unsigned long long>(low & 0xffffffffffffull));
  return text;
}

}  // namespace demo
