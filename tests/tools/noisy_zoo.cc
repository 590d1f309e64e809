// The fourteen services that are noisy in different ways, each as honest as production: what differs between two
// processes of one of them is no fault of a build. Periods are those of the real ones (a minute, a cache of 60 s) and
// divided by --scale, so that a short run holds ten.
#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <numeric>
#include <unordered_map>
#include <vector>

#include "tests/tools/noisy_world.h"

namespace understudy::tools {
namespace {

// A service that adds members of its own to a product; beside it GET /sellers/{id}, which never differs.
class Zoo : public NoisyService {
 public:
  explicit Zoo(NoisyWorld& world) : world_(world) {}

  NoisyAnswer answer(const NoisyRequest& request) override {
    if (request.path.starts_with("/sellers/")) return seller(request.number());
    return item(request);
  }

 protected:
  virtual NoisyAnswer item(const NoisyRequest& request) {
    NoisyAnswer answer;
    NoisyJson json;
    json.object();
    write_product(json, world_, request.number());
    add(json, request.number());
    answer.body = json.take();
    return answer;
  }
  virtual void add(NoisyJson&, std::uint64_t) {}

  NoisyWorld& world_;

 private:
  NoisyAnswer seller(std::uint64_t id) const {
    NoisyJson json;
    json.object().integer("id", static_cast<std::int64_t>(id)).text("name", "Seller " + std::to_string(id));
    json.key("contact").object().text("mail", "seller" + std::to_string(id) + "@shop.example");
    json.integer("since", static_cast<std::int64_t>(1990 + world_.fact("since", id, 30))).end();
    NoisyAnswer answer;
    answer.body = json.take();
    return answer;
  }
};

// Clocks of a millisecond, a second, a minute and a day in one body. The first two are the wall clock at any scale; the
// minute turns every 60 s and the day every 86,400 s of the scaled clock, or every 300 s where it is scaled at all.
class Clocks : public Zoo {
  using Zoo::Zoo;
  void add(NoisyJson& json, std::uint64_t) override {
    const std::int64_t now = NoisyWorld::wall_us();
    const double day = world_.options().scale == 1 ? 86'400 : 300;
    json.key("clock").object().text("at", rfc3339(now, 3)).integer("epoch", now / 1'000'000);
    const std::int64_t today = now / 86'400'000'000;
    json.text("minute", rfc3339(today * 86'400'000'000 + world_.period(60) % 1440 * 60'000'000, 0));
    json.text("date", rfc3339((today - today % 100 + world_.period(day) % 100) * 86'400'000'000, 0).substr(0, 10))
        .end();
  }
};

// Where a counter of this process stands before its first request: with every second seed all have just been started.
std::uint64_t counted_before(NoisyWorld& world) {
  return world.options().seed % 2 == 0 ? world.below(5000) : 0;
}

// How many requests this process has served. Others ask it as well, a health check for example, but not every process
// as often.
class Counter : public Zoo {
 public:
  explicit Counter(NoisyWorld& world) : Zoo(world), served_(static_cast<std::int64_t>(counted_before(world))) {}

 private:
  void add(NoisyJson& json, std::uint64_t) override {
    served_ += world_.chance(1.0 / 2000) ? 2 : 1;
    json.key("statistics").object().integer("served", served_).end();
  }
  std::int64_t served_;
};

// A rate that changes every 3 s and that each process keeps for 1 s.
class CachedRate : public Zoo {
 public:
  explicit CachedRate(NoisyWorld& world) : Zoo(world), cache_(world, 1) {}

 private:
  void add(NoisyJson& json, std::uint64_t) override {
    const double rate = cache_.get(world_, [this] {
      return 1.05 +
             static_cast<double>(world_.fact("rate", static_cast<std::uint64_t>(world_.period(3)), 1000)) / 10'000;
    });
    json.key("exchange").object().text("pair", "EURUSD").real("rate", rate, 4).end();
  }
  NoisyCache cache_;
};

// 100 objects, each kept for 60 s by each process, whose values change every 600 s.
class CachedObjects : public Zoo {
  using Zoo::Zoo;
  void add(NoisyJson& json, std::uint64_t id) override {
    const double value = caches_.try_emplace(id, world_, 60.0).first->second.get(world_, [&] {
      const std::int64_t version = world_.period(600, static_cast<double>(world_.fact("phase", id, 600)));
      return static_cast<double>(world_.fact("level", mixed(id, static_cast<std::uint64_t>(version)), 5000));
    });
    json.key("stock").object().integer("level", static_cast<std::int64_t>(value)).text("unit", "piece").end();
  }
  std::unordered_map<std::uint64_t, NoisyCache> caches_;
};

class Uuids : public Zoo {
  using Zoo::Zoo;
  void add(NoisyJson& json, std::uint64_t) override {
    json.text("request_id", world_.uuid());
    json.key("trace")
        .object()
        .text("id", world_.hexadecimal_digits(32))
        .text("span", world_.hexadecimal_digits(16))
        .end();
  }
};

// The same eight results in any order, with a clock in each.
class ShuffledSet : public Zoo {
  using Zoo::Zoo;
  void add(NoisyJson& json, std::uint64_t id) override {
    std::array<std::uint64_t, 8> order{};
    std::iota(order.begin(), order.end(), std::uint64_t{0});
    std::shuffle(order.begin(), order.end(), world_.random());
    json.key("related").array();
    for (const std::uint64_t one : order) {
      const std::uint64_t other = id * 8 + one;
      json.object()
          .integer("id", static_cast<std::int64_t>(other))
          .text("title", "Title " + std::to_string(world_.fact("title", other, 100'000)));
      json.real("price", static_cast<double>(world_.fact("price", other, 90'000) + 99) / 100, 2)
          .text("seen_at", rfc3339(NoisyWorld::wall_us(), 3))
          .end();
    }
    json.end();
  }
};

// A switch of the whole shop: it flips every 10 s, for all processes at the same moment.
class Flag : public Zoo {
  using Zoo::Zoo;
  void add(NoisyJson& json, std::uint64_t) override {
    const bool on = world_.period(10) % 2 != 0;
    json.key("features").object().boolean("new_checkout", on).text("banner", on ? "winter" : "summer").end();
  }
};

// Jobs of a queue that drains within 30 s and is then filled anew: the same for all, but who asks later sees fewer of
// them.
class Queue : public Zoo {
  using Zoo::Zoo;
  void add(NoisyJson& json, std::uint64_t) override {
    constexpr std::int64_t full = 20;
    const std::int64_t tick = world_.period(30.0 / full);
    json.key("queue").object().integer("length", full - tick % full).key("jobs").array();
    for (std::int64_t job = tick; job < tick - tick % full + full; ++job) {
      json.object()
          .integer("id", job)
          .text("state", "waiting")
          .integer("size", static_cast<std::int64_t>(world_.fact("job", static_cast<std::uint64_t>(job), 10'000)))
          .end();
    }
    json.end().end();
  }
};

class Failing : public Zoo {
  using Zoo::Zoo;
  NoisyAnswer item(const NoisyRequest& request) override {
    return world_.chance(0.005) ? failure_of(world_) : Zoo::item(request);
  }
};

class Jittered : public Zoo {
  using Zoo::Zoo;
  void add(NoisyJson& json, std::uint64_t id) override {
    json.real("score", (1 + static_cast<double>(world_.fact("score", id, 1000)) / 100) * (1 + world_.bell() * 0.05), 6);
    json.key("load").array();
    for (int i = 0; i < 3; ++i) json.real(0.5 + world_.uniform(), 3);
    json.end();
  }
};

// GET /files/{id} answers byte ranges, with a boundary that counts, as nginx does; GET /items/{id} sets cookies.
class Multipart : public Zoo {
 public:
  explicit Multipart(NoisyWorld& world) : Zoo(world), boundaries_(counted_before(world)) {}

 private:
  NoisyAnswer item(const NoisyRequest& request) override {
    if (request.path.starts_with("/files/")) return file(request);
    NoisyAnswer answer = Zoo::item(request);
    answer.fields =
        "Set-Cookie: session=" + world_.hexadecimal_digits(32) +
        "; Path=/; HttpOnly; Secure; SameSite=Lax\r\nSet-Cookie: seen=" + std::to_string(NoisyWorld::wall_us() / 1000) +
        "; Path=/; Max-Age=3600\r\n";
    return answer;
  }

  NoisyAnswer file(const NoisyRequest& request) {
    std::string content;
    for (std::uint64_t i = 0; content.size() < 2000; ++i)
      content += "line " + std::to_string(world_.fact("line", request.number() * 1000 + i, 1'000'000)) + " of a file\n";
    content.resize(2000);
    NoisyAnswer answer;
    answer.type = "text/plain";
    answer.fields = "Last-Modified: Mon, 06 Jan 2025 10:00:00 GMT\r\nAccept-Ranges: bytes\r\n";
    if (request.range.empty()) {
      answer.body = content;
      return answer;
    }
    std::array<char, 32> boundary{};
    std::snprintf(boundary.data(), boundary.size(), "%020llu", static_cast<unsigned long long>(++boundaries_));
    answer.status = 206;
    answer.type = std::string("multipart/byteranges; boundary=") + boundary.data();
    for (const auto& [first, length] : {std::pair{0u, 200u}, std::pair{1000u, 300u}}) {
      answer.body += std::string("\r\n--") + boundary.data() + "\r\nContent-Type: text/plain\r\nContent-Range: bytes " +
                     std::to_string(first) + "-" + std::to_string(first + length - 1) + "/2000\r\n\r\n" +
                     content.substr(first, length);
    }
    answer.body += std::string("\r\n--") + boundary.data() + "--\r\n";
    return answer;
  }

  std::uint64_t boundaries_;
};

// Works for some 3 ms, and for --delay-ms more; says when it made its answer.
class Slow : public Zoo {
 public:
  using Zoo::Zoo;
  double working_ms(const NoisyRequest&) override { return 2 + world_.uniform() * 2; }

 private:
  void add(NoisyJson& json, std::uint64_t) override {
    const std::int64_t now = NoisyWorld::wall_us();
    json.integer("served_at", now / 1000).text("served", rfc3339(now, 3));
  }
};

// A value that changes every 30 s behind a cache of 10 s; most requests ask for the same object (the load sees to
// that).
class HotObject : public Zoo {
  using Zoo::Zoo;
  void add(NoisyJson& json, std::uint64_t id) override {
    const double value = caches_.try_emplace(id, world_, 10.0).first->second.get(world_, [&] {
      const std::int64_t version = world_.period(30, static_cast<double>(world_.fact("phase", id, 30)));
      return static_cast<double>(world_.fact("viewers", mixed(id, static_cast<std::uint64_t>(version)), 5000));
    });
    json.key("audience").object().integer("viewers", static_cast<std::int64_t>(value)).end();
  }
  std::unordered_map<std::uint64_t, NoisyCache> caches_;
};

// One minute in ten, each process at another time, a service behind it is in trouble: 20 % of the answers make do
// without it.
class BadMinute : public Zoo {
  using Zoo::Zoo;
  void add(NoisyJson& json, std::uint64_t id) override {
    const std::int64_t minute = world_.period(60);
    if (minute != minute_) {
      minute_ = minute;
      bad_ = world_.chance(0.1);
    }
    const bool without = bad_ && world_.chance(0.2);
    json.key("delivery")
        .object()
        .text("source", without ? "default" : "carrier")
        .integer("days", without ? 7 : static_cast<std::int64_t>(1 + world_.fact("days", id, 5)));
    json.key("options").array();
    for (std::uint64_t i = 0; i < (without ? 1u : 3u); ++i)
      json.object()
          .integer("id", static_cast<std::int64_t>(i))
          .integer("cost", static_cast<std::int64_t>(world_.fact("cost", id * 3 + i, 900)))
          .end();
    json.end().end();
  }
  std::int64_t minute_ = -1;
  bool bad_ = false;
};

template <class Service>
std::unique_ptr<NoisyService> make(NoisyWorld& world) {
  return std::make_unique<Service>(world);
}

}  // namespace

std::unique_ptr<NoisyService> make_noisy_service(std::string_view name, NoisyWorld& world) {
  using Make = std::unique_ptr<NoisyService> (*)(NoisyWorld&);
  static const std::unordered_map<std::string_view, Make> services{{"clocks", make<Clocks>},
                                                                   {"counter", make<Counter>},
                                                                   {"cached_rate", make<CachedRate>},
                                                                   {"cached_objects", make<CachedObjects>},
                                                                   {"uuids", make<Uuids>},
                                                                   {"shuffled", make<ShuffledSet>},
                                                                   {"flag", make<Flag>},
                                                                   {"queue", make<Queue>},
                                                                   {"failing", make<Failing>},
                                                                   {"jittered", make<Jittered>},
                                                                   {"multipart", make<Multipart>},
                                                                   {"slow", make<Slow>},
                                                                   {"hot_object", make<HotObject>},
                                                                   {"bad_minute", make<BadMinute>},
                                                                   {"shop", make_noisy_shop},
                                                                   {"many", make_many_endpoints},
                                                                   {"wide", make_noisy_wide}};
  const auto found = services.find(name);
  return found == services.end() ? nullptr : found->second(world);
}

}  // namespace understudy::tools
