// The noisy shop: five endpoints and five further formats, each with the noise that honest services have (clocks,
// UUIDs, tokens, shuffled sets, jittered numbers, 500s at 0.5 %), and 28 ways in which a candidate breaks it:
// --regression NAME. Most break every answer of one endpoint, in a place that production varies itself.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "tests/tools/content.h"
#include "tests/tools/noisy_world.h"

namespace understudy::tools {
namespace {

// The part of a side's answers that must be odd so that two sides differ in `together`, where the other one's odd part
// is `other`.
double odd_share(double together, double other) {
  return 1 - (1 - together) / (1 - other);
}
double odd_share(double together) {
  return 1 - std::sqrt(1 - together);
}

std::string decimals(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

class Shop : public NoisyService {
 public:
  explicit Shop(NoisyWorld& world) : world_(world), burst_begins_(100 + world.below(900)) {}

  // About 3 ms. A long tail is three answers in a hundred that take five times as long.
  double working_ms(const NoisyRequest&) override {
    const double usual = 2 + world_.uniform() * 2;
    return world_.breaks("tail") && world_.chance(0.03) ? usual * 5 : usual;
  }

  NoisyAnswer answer(const NoisyRequest& request) override {
    ++answers_;
    if (world_.chance(world_.breaks("status_2_percent") ? 0.02 : 0.005)) return failure_of(world_);
    NoisyAnswer answer;
    if (request.path.starts_with("/products/")) {
      product(request.number(), answer);
    } else if (request.path == "/search") {
      search(request.number(), answer);
    } else if (request.path.starts_with("/orders/")) {
      order(request, answer);
    } else if (request.path == "/page") {
      page(answer);
    } else if (request.path == "/report") {
      report(answer);
    } else {
      further_format(request, answer);
    }
    return answer;
  }

 private:
  static std::string now(int digits) { return rfc3339(NoisyWorld::wall_us(), digits); }
  double price_of(std::uint64_t id) const { return static_cast<double>(world_.fact("price", id, 90'000) + 99) / 100; }
  void set_cookie(NoisyAnswer& answer) {
    answer.fields +=
        "Set-Cookie: session=" + world_.hexadecimal_digits(32) + "; Path=/; Secure; HttpOnly; SameSite=Lax\r\n";
  }

  void product(std::uint64_t id, NoisyAnswer& answer) {
    NoisyJson json;
    json.object();
    write_product(json, world_, id);
    json.integer("served_at", NoisyWorld::wall_us() / 1000);
    double demand = static_cast<double>(100 + world_.fact("demand", id, 900)) * (0.75 + world_.uniform() / 2);
    if (world_.breaks("number_x100")) demand *= 100;
    if (world_.breaks("number_negated")) demand = -demand;
    if (world_.breaks("number_zero")) demand = 0;
    json.real("demand", demand, 3);
    const double odd = odd_share(0.30);
    const bool is_odd = world_.chance(world_.breaks("noise_30_plus_10") ? odd_share(0.40, odd) : odd);
    json.integer("stock",
                 static_cast<std::int64_t>(200 + world_.fact("stock", id, 300) + (is_odd ? 1 + world_.below(100) : 0)));
    answer.body = json.take();
    answer.fields = "ETag: \"" + hexadecimal(seed_of(answer.body)) + "\"\r\nCache-Control: public, max-age=60\r\n";
    set_cookie(answer);
  }

  void search(std::uint64_t words, NoisyAnswer& answer) {
    std::array<std::uint64_t, 8> shuffled{};
    std::iota(shuffled.begin(), shuffled.end(), std::uint64_t{0});
    std::shuffle(shuffled.begin(), shuffled.end(), world_.random());
    NoisyJson json;
    json.object().text("query", "q" + std::to_string(words));
    const double odd = odd_share(0.10);
    const bool is_odd = world_.chance(world_.breaks("noise_10_plus_8") ? odd_share(0.18, odd) : odd);
    json.integer("total",
                 static_cast<std::int64_t>(8 + world_.fact("total", words, 400) + (is_odd ? 1 + world_.below(20) : 0)));
    json.key("results").array();
    for (const std::uint64_t one : shuffled) {
      const std::uint64_t id = words * 8 + one;
      const double price = price_of(id) * (world_.breaks("list_prices") ? 1.19 : 1);
      const bool another = world_.breaks("list_id") && one == 3;
      json.object()
          .integer("id", static_cast<std::int64_t>(another ? id + 500'000 : id))
          .text("title", "Title " + std::to_string(world_.fact("title", id, 100'000)));
      json.real("price", price, 2).text("at", now(6)).end();
    }
    answer.body = json.take();
  }

  void order(const NoisyRequest& request, NoisyAnswer& answer) {
    const std::uint64_t id = request.number();
    const bool in_burst = world_.breaks("burst") && answers_ >= burst_begins_ && answers_ < burst_begins_ + 60;
    NoisyJson json;
    json.object().integer("id", static_cast<std::int64_t>(id)).text("updated_at", updated_at());
    json.text("request_id", world_.breaks("uuid_all_f") ? "ffffffff-ffff-ffff-ffff-ffffffffffff" : world_.uuid())
        .text("token", token());
    json.text("currency", world_.breaks("users_2_percent") && request.user % 50 == 7 ? "USD" : "EUR");
    if (!in_burst)
      json.key("customer")
          .object()
          .integer("id", static_cast<std::int64_t>(world_.fact("customer", id, 5000)))
          .text("country", "BE")
          .end();
    if (!world_.breaks("field_dropped_2_percent") || !world_.chance(0.02))
      json.key("shipping")
          .object()
          .text("carrier", "post")
          .real("cost", static_cast<double>(world_.fact("shipping", id, 900)) / 100, 2)
          .end();
    json.key("lines").array();
    for (std::uint64_t line = 0; line < 3; ++line) {
      json.object().integer("product", static_cast<std::int64_t>(world_.fact("product", id * 3 + line, 1000)));
      json.integer("quantity", static_cast<std::int64_t>(1 + world_.fact("quantity", id * 3 + line, 5)))
          .real("price", price_of(id * 3 + line), 2)
          .end();
    }
    answer.body = json.take();
    set_cookie(answer);
  }

  std::string updated_at() const {
    if (world_.breaks("time_zone")) return rfc3339(NoisyWorld::wall_us(), 6, "+00:00");
    if (world_.breaks("time_fraction")) return now(0);
    if (world_.breaks("time_1970")) return rfc3339(NoisyWorld::wall_us() % 86'400'000'000, 6);
    return now(6);
  }

  std::string token() {
    if (world_.breaks("token_16")) return world_.hexadecimal_digits(16);
    if (world_.breaks("token_empty")) return "";
    if (world_.breaks("token_undefined")) return "undefined";
    return world_.hexadecimal_digits(32);
  }

  void page(NoisyAnswer& answer) {
    answer.type = "text/html; charset=utf-8";
    answer.body = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>" +
                  std::string(world_.breaks("html_page") ? "Error" : "The shop") +
                  "</title>\n<meta name=\"csrf-token\" content=\"" + world_.hexadecimal_digits(40) +
                  "\">\n</head>\n<body>\n";
    if (world_.breaks("html_page")) {
      answer.body += "<h1>Oops, something went wrong</h1>\n<p>Please try again later.</p>\n";
    } else {
      answer.body += "<h1>Welcome</h1>\n<ul class=\"offers\">\n";
      for (std::uint64_t i = 0; i < 12; ++i)
        answer.body += "<li><a href=\"/products/" + std::to_string(world_.fact("offer", i, 1000)) + "\">Offer " +
                       std::to_string(i) + "</a> " + decimals(price_of(i), 2) + " EUR</li>\n";
      answer.body += "</ul>\n<form action=\"/search\"><input name=\"q\"><button>Search</button></form>\n";
    }
    answer.body += "</body>\n</html>\n";
    set_cookie(answer);
  }

  void report(NoisyAnswer& answer) {
    if (world_.breaks("rare_hang")) answer.hang = true;
    NoisyJson json;
    if (world_.breaks("rare_404")) {
      answer.status = 404;
      json.object().text("error", "not found");
    } else {
      json.object().text("generated_at", now(3)).key("rows").array();
      for (std::uint64_t i = 0; i < 6; ++i)
        json.object().integer("id", static_cast<std::int64_t>(i)).real("turnover", price_of(i), 2).end();
    }
    answer.body = json.take();
  }

  // --- XML, NDJSON, server-sent events, CSV, forms

  void further_format(const NoisyRequest& request, NoisyAnswer& answer) {
    if (request.path == "/feed.xml") {
      answer.type = "application/xml";
      answer.body =
          "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<invoice>\n  <at>" + now(6) + "</at>\n  <number>" +
          std::to_string(world_.fact("invoice", 0, 90'000)) + "</number>\n" +
          (world_.breaks("xml_total") ? "" : "  <total currency=\"EUR\">" + decimals(price_of(7), 2) + "</total>\n") +
          "  <customer><id>77</id><country>BE</country></customer>\n</invoice>\n";
    } else if (request.path == "/events.ndjson") {
      answer.type = "application/x-ndjson";
      for (std::uint64_t i = 0; i < (world_.breaks("ndjson_half") ? 5u : 10u); ++i) answer.body += record(i) + "\n";
    } else if (request.path == "/stream") {
      answer.type = "text/event-stream";
      for (std::uint64_t i = 0; i < (world_.breaks("sse_lost") ? 3u : 6u); ++i)
        answer.body += "event: order\nid: " + std::to_string(i) + "\ndata: " + record(i) + "\n\n";
    } else if (request.path == "/export.csv") {
      csv(answer);
    } else if (request.path.starts_with("/payments/")) {
      const std::uint64_t id = request.number();
      answer.type = "application/x-www-form-urlencoded";
      answer.body = "status=ok&id=" + std::to_string(id) + "&amount=" +
                    (world_.breaks("form_amount") ? "0" : std::to_string(100 + world_.fact("amount", id, 90'000))) +
                    "&currency=EUR&at=" + std::to_string(NoisyWorld::wall_us());
    } else {
      answer.status = 404;
      answer.body = "{\"error\":\"no such thing\"}";
    }
  }

  std::string record(std::uint64_t number) const {
    NoisyJson json;
    json.object()
        .integer("id", static_cast<std::int64_t>(number))
        .text("kind", "order")
        .real("total", price_of(number), 2)
        .text("at", now(6));
    return json.take();
  }

  void csv(NoisyAnswer& answer) const {
    const bool whole = !world_.breaks("csv_column");
    answer.type = "text/csv; charset=utf-8";
    answer.body = std::string("id,title,price,") + (whole ? "vat," : "") + "exported_at\r\n";
    for (std::uint64_t i = 0; i < 8; ++i) {
      answer.body += std::to_string(i) + ",Title " + std::to_string(world_.fact("title", i, 100'000)) + "," +
                     decimals(price_of(i), 2) + ",";
      if (whole) answer.body += decimals(price_of(i) * 0.21, 2) + ",";
      answer.body += now(6) + "\r\n";
    }
  }

  NoisyWorld& world_;
  std::uint64_t answers_ = 0;
  std::uint64_t burst_begins_;
};

// Any path is an endpoint, with a clock in its answer: the load names 500 of them. Dead is the one that --regression
// one_dead names.
class ManyEndpoints : public NoisyService {
 public:
  explicit ManyEndpoints(NoisyWorld& world) : world_(world) {}

  NoisyAnswer answer(const NoisyRequest& request) override {
    if (world_.breaks("one_dead") && request.path == "/catalogue/bababa") return failure_of(world_);
    NoisyJson json;
    json.object();
    write_product(json, world_, seed_of(request.path) % 100'000);
    json.text("served_at", rfc3339(NoisyWorld::wall_us(), 3));
    NoisyAnswer answer;
    answer.body = json.take();
    return answer;
  }

 private:
  NoisyWorld& world_;
};

constexpr std::array<std::string_view, 28> regressions{"html_page",        "xml_total",
                                                       "ndjson_half",      "sse_lost",
                                                       "csv_column",       "form_amount",
                                                       "time_zone",        "time_fraction",
                                                       "time_1970",        "number_x100",
                                                       "number_negated",   "number_zero",
                                                       "uuid_all_f",       "token_16",
                                                       "token_empty",      "token_undefined",
                                                       "list_prices",      "list_id",
                                                       "noise_30_plus_10", "noise_10_plus_8",
                                                       "status_2_percent", "field_dropped_2_percent",
                                                       "rare_404",         "rare_hang",
                                                       "users_2_percent",  "burst",
                                                       "one_dead",         "tail"};

}  // namespace

bool is_noisy_regression(std::string_view name) {
  return std::find(regressions.begin(), regressions.end(), name) != regressions.end();
}

std::unique_ptr<NoisyService> make_noisy_shop(NoisyWorld& world) {
  return std::make_unique<Shop>(world);
}

std::unique_ptr<NoisyService> make_many_endpoints(NoisyWorld& world) {
  return std::make_unique<ManyEndpoints>(world);
}

}  // namespace understudy::tools
