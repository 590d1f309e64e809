// What one process of a noisy service knows: what all its sides have in common (the data and the wall clock) and what
// is its own (its role, its stream of random numbers). The services themselves: noisy_zoo.cc, noisy_shop.cc and
// noisy_wide.cc. For tests only.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>

namespace understudy::tools {

// The same on every side: a number that follows from these two alone.
std::uint64_t mixed(std::uint64_t one, std::uint64_t other);

class NoisyWorld {
 public:
  struct Options {
    std::string role = "production";  // production, candidate, secondary
    std::uint64_t seed = 1;
    double scale = 1;        // periods are divided by it
    double delay_ms = 0;     // added to each answer of this process
    std::string regression;  // what this process does wrong; empty: nothing
  };

  explicit NoisyWorld(Options options);

  const Options& options() const { return options_; }
  bool breaks(std::string_view regression) const { return options_.regression == regression; }

  // --- the same on every side

  // Of the thing `id` of a kind: below `limit`.
  std::uint64_t fact(std::string_view kind, std::uint64_t id, std::uint64_t limit) const;
  // The wall clock in seconds since 1970, times `scale`.
  double scaled_seconds() const;
  // Which period of `seconds` it is by that clock.
  std::int64_t period(double seconds, double offset = 0) const;
  static std::int64_t wall_us();

  // --- this process's own

  double uniform();  // [0, 1)
  bool chance(double probability) { return uniform() < probability; }
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  double bell();  // mean 0, deviation 1
  std::string hexadecimal_digits(std::size_t count);
  std::string uuid();
  std::mt19937_64& random() { return random_; }

 private:
  Options options_;
  std::uint64_t data_;
  std::mt19937_64 random_;
};

// A value that this process keeps for a while. Every process has its own phase, as processes have that started at
// different times.
class NoisyCache {
 public:
  NoisyCache(NoisyWorld& world, double seconds)
      : expires_(world.scaled_seconds() + world.uniform() * seconds), seconds_(seconds) {}
  template <typename Fetch>
  double get(const NoisyWorld& world, const Fetch& fetch) {
    const double now = world.scaled_seconds();
    if (!filled_ || now >= expires_) {
      value_ = fetch();
      if (filled_ || now >= expires_) expires_ = now + seconds_;
      filled_ = true;
    }
    return value_;
  }

 private:
  double expires_;
  double seconds_;
  double value_ = 0;
  bool filled_ = false;
};

// RFC 3339, UTC, with so many digits of the second's fraction.
std::string rfc3339(std::int64_t us, int digits, std::string_view zone = "Z");

// Compact JSON, written from left to right.
class NoisyJson {
 public:
  NoisyJson& object() { return open('{', '}'); }
  NoisyJson& array() { return open('[', ']'); }
  NoisyJson& end();
  NoisyJson& key(std::string_view name);
  NoisyJson& text(std::string_view value);
  NoisyJson& integer(std::int64_t value) { return raw(std::to_string(value)); }
  NoisyJson& real(double value, int digits);
  NoisyJson& boolean(bool value) { return raw(value ? "true" : "false"); }
  NoisyJson& raw(std::string_view value);
  // The same with the name of a member before it.
  NoisyJson& text(std::string_view name, std::string_view value) { return key(name).text(value); }
  NoisyJson& integer(std::string_view name, std::int64_t value) { return key(name).integer(value); }
  NoisyJson& real(std::string_view name, double value, int digits) { return key(name).real(value, digits); }
  NoisyJson& boolean(std::string_view name, bool value) { return key(name).boolean(value); }
  std::string take();  // closes what is open

 private:
  NoisyJson& open(char bracket, char closing);
  void separate();

  std::string text_, closing_;
  bool first_ = true;
};

struct NoisyRequest {
  std::string path, query;
  std::string range;       // the field of that name
  std::uint64_t user = 0;  // of the cookie uid

  std::uint64_t number() const;  // the last segment of the path, or of the query behind "="
};

struct NoisyAnswer {
  int status = 200;
  std::string type = "application/json";
  std::string fields;  // further ones, each with its CRLF
  std::string body;
  bool hang = false;  // nothing is sent, ever
};

class NoisyService {
 public:
  virtual ~NoisyService() = default;
  // How long it works before it makes its answer.
  virtual double working_ms(const NoisyRequest&) { return 0; }
  virtual NoisyAnswer answer(const NoisyRequest& request) = 0;
};

// One of the fourteen, the shop, the service of 500 endpoints or the wide one; null where there is none of that name.
// The world outlives it.
std::unique_ptr<NoisyService> make_noisy_service(std::string_view name, NoisyWorld& world);
std::unique_ptr<NoisyService> make_noisy_shop(NoisyWorld& world);
std::unique_ptr<NoisyService> make_many_endpoints(NoisyWorld& world);
std::unique_ptr<NoisyService> make_noisy_wide(NoisyWorld& world);
bool is_noisy_regression(std::string_view name);

// The members of a thing on sale that never change: nested, with lists of objects, about 700 octets.
void write_product(NoisyJson& json, const NoisyWorld& world, std::uint64_t id);
NoisyAnswer failure_of(NoisyWorld& world);

}  // namespace understudy::tools
