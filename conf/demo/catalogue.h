// What the demo's shop answers. Everything follows from the id asked for, except the honest noise that production has
// as well: a clock, a UUID and a list without an order. The candidate build has three regressions, marked "Planted" in
// catalogue.cc.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace demo {

struct Answer {
  int status = 200;
  std::string json;
};

// Not safe for use by two threads at once: each connection has its own.
class Catalogue {
 public:
  explicit Catalogue(std::uint64_t seed) : random_(seed) {}

  // `target`: path and query of a GET.
  Answer get(std::string_view target);

 private:
  Answer product(std::uint64_t id);
  Answer order(std::uint64_t id);
  Answer customer(std::uint64_t id);
  Answer stock(std::uint64_t id);
  Answer search(std::string_view query);
  std::string uuid();

  std::mt19937_64 random_;
};

}  // namespace demo
