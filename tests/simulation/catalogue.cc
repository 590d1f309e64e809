// Honest builds: candidate, production and secondary are the same. Independent noise, and noise that exchanges share.
// See catalogue.h.
#include "tests/simulation/catalogue.h"

#include <array>
#include <string>

#include "tests/simulation/fields.h"

namespace understudy::simulation {
namespace {

using diff::DifferenceClass;

constexpr double hour = 3600;

std::string percent(double share) {
  std::string text = std::to_string(share * 100);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') {
    text.pop_back();
  }
  return text;
}

enum class Kind { value, presence, status };

// How often each of two sides is to be off so that they differ so often.
double off_each(double differ) {
  return (1 - std::sqrt(1 - 2 * std::min(differ, 0.5))) / 2;
}

Scenario independent(Kind kind, int cells, double noise, bool has_secondary, std::uint64_t exchanges) {
  const std::string kind_name = kind == Kind::value ? "value" : kind == Kind::presence ? "presence" : "status";
  Scenario scenario;
  scenario.group = "independent";
  scenario.name =
      "independent-" + kind_name + "-" + std::to_string(cells) + "-" + percent(noise) + (has_secondary ? "" : "-alone");
  scenario.what = std::to_string(cells) + " x " + kind_name + ", " + percent(noise) + " % differ, " +
                  (has_secondary ? "with" : "without") + " a secondary";
  scenario.exchanges = exchanges;
  scenario.make = [=](std::uint64_t seed) {
    Traffic traffic;
    traffic.has_secondary = has_secondary;
    auto world = std::make_unique<World>(seed, traffic);
    const double off = off_each(noise);
    for (int i = 0; i < cells; ++i) {
      if (kind == Kind::status || i == 0) {
        world->add_endpoint("GET /" + std::to_string(i));
      }
      Endpoint& endpoint = world->last_endpoint();
      const std::string path = "/f" + std::to_string(i);
      if (kind == Kind::value) {
        add<Coin>(endpoint, path, DifferenceClass::value_changed, noise, noise);
      } else if (kind == Kind::presence) {
        add<Presence>(endpoint, path, BySide<double>{off, off, off});
      } else {
        add<Status>(endpoint, BySide<double>{off, off, off});
      }
    }
    return world;
  };
  return scenario;
}

// One endpoint, one field, for an hour.
template <typename AddField>
Scenario dependent(std::string name, std::string what, const Traffic& traffic, AddField add_field) {
  Scenario scenario;
  scenario.group = "dependent";
  scenario.name = std::move(name);
  scenario.what = std::move(what);
  scenario.seconds = hour;
  scenario.make = [=](std::uint64_t seed) {
    auto world = std::make_unique<World>(seed, traffic);
    add_field(world->add_endpoint("GET /x"), world->random());
    return world;
  };
  return scenario;
}

}  // namespace

std::vector<Scenario> independent_scenarios() {
  std::vector<Scenario> all;
  for (const auto& [cells, exchanges] : {std::pair{1, 5000}, {20, 3000}, {200, 500}}) {
    for (const double noise : {0.001, 0.01, 0.1, 0.3, 0.5}) {
      all.push_back(independent(Kind::value, cells, noise, true, exchanges));
      all.push_back(independent(Kind::presence, cells, noise, false, exchanges));
      all.push_back(independent(Kind::status, cells, noise, true, exchanges));
      all.push_back(independent(Kind::status, cells, noise, false, exchanges));
    }
  }
  return all;
}

std::vector<Scenario> dependent_scenarios() {
  using Phase = Cached::Phase;
  std::vector<Scenario> all;
  // Every exchange a request of its own, unless targets are given: what many pages show alike.
  const Traffic pages{.per_second = 100};
  all.push_back(dependent(
      "cached-second", "a value of all that changes every 3 s, cached 1 s", pages,
      [](Endpoint& endpoint, Random& random) { add<Cached>(endpoint, "/rate", 3, 1, Phase::by_access, 0, random); }));
  all.push_back(dependent("cached-minute", "a value of all that changes every 3 min, cached 1 min", pages,
                          [](Endpoint& endpoint, Random& random) {
                            add<Cached>(endpoint, "/rate", 180, 60, Phase::by_access, 0, random);
                          }));
  // In fixed phases: caches that fill by access are asked at the same moments on every side and soon expire together.
  const Traffic hundred{.per_second = 33, .targets = 100};
  all.push_back(dependent(
      "objects-100", "100 objects that change every 600 s, cached 60 s in fixed phases", hundred,
      [](Endpoint& endpoint, Random& random) { add<Cached>(endpoint, "/price", 600, 60, Phase::fixed, 100, random); }));
  const Traffic thousand{.per_second = 33, .targets = 1000};
  all.push_back(dependent("objects-1000", "1,000 objects that change every hour, cached 60 s in fixed phases", thousand,
                          [](Endpoint& endpoint, Random& random) {
                            add<Cached>(endpoint, "/price", 3600, 60, Phase::fixed, 1000, random);
                          }));
  all.push_back(
      dependent("counter-apart", "a counter per process, begun far from each other", pages,
                [](Endpoint& endpoint, Random& random) { add<Counter>(endpoint, "/served", 60, 100'000, random); }));
  all.push_back(
      dependent("counter-together", "a counter per process, begun together, slips now and then", pages,
                [](Endpoint& endpoint, Random& random) { add<Counter>(endpoint, "/served", 120, 0, random); }));
  all.push_back(dependent("bad-minute", "one of ten minutes 20 % of the values differ on one side", pages,
                          [](Endpoint& endpoint, Random&) { add<BadMinutes>(endpoint, "/stock", 0.1, 0.2, false); }));
  all.push_back(dependent("bad-minute-500", "one of ten minutes 20 % of one side are 500", pages,
                          [](Endpoint& endpoint, Random&) { add<BadMinutes>(endpoint, "/stock", 0.1, 0.2, true); }));
  const Traffic hot{.per_second = 400, .targets = 1};
  all.push_back(dependent(
      "hot-400", "one object, 400/s, cached 10 s in fixed phases, changes every 30 s", hot,
      [](Endpoint& endpoint, Random& random) { add<Cached>(endpoint, "/price", 30, 10, Phase::fixed, 1, random); }));
  const Traffic hotter{.per_second = 1000, .targets = 1};
  all.push_back(dependent(
      "hot-1000", "one object, 1,000/s, cached 50 ms in fixed phases, changes every second", hotter,
      [](Endpoint& endpoint, Random& random) { add<Cached>(endpoint, "/price", 1, 0.05, Phase::fixed, 1, random); }));
  const Traffic users{.per_second = 100, .targets = 1000, .hot_share = 0.3};
  all.push_back(dependent("lost-writes", "20 of 1,000 users wrong on each side, one user is 30 % of the traffic", users,
                          [](Endpoint& endpoint, Random& random) {
                            add<WrongTargets>(endpoint, "/cart", 1000, BySide<std::uint64_t>{0, 20, 20}, random);
                          }));
  all.push_back(dependent("switch", "a flag that flips in each process every 5 min or so", pages,
                          [](Endpoint& endpoint, Random& random) { add<Switch>(endpoint, "/flag", 300, random); }));
  all.push_back(dependent(
      "fixed-phase", "a value of all that changes every 30 s, cached 10 s in fixed phases", pages,
      [](Endpoint& endpoint, Random& random) { add<Cached>(endpoint, "/rate", 30, 10, Phase::fixed, 0, random); }));
  const Traffic alone{.per_second = 100, .has_secondary = false};
  all.push_back(dependent("queue-alone", "a queue that drains while the copies come, without a secondary", alone,
                          [](Endpoint& endpoint, Random&) { add<Queue>(endpoint, "/jobs/*", 0.3); }));
  return all;
}

const std::vector<Scenario>& catalogue() {
  static const std::vector<Scenario> all = [] {
    std::vector<Scenario> scenarios;
    for (const auto& group :
         {independent_scenarios(), dependent_scenarios(), power_scenarios(), pass_scenarios(), shop_scenarios()}) {
      scenarios.insert(scenarios.end(), group.begin(), group.end());
    }
    return scenarios;
  }();
  return all;
}

const Scenario* find_scenario(std::string_view name) {
  for (const Scenario& scenario : catalogue()) {
    if (scenario.name == name) {
      return &scenario;
    }
  }
  return nullptr;
}

}  // namespace understudy::simulation
