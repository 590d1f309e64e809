// Mistakes behind a shop that is noisy in every way: clocks, UUIDs, a shuffled set, jittered numbers, a counter per
// process, an ETag, a page with a token, a feed with a clock, 500s at 0.5 % on every side. 900 requests a second over
// six endpoints. See catalogue.h.
#include <functional>
#include <string>

#include "tests/simulation/catalogue.h"
#include "tests/simulation/fields.h"

namespace understudy::simulation {
namespace {

using diff::bit_of;
using diff::ClassSet;
using diff::DifferenceClass;
using TextMistake = NoisyText::Mistake;

constexpr double requests_per_second = 900;
constexpr double own_failures = 0.005;
constexpr double jitter = 0.25;
constexpr double lines_in_common = 0.95;
constexpr std::uint64_t users = 3000;
constexpr std::uint64_t longest_run = 60'000;

// What one mistake replaces of the honest shop. Whatever is not set is honest.
struct Mistakes {
  double failures = 0;                // 500s of the product endpoint, more than its own
  NoisyNumber::Mistake number{};      // of a noisy number
  NoisyNumber::Mistake list_price{};  // of the prices in a shuffled list with clocks in its elements
  std::optional<TextMistake> clock{};
  std::optional<TextMistake> token{};
  std::optional<TextMistake> page{};
  std::optional<TextMistake> feed{};
  bool id_of_one_element = false;
  double value_noise = 0;  // of a value of its own: on both sides, and with the mistake
  double value_with_mistake = 0;
  double dropped = 0;
  bool rare_is_404 = false;
  bool feed_hangs = false;
  bool we_give_up = false;   // on the feed, sooner than production may take: it is never compared
  double dropped_share = 0;  // of all endpoints' exchanges, not compared
  std::uint64_t wrong_users = 0;
  double slow_share = 0;
  double slow_times = 1;
};

void add_text(Endpoint& endpoint, std::string path, double in_common, const std::optional<TextMistake>& mistake) {
  if (mistake) {
    add<NoisyText>(endpoint, std::move(path), in_common, *mistake);
  } else {
    add<NoisyText>(endpoint, std::move(path), in_common);
  }
}

void add_clock(Endpoint& endpoint) {
  // Milliseconds: the answers of equal builds fall into the same one now and then, and either may be the later.
  add<Coin>(endpoint, "/served_at", DifferenceClass::value_changed, 0.9, 0.9);
}

void add_common(Endpoint& endpoint, const Mistakes& mistakes, double failures) {
  if (mistakes.dropped_share != 0) add<Dropped>(endpoint, mistakes.dropped_share);
  add<Latency>(endpoint, 0.003, mistakes.slow_share, mistakes.slow_times);
  add<Status>(endpoint, BySide<double>{own_failures, own_failures + failures, own_failures});
}

std::unique_ptr<World> make_shop(std::uint64_t seed, const Mistakes& mistakes) {
  const std::uint64_t targets = mistakes.wrong_users != 0 ? users : 0;
  const Traffic traffic{
      .per_second = requests_per_second, .targets = targets, .session = mistakes.wrong_users ? 30U : 1U};
  auto world = std::make_unique<World>(seed, traffic);
  Random& random = world->random();

  Endpoint& product = world->add_endpoint("GET /products/{id}", 45);
  add_common(product, mistakes, mistakes.failures);
  add_clock(product);
  add_text(product, "/request_id", -1, mistakes.token);
  add_text(product, "/updated_at", -1, mistakes.clock);
  add<NoisyNumber>(product, "/score", jitter, mistakes.number);
  add<Counter>(product, "/served", 60, 100'000, random);
  add<Coin>(product, "header:etag", DifferenceClass::header_changed, 1, 1);
  add<Presence>(product, "/discount", BySide<double>{0, mistakes.dropped, 0});
  if (mistakes.value_with_mistake > 0) {
    add<Coin>(product, "/stock", DifferenceClass::value_changed, mistakes.value_with_mistake, mistakes.value_noise);
  }
  if (mistakes.wrong_users != 0) {
    add<WrongTargets>(product, "/cart", users, BySide<std::uint64_t>{0, mistakes.wrong_users, 0}, random);
  }

  Endpoint& list = world->add_endpoint("GET /products", 25);
  add_common(list, mistakes, 0);
  add<Coin>(list, "/items", DifferenceClass::order_changed, 0.83, 0.83);
  add<Coin>(list, "/items/*/at", DifferenceClass::value_changed, 1, 1);
  add<NoisyNumber>(list, "/items/*/price", jitter, mistakes.list_price);
  if (mistakes.id_of_one_element) {
    add<Coin>(list, "/items/*/id", DifferenceClass::value_changed, 1, 0);
  }

  Endpoint& page = world->add_endpoint("GET /", 18);
  add_common(page, mistakes, 0);
  add_text(page, "body", lines_in_common, mistakes.page);

  Endpoint& search = world->add_endpoint("GET /search", 10.1);
  add_common(search, mistakes, 0);
  add_clock(search);

  Endpoint& feed = world->add_endpoint("GET /feed", 1.6);
  add<Hang>(feed, mistakes.feed_hangs ? 1 : 0);
  if (mistakes.we_give_up) add<Dropped>(feed, 1);
  add_common(feed, mistakes, 0);
  add_text(feed, "body", lines_in_common, mistakes.feed);

  Endpoint& rare = world->add_endpoint("GET /vouchers/{id}", 0.3);
  if (mistakes.rare_is_404) {
    add<Status>(rare, BySide<double>{0, 1, 0}, "404");
  }
  add_clock(rare);

  return world;
}

Scenario shop(std::string name, std::string what, std::string_view mistaken_path, const Mistakes& mistakes) {
  Scenario scenario;
  scenario.group = "shop";
  scenario.name = "shop-" + std::move(name);
  scenario.what = std::move(what);
  scenario.mistaken_paths = {std::string(mistaken_path)};
  scenario.exchanges = longest_run;
  scenario.until = Until::word;
  scenario.make = [=](std::uint64_t seed) { return make_shop(seed, mistakes); };
  return scenario;
}

TextMistake text(ClassSet aspects, bool frozen = false, double in_common = -1) {
  return {.aspects = aspects, .frozen = frozen, .lines_in_common = in_common};
}

// 500 endpoints of equal traffic behind a service of their own; one always answers 500.
Scenario one_of_500_dead() {
  Scenario scenario = shop("one-of-500", "one of 500 endpoints always answers 500", "GET /250 status", {});
  scenario.make = [](std::uint64_t seed) {
    auto world = std::make_unique<World>(seed, Traffic{.per_second = requests_per_second});
    for (int i = 0; i < 500; ++i) {
      add<Status>(world->add_endpoint("GET /" + std::to_string(i)), BySide<double>{0, i == 250 ? 1.0 : 0.0, 0});
    }
    return world;
  };
  return scenario;
}

// One endpoint, noisy in itself; within a tenth of a second, 60 of its 2,148 exchanges are 500.
Scenario burst() {
  Scenario scenario = shop("burst", "60 of 2,148 of one endpoint are 500, within 0.1 s", "status", {});
  constexpr std::uint64_t all = 2148;
  constexpr std::uint64_t wrong = 60;
  constexpr double of_these = requests_per_second / 10;
  scenario.exchanges = all;
  scenario.make = [](std::uint64_t seed) {
    auto world = std::make_unique<World>(seed, Traffic{.per_second = requests_per_second, .targets = 1000});
    const std::uint64_t begin = 1 + world->random().below(450);  // before anything can pass
    Endpoint& product = world->add_endpoint("GET /products/{id}");
    add_common(product, {}, 0);
    add<Burst>(product, begin, static_cast<std::uint64_t>(of_these), wrong / of_these);
    add_clock(product);
    add_text(product, "/request_id", -1, {});
    add<NoisyNumber>(product, "/score", jitter, NoisyNumber::Mistake{});
    return world;
  };
  return scenario;
}

}  // namespace

std::vector<Scenario> shop_scenarios() {
  using enum DifferenceClass;
  const ClassSet lines = bit_of(lines_changed) | bit_of(length_changed);
  std::vector<Scenario> all{
      shop("html-page", "another page instead of the one with a token", "body", {.page = text(lines, false, 0.05)}),
      shop("xml-total", "XML with a clock: a line lost", "body", {.page = text(bit_of(lines_changed), false, 0.9)}),
      shop("ndjson-half", "NDJSON with a clock: half of the records lost", "body", {.page = text(lines, false, 0.5)}),
      shop("sse-lost", "server-sent events with a clock: two of five lost", "body", {.page = text(lines, false, 0.6)}),
      shop("csv-column", "CSV with a clock: a column lost", "body", {.page = text(bit_of(length_changed), false, 0)}),
      shop("form-zero", "a form with a token: the amount is 0", "/stock", {.value_with_mistake = 1}),
      shop("clock-zone", "a clock in microseconds: Z is +00:00", "/updated_at",
           {.clock = text(bit_of(notation_changed))}),
      shop("clock-fraction", "a clock in microseconds: the fraction is lost", "/updated_at",
           {.clock = text(bit_of(notation_changed))}),
      shop("clock-1970", "a clock: the year is 1970", "/updated_at",
           {.clock = text(bit_of(out_of_range) | bit_of(less))}),
      shop("number-x100", "a noisy number x100", "/score", {.number = [](double number) { return 100 * number; }}),
      shop("number-negated", "a noisy number negated", "/score", {.number = [](double number) { return -number; }}),
      shop("number-zero", "a noisy number always 0", "/score", {.number = [](double) { return 0.0; }}),
      shop("uuid-nil", "a UUID that is always ffffffff-...", "/request_id", {.token = text(bit_of(zeroed), true)}),
      shop("token-half", "a token of half the length", "/request_id", {.token = text(bit_of(length_changed))}),
      shop("token-empty", "a token that is always empty", "/request_id",
           {.token = text(bit_of(emptied) | bit_of(length_changed), true)}),
      shop("token-undefined", "a token that is always \"undefined\"", "/request_id",
           {.token = text(bit_of(length_changed), true)}),
      shop("list-prices", "a shuffled list with clocks: all prices x1.19", "/items/*/price",
           {.list_price = [](double number) { return 1.19 * number; }}),
      shop("list-id", "a shuffled list with clocks: one id is another", "/items/*/id", {.id_of_one_element = true}),
      shop("value-30+10", "a value that varies in 30 %, 10 points more", "/stock",
           {.value_noise = 0.3, .value_with_mistake = 0.4}),
      shop("value-10+8", "a value that varies in 10 %, 8 points more", "/stock",
           {.value_noise = 0.1, .value_with_mistake = 0.18}),
      shop("status-2", "500 at 2 % over 0.5 %", "status", {.failures = 0.02}),
      shop("dropped-2", "a field dropped in 2 %", "/discount", {.dropped = 0.02}),
      shop("rare-404", "404 at an endpoint with 0.3 % of the traffic", "GET /vouchers/{id} status",
           {.rare_is_404 = true}),
      shop("hang", "no answer at an endpoint with 1.6 % of the traffic", "GET /feed status", {.feed_hangs = true}),
      shop("users-2%", "wrong for 2 % of the users", "/cart", {.wrong_users = 60}),
      burst(),
      one_of_500_dead(),
      shop("slow-tail", "3 % of the answers take five times as long", "latency",
           {.slow_share = 0.03, .slow_times = 5})};
  Scenario honest = shop("honest", "the shop itself: nothing is wrong", "", {});
  honest.mistaken_paths.clear();
  all.push_back(std::move(honest));
  // What is not compared: an endpoint never, and a share of all.
  Scenario given_up = shop("given-up", "an endpoint with 1.6 % of the traffic is never compared", "GET /feed status",
                           {.we_give_up = true});
  given_up.exchanges = 10'000;
  all.push_back(std::move(given_up));
  all.push_back(shop("dropped-15", "15 % of the exchanges are not compared, and a field is dropped in 2 %", "/discount",
                     {.dropped = 0.02, .dropped_share = 0.15}));
  return all;
}

}  // namespace understudy::simulation
