// A simulated service in up to three copies: what is asked, what the answers differ in, seeded, as fast as the evidence
// itself. Callers: catalogue.h, which puts worlds together, and evidence_simulation.h, which runs them. Single thread.
//
// A world is traffic over endpoints; each endpoint has fields (fields.h), small classes of one kind of noise or of one
// mistake each, which add to an exchange the findings that the comparison would make. Nothing of the comparison is run:
// what is measured here is the evidence alone.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "diff/evidence/counters.h"
#include "diff/finding.h"

namespace understudy::simulation {

// Mixes all bits (the finalizer of SplitMix64).
std::uint64_t mix(std::uint64_t x);

// SplitMix64 (Steele, Lea, Flood: OOPSLA 2014): the same everywhere, unlike the distributions of the library.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(mix(seed + 0x5851f42d4c957f2dULL)) {}

  std::uint64_t next() { return mix(state_ += 0x9e3779b97f4a7c15ULL); }
  double share() { return static_cast<double>(next() >> 11) * 0x1p-53; }  // in [0, 1)
  bool chance(double probability) { return probability > 0 && share() < probability; }
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  double between(double least, double most) { return least + (most - least) * share(); }
  double exponential(double mean) { return -mean * std::log1p(-share()); }

 private:
  std::uint64_t state_;
};

inline constexpr std::size_t primary = static_cast<std::size_t>(diff::Role::primary);
inline constexpr std::size_t candidate = static_cast<std::size_t>(diff::Role::candidate);
inline constexpr std::size_t secondary = static_cast<std::size_t>(diff::Role::secondary);
template <typename T>
using BySide = std::array<T, diff::role_count>;

// Findings of one comparison. Keeps its memory from one exchange to the next.
class FindingList {
 public:
  void clear() { used_ = 0; }
  diff::Finding& add(std::string_view path, diff::DifferenceClass difference_class, std::string_view primary_value = "",
                     std::string_view other_value = "");
  std::span<const diff::Finding> all() const { return {findings_.data(), used_}; }

 private:
  std::vector<diff::Finding> findings_;
  std::size_t used_ = 0;
};

struct Exchange {
  std::uint64_t number = 0;  // from 1
  double time_s = 0;         // since the run began
  std::size_t endpoint = 0;
  std::string_view endpoint_name;
  std::uint64_t target = 0;  // the object or user that is asked for
  std::uint64_t fingerprint = 0;
  bool has_secondary = true;
  bool dropped = false;          // not compared, by our doing
  BySide<FindingList> findings;  // of the candidate and the secondary, against the primary
  BySide<bool> ended{};          // nothing below is compared on this side: its status or its transport differs
  BySide<double> latency_s{-1, -1, -1};
};

// One kind of noise or one mistake at one place.
class Field {
 public:
  virtual ~Field() = default;
  virtual void compare(Exchange& exchange, Random& random) = 0;
};

struct Endpoint {
  std::string name;
  double share;  // of the traffic, relative to the others
  std::vector<std::unique_ptr<Field>> fields;
};

struct Traffic {
  double per_second = 100;    // on average: the pauses are exponential
  std::uint64_t targets = 0;  // chosen evenly; 0 = every exchange is a request of its own
  double hot_share = 0;       // of the traffic, for the first target alone
  std::uint64_t session = 1;  // so many exchanges in a row are of one target
  bool has_secondary = true;
};

// How production's own noise is known.
enum class Way : unsigned char {
  as_given,  // by the traffic
  repeats,   // production itself is asked again now and then, as secondary.share and secondary.budget have it
  none,      // not at all
};
inline constexpr double repeated_share = 0.02;
inline constexpr std::uint64_t repeats_in_a_second = 10;

class World {
 public:
  World(std::uint64_t seed, const Traffic& traffic) : random_(seed), traffic_(traffic) {}

  // Returns a place for its fields.
  Endpoint& add_endpoint(std::string name, double share = 1);
  Endpoint& last_endpoint() { return *endpoints_.back(); }
  Random& random() { return random_; }
  const Traffic& traffic() const { return traffic_; }
  void know_noise_by(Way way) { way_ = way; }

  // The next exchange; it stands until the next call.
  const Exchange& next();

 private:
  std::size_t draw_endpoint();
  bool draw_secondary();

  Random random_;
  Traffic traffic_;
  Way way_ = Way::as_given;
  double second_ = -1;  // the one at hand, and how many repeats it has had
  std::uint64_t repeats_ = 0;
  std::vector<std::unique_ptr<Endpoint>> endpoints_;
  std::vector<double> shares_;  // summed up
  Exchange exchange_;
};

// Adds a field to an endpoint.
template <typename F, typename... Arguments>
void add(Endpoint& endpoint, Arguments&&... arguments) {
  endpoint.fields.push_back(std::make_unique<F>(std::forward<Arguments>(arguments)...));
}

}  // namespace understudy::simulation
