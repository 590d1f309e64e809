// How soon a mistake is proved, and when an honest build passes. See catalogue.h.
#include <string>

#include "tests/simulation/catalogue.h"
#include "tests/simulation/fields.h"

namespace understudy::simulation {
namespace {

using diff::bit_of;
using diff::DifferenceClass;

constexpr std::string_view status = "status";
constexpr std::string_view field = "/f";
constexpr double session_rate = 50;

// One endpoint.
template <typename AddFields>
Scenario power(std::string name, std::string what, std::string_view mistaken_path, std::uint64_t exchanges,
               const Traffic& traffic, AddFields add_fields) {
  Scenario scenario;
  scenario.group = "power";
  scenario.name = std::move(name);
  scenario.what = std::move(what);
  scenario.mistaken_paths = {std::string(mistaken_path)};
  scenario.exchanges = exchanges;
  scenario.make = [=](std::uint64_t seed) {
    auto world = std::make_unique<World>(seed, traffic);
    add_fields(world->add_endpoint("GET /x"), world->random());
    return world;
  };
  return scenario;
}

Scenario dropped_field(std::string percent, double rate, bool has_secondary) {
  const Traffic traffic{.has_secondary = has_secondary};
  return power("dropped-" + percent + (has_secondary ? "" : "-alone"),
               "a field that production always has is dropped in " + percent + " %" +
                   (has_secondary ? "" : ", without a secondary"),
               field, 50'000, traffic, [=](Endpoint& endpoint, Random&) {
                 add<Presence>(endpoint, std::string(field), BySide<double>{0, rate, 0});
               });
}

// The mistake comes where it may hit an exchange that noise has hit already: less is left of it than `mistake`.
Scenario noisy_value(std::string name, std::string what, double noise, double mistake, std::uint64_t exchanges) {
  const double with_mistake = noise + (1 - noise) * mistake;
  return power(std::move(name), std::move(what), field, exchanges, {}, [=](Endpoint& endpoint, Random&) {
    add<Coin>(endpoint, std::string(field), DifferenceClass::value_changed, with_mistake, noise);
  });
}

Scenario failing(std::string name, std::string what, double production, double with_mistake, bool has_secondary) {
  const Traffic traffic{.has_secondary = has_secondary};
  return power(std::move(name), std::move(what), status, 50'000, traffic, [=](Endpoint& endpoint, Random&) {
    add<Status>(endpoint, BySide<double>{production, production + with_mistake, production});
  });
}

Scenario noisy_number(std::string name, std::string what, double jitter, std::uint64_t exchanges,
                      NoisyNumber::Mistake mistake) {
  return power("number-" + std::move(name), "a number within " + std::move(what), field, exchanges, {},
               [=](Endpoint& endpoint, Random&) { add<NoisyNumber>(endpoint, std::string(field), jitter, mistake); });
}

Scenario noisy_text(std::string name, std::string what, double lines_in_common, NoisyText::Mistake mistake) {
  const std::string path(lines_in_common < 0 ? field : diff::whole_body_path);
  return power("text-" + std::move(name), std::move(what), path, 10'000, {},
               [=](Endpoint& endpoint, Random&) { add<NoisyText>(endpoint, path, lines_in_common, mistake); });
}

// Nothing differs but how long the answers of the candidate take: a share of them so many times as long.
Scenario slower(std::string name, std::string what, double share, double times) {
  Scenario scenario = power("slower-" + std::move(name), std::move(what), "latency", 20'000, {.per_second = 900},
                            [=](Endpoint& endpoint, Random&) { add<Latency>(endpoint, 0.003, share, times); });
  scenario.until = Until::word;
  return scenario;
}

Scenario pooled(int endpoints) {
  Scenario scenario;
  scenario.group = "power";
  scenario.name = "pooled-" + std::to_string(endpoints);
  scenario.what = "500 at 1 % on each of " + std::to_string(endpoints) + " endpoints";
  scenario.mistaken_paths = {std::string(status)};
  scenario.exchanges = 300'000;
  scenario.make = [=](std::uint64_t seed) {
    auto world = std::make_unique<World>(seed, Traffic{});
    for (int i = 0; i < endpoints; ++i) {
      add<Status>(world->add_endpoint("GET /" + std::to_string(i)), BySide<double>{0, 0.01, 0});
    }
    return world;
  };
  return scenario;
}

Scenario wrong_targets(std::string name, std::string what, const Traffic& traffic, std::uint64_t wrong,
                       std::uint64_t exchanges) {
  return power(std::move(name), std::move(what), field, exchanges, traffic, [=](Endpoint& endpoint, Random& random) {
    add<WrongTargets>(endpoint, std::string(field), traffic.targets, BySide<std::uint64_t>{0, wrong, 0}, random);
  });
}

Scenario honest(std::string name, std::string what, int fields, double noise, double dropped = 0) {
  Scenario scenario;
  scenario.group = "pass";
  scenario.name = "pass-" + std::move(name);
  scenario.what = std::move(what);
  scenario.exchanges = 60'000;
  scenario.until = Until::word;
  scenario.make = [=](std::uint64_t seed) {
    auto world = std::make_unique<World>(seed, Traffic{});
    Endpoint& endpoint = world->add_endpoint("GET /x");
    if (dropped != 0) add<Dropped>(endpoint, dropped);
    for (int i = 0; i < fields; ++i) {
      add<Coin>(endpoint, "/f" + std::to_string(i), DifferenceClass::value_changed, noise, noise);
    }
    return world;
  };
  return scenario;
}

Scenario honest_latency() {
  Scenario scenario = slower("", "nothing ever differs, and none is slower", 0, 1);
  scenario.group = "pass";
  scenario.name = "pass-latency";
  scenario.mistaken_paths.clear();
  return scenario;
}

}  // namespace

std::vector<Scenario> power_scenarios() {
  std::vector<Scenario> all;
  for (const bool has_secondary : {true, false}) {
    all.push_back(dropped_field("100", 1, has_secondary));
    all.push_back(dropped_field("10", 0.1, has_secondary));
    all.push_back(dropped_field("1", 0.01, has_secondary));
    all.push_back(dropped_field("0.1", 0.001, has_secondary));
  }
  all.push_back(failing("status-1", "500 at 1 %", 0, 0.01, true));
  all.push_back(failing("status-1-alone", "500 at 1 %, without a secondary", 0, 0.01, false));
  all.push_back(failing("status-0.5+1", "500 at 0.5 % everywhere, 1 % more", 0.005, 0.01, true));
  all.push_back(failing("status-0.5+2", "500 at 0.5 % everywhere, 2 % more", 0.005, 0.02, true));
  all.push_back(noisy_value("value-1", "a value wrong in 1 %", 0, 0.01, 20'000));
  all.push_back(noisy_value("value-10", "a value wrong in 10 %", 0, 0.1, 10'000));
  all.push_back(noisy_value("value-100", "a value wrong in every answer", 0, 1, 5'000));
  all.push_back(noisy_value("value-30+10", "a value that varies in 30 %, 10 points more", 0.3, 0.1, 30'000));
  all.push_back(noisy_value("value-10+8", "a value that varies in 10 %, 8 points more", 0.1, 0.08, 30'000));
  all.push_back(noisy_value("value-5+1", "a value that varies in 5 %, 1 point more", 0.05, 0.01, 150'000));
  all.push_back(noisy_value("value-50+20", "a value that varies in 50 %, 20 points more", 0.5, 0.2, 30'000));
  all.push_back(wrong_targets("objects-1%", "1 % of 3,000 objects wrong, always", {.per_second = 100, .targets = 3000},
                              30, 50'000));
  for (const auto& [name, wrong] : {std::pair{"1", 30}, {"2", 60}}) {
    all.push_back(wrong_targets(std::string("users-") + name + "%",
                                std::string("wrong for ") + name + " % of 3,000 users, in sessions of 30",
                                {.per_second = session_rate, .targets = 3000, .session = 30}, wrong, 400'000));
  }
  all.push_back(wrong_targets("single-url", "one single URL at one request a second, wrong, always",
                              {.per_second = 1, .targets = 1}, 1, 2'000));

  using Mistake = NoisyText::Mistake;
  all.push_back(noisy_number("x100", "5 %, x100", 0.05, 20'000, [](double number) { return 100 * number; }));
  all.push_back(noisy_number("negated", "5 %, negated", 0.05, 20'000, [](double number) { return -number; }));
  all.push_back(noisy_number("zero", "5 %, always 0", 0.05, 20'000, [](double) { return 0.0; }));
  all.push_back(noisy_number("frozen", "5 %, always the same", 0.05, 20'000, [](double) { return 55.0; }));
  all.push_back(noisy_number("+10%", "25 %, 10 % more", 0.25, 20'000, [](double number) { return 1.1 * number; }));
  all.push_back(noisy_number("+1%", "25 %, 1 % more", 0.25, 100'000, [](double number) { return 1.01 * number; }));
  all.push_back(noisy_text("emptied", "a token that is always empty", -1,
                           Mistake{.aspects = bit_of(DifferenceClass::emptied), .frozen = true}));
  all.push_back(noisy_text("shorter", "a token of half the length", -1,
                           Mistake{.aspects = bit_of(DifferenceClass::length_changed)}));
  all.push_back(noisy_text("frozen", "a token that is always the same", -1, Mistake{.frozen = true}));
  all.push_back(noisy_text("page", "a page with a token is another page", 0.95, Mistake{.lines_in_common = 0.05}));
  all.push_back(noisy_text("lines", "a text with a clock lacks a line", 0.95,
                           Mistake{.aspects = bit_of(DifferenceClass::lines_changed), .lines_in_common = 0.95}));
  all.push_back(slower("x5", "3 ms are 15 ms", 1, 5));
  all.push_back(slower("30%", "30 % slower", 1, 1.3));
  all.push_back(slower("tail", "3 % of the answers take five times as long", 0.03, 5));
  all.push_back(slower("late", "one answer in ten is 200 ms late", 0.1, 67));
  for (const int endpoints : {1, 5, 20, 100, 200}) {
    all.push_back(pooled(endpoints));
  }
  return all;
}

std::vector<Scenario> pass_scenarios() {
  return {honest("0", "nothing ever differs", 1, 0),
          honest("0.5", "0.5 % of a value differ", 1, 0.005),
          honest("5", "5 % of a value differ", 1, 0.05),
          honest("30", "30 % of a value differ", 1, 0.3),
          honest("90", "90 % of a value differ", 1, 0.9),
          honest("100", "a value differs in every answer", 1, 1),
          honest("200x0.2", "200 values, 0.2 % of each differ", 200, 0.002),
          honest("200x30", "200 values, 30 % of each differ", 200, 0.3),
          honest_latency(),
          honest("dropped-5", "nothing ever differs, 5 % are not compared", 1, 0, 0.05)};
}

}  // namespace understudy::simulation
