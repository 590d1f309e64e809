#include "tests/tools/noisy_world.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <utility>

#include "tests/tools/content.h"

namespace understudy::tools {

std::uint64_t mixed(std::uint64_t one, std::uint64_t other) {
  std::uint64_t value = one + 0x9e3779b97f4a7c15ULL * (other + 1);  // splitmix64
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

NoisyWorld::NoisyWorld(Options options)
    : options_(std::move(options)),
      data_(mixed(options_.seed, seed_of("data"))),
      random_(mixed(options_.seed, seed_of(options_.role))) {}

std::uint64_t NoisyWorld::fact(std::string_view kind, std::uint64_t id, std::uint64_t limit) const {
  return mixed(mixed(data_, seed_of(kind)), id) % limit;
}

double NoisyWorld::scaled_seconds() const {
  return static_cast<double>(wall_us()) / 1e6 * options_.scale;
}

std::int64_t NoisyWorld::period(double seconds, double offset) const {
  return static_cast<std::int64_t>((scaled_seconds() + offset) / seconds);
}

std::int64_t NoisyWorld::wall_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

double NoisyWorld::uniform() {
  return std::uniform_real_distribution<>(0, 1)(random_);
}

double NoisyWorld::bell() {
  return std::normal_distribution<>(0, 1)(random_);
}

std::string NoisyWorld::hexadecimal_digits(std::size_t count) {
  std::string digits;
  while (digits.size() < count) digits += hexadecimal(random_());
  digits.resize(count);
  return digits;
}

std::string NoisyWorld::uuid() {
  std::string digits = hexadecimal_digits(32);
  digits[12] = '4';
  digits[16] = "89ab"[below(4)];
  for (const std::size_t at : {20u, 16u, 12u, 8u}) digits.insert(at, 1, '-');
  return digits;
}

std::string rfc3339(std::int64_t us, int digits, std::string_view zone) {
  const std::chrono::sys_time<std::chrono::microseconds> time{std::chrono::microseconds(us)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  std::string result = text.data();
  if (digits > 0) {
    std::snprintf(text.data(), text.size(), "%06lld", static_cast<long long>(us % 1'000'000));
    result += '.';
    result += std::string_view(text.data()).substr(0, static_cast<std::size_t>(digits));
  }
  return result.append(zone);
}

// --- JSON

NoisyJson& NoisyJson::open(char bracket, char closing) {
  separate();
  text_ += bracket;
  closing_ += closing;
  first_ = true;
  return *this;
}

NoisyJson& NoisyJson::end() {
  text_ += closing_.back();
  closing_.pop_back();
  first_ = false;
  return *this;
}

void NoisyJson::separate() {
  if (!first_) text_ += ',';
  first_ = false;
}

NoisyJson& NoisyJson::key(std::string_view name) {
  text(name);
  text_ += ':';
  first_ = true;
  return *this;
}

NoisyJson& NoisyJson::text(std::string_view value) {
  separate();
  text_ += '"';
  text_ += value;  // none of them needs an escape
  text_ += '"';
  return *this;
}

NoisyJson& NoisyJson::real(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return raw(text.data());
}

NoisyJson& NoisyJson::raw(std::string_view value) {
  separate();
  text_ += value;
  return *this;
}

std::string NoisyJson::take() {
  while (!closing_.empty()) end();
  return std::move(text_);
}

// --- requests and what they are about

std::uint64_t NoisyRequest::number() const {
  const std::string& text = query.empty() ? path : query;
  const std::size_t before = text.find_last_of("/=");
  std::uint64_t value = 0;
  std::from_chars(text.data() + before + 1, text.data() + text.size(), value);
  return value;
}

void write_product(NoisyJson& json, const NoisyWorld& world, std::uint64_t id) {
  static constexpr std::array<std::string_view, 8> colours{"red",   "green", "blue",  "black",
                                                           "white", "ochre", "olive", "plum"};
  static constexpr std::array<std::string_view, 6> things{"chair", "table", "lamp", "shelf", "desk", "sofa"};
  static constexpr std::array<std::string_view, 4> sizes{"S", "M", "L", "XL"};
  const auto pick = [&](const auto& words, std::string_view kind) { return words[world.fact(kind, id, words.size())]; };
  json.integer("id", static_cast<std::int64_t>(id))
      .text("sku", "SKU-" + std::to_string(world.fact("sku", id, 900000) + 100000));
  json.text("name", std::string(pick(colours, "colour")) + " " + std::string(pick(things, "thing")));
  json.text("created_at",
            rfc3339(static_cast<std::int64_t>(1'600'000'000 + world.fact("created", id, 90'000'000)) * 1'000'000, 0));
  json.key("price")
      .object()
      .real("amount", static_cast<double>(world.fact("price", id, 90000) + 999) / 100, 2)
      .text("currency", "EUR")
      .end();
  json.key("tags").array().text(pick(colours, "tag")).text(pick(things, "other tag")).end();
  json.key("seller")
      .object()
      .integer("id", static_cast<std::int64_t>(world.fact("seller", id, 200)))
      .text("name", "Seller " + std::to_string(world.fact("seller", id, 200)));
  json.key("address").object().text("city", "Ghent").text("country", "BE").end().end();
  json.key("variants").array();
  const std::uint64_t variants = 2 + world.fact("variants", id, 3);
  for (std::uint64_t i = 0; i < variants; ++i) {
    json.object()
        .integer("id", static_cast<std::int64_t>(id * 10 + i))
        .text("size", sizes[i])
        .text("colour", pick(colours, "colour"));
    json.integer("weight", static_cast<std::int64_t>(world.fact("weight", id * 10 + i, 9000)))
        .boolean("available", world.fact("available", id * 10 + i, 4) != 0)
        .end();
  }
  json.end();
}

NoisyAnswer failure_of(NoisyWorld& world) {
  NoisyJson json;
  json.object().text("error", "internal").text("request_id", world.uuid());
  NoisyAnswer answer;
  answer.status = 500;
  answer.body = json.take();
  return answer;
}

}  // namespace understudy::tools
