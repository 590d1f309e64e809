#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "diff/endpoint/namer.h"

namespace understudy::diff {
namespace {

std::string name_of_target(std::string target, std::vector<std::string> templates = {}, std::string method = "GET") {
  EndpointNamer namer(templates);
  return std::string(namer.name({std::move(method), std::move(target), {}}, {}));
}

TEST(EndpointNamer, GeneralizesThePathAndDropsTheQuery) {
  EXPECT_EQ(name_of_target("/orders/17?expand=items"), "GET /orders/{id}");
  EXPECT_EQ(name_of_target("/orders/17/items"), "GET /orders/{id}/items");
  EXPECT_EQ(name_of_target("/orders", {}, "POST"), "POST /orders");
  EXPECT_EQ(name_of_target("/"), "GET /");
  EXPECT_EQ(name_of_target("/?a=/b/c"), "GET /");
  EXPECT_EQ(name_of_target("*", {}, "OPTIONS"), "OPTIONS *");
  EXPECT_EQ(name_of_target("http://shop.example/orders/17?x"), "GET /orders/{id}");
  EXPECT_EQ(name_of_target("http://shop.example"), "GET /");
  EXPECT_EQ(name_of_target("/redirect?to=http://x/y"), "GET /redirect");
}

TEST(EndpointNamer, PrefersTheConfiguredTemplates) {
  EXPECT_EQ(name_of_target("/users/alice?x=1", {"/users/{login}"}), "GET /users/{login}");
  EXPECT_EQ(name_of_target("/users/alice", {"POST /users/{login}"}), "GET /users/alice");
  EXPECT_EQ(name_of_target("/teams/17", {"/users/{login}"}), "GET /teams/{id}");
}

TEST(EndpointNamer, TakesTheNameFromTheServiceItself) {
  EndpointNamer namer({"/orders/{id}"});
  const Request plain{"GET", "/orders/17", {}};
  EXPECT_EQ(namer.name(plain, {{"x-action-name", "show_order"}}), "GET show_order");
  const Request marked{"GET", "/orders/17", {{"Accept", "*/*"}, {"CANONICAL-RESOURCE", "/orders/:id"}}};
  EXPECT_EQ(namer.name(marked, {{"X-Action-Name", "show_order"}}), "GET /orders/:id");
  const Request with_method{"GET", "/orders/17", {{"Canonical-Resource", "POST /orders"}}};
  EXPECT_EQ(namer.name(with_method, {}), "POST /orders");
}

TEST(EndpointNamer, TakesNoNameThatIsEmptyOrEndlessOrNotPrintable) {
  EndpointNamer namer({});
  for (const std::string& value : {std::string(), std::string(5000, 'x'), std::string("a\x1b[2Jb")}) {
    EXPECT_EQ(namer.name({"GET", "/a", {{"Canonical-Resource", value}}}, {}), "GET /a");
  }
}

TEST(EndpointNamer, KeepsNamesShort) {
  std::string deep;
  for (int i = 0; i < 5000; ++i) {
    deep += "/a";
  }
  const std::string name = name_of_target(deep);
  EXPECT_LT(name.size(), 300u);
  EXPECT_TRUE(name.ends_with("/…")) << name;
}

TEST(EndpointNamer, GivesOutAtMostItsLimitAndCountsTheRest) {
  EndpointNamer namer({});
  namer.admit("GET /from/the/store");
  const auto word = [](std::size_t i) {
    std::string text;
    for (; text.size() < 6; i /= 26) {
      text += static_cast<char>('g' + i % 20);
    }
    return text;
  };
  for (std::size_t i = 0; i < 10 * endpoint_limit; ++i) {
    std::string target = "/";
    target.append(word(i * 7919)).append("/").append(word(i));
    namer.name({"GET", target, {}}, {});
  }
  EXPECT_GT(namer.overflowed(), 0u);
  EXPECT_EQ(namer.name({"GET", "/one/more", {}}, {}), other_endpoint);
  EXPECT_EQ(namer.name({"GET", "/from/the/store", {}}, {}), "GET /from/the/store");
}

// GitHub's 1015 routes, with what its users put into the placeholders.
class GithubRoutes : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* corpus = std::getenv("UNDERSTUDY_CORPUS");
    const std::filesystem::path folder = corpus != nullptr ? corpus : "../shared/corpus";
    std::ifstream file(folder / "routes/github-rest-routes.txt");
    for (std::string line; std::getline(file, line);) {
      if (!line.empty()) {
        routes_.push_back(line);
      }
    }
    if (routes_.empty()) {
      GTEST_SKIP() << "no corpus";
    }
  }

  // A request target of this route.
  std::string target_of(std::string_view path) {
    std::string target;
    while (!path.empty()) {
      const std::size_t open = std::min(path.find('{'), path.size());
      target += path.substr(0, open);
      path.remove_prefix(open);
      if (!path.empty()) {
        const std::size_t close = path.find('}');
        target += value_of(path.substr(1, close - 1));
        path.remove_prefix(close + 1);
      }
    }
    return target;
  }

  std::string value_of(std::string_view parameter) {
    if (parameter.ends_with("id") || parameter.ends_with("number")) {
      return std::to_string(random_() % 1'000'000);
    }
    if (parameter.ends_with("sha") || parameter == "ref") {
      std::string sha;
      while (sha.size() < 40) {
        sha += "0123456789abcdef"[random_() % 16];
      }
      return sha;
    }
    constexpr std::array<std::string_view, 6> words{"octocat", "linux", "Hello-World", "my.repo", "main", "alice_b"};
    return std::string(words[random_() % words.size()]) + std::to_string(random_() % 100);
  }

  struct Score {
    int requests = 0;
    int right = 0;  // named as the route is
    std::set<std::string> names;
  };
  Score score(EndpointNamer& namer) {
    Score result;
    for (const std::string& route : routes_) {
      const std::size_t space = route.find(' ');
      const std::string method = route.substr(0, space);
      for (int i = 0; i < 5; ++i) {
        const std::string_view name = namer.name({method, target_of(route.substr(space + 1)) + "?page=2", {}}, {});
        ++result.requests;
        result.right += name == route ? 1 : 0;
        result.names.emplace(name);
      }
    }
    return result;
  }

  std::vector<std::string> routes_;
  std::mt19937 random_{20261121};
};

TEST_F(GithubRoutes, AreNamedExactlyWhereTheTemplatesAreGiven) {
  EndpointNamer namer(routes_);
  const Score result = score(namer);
  std::printf("%d of %d requests named exactly, %zu names for %zu routes\n", result.right, result.requests,
              result.names.size(), routes_.size());
  EXPECT_GE(result.right, result.requests * 99 / 100);
  EXPECT_EQ(namer.overflowed(), 0u);
}

TEST_F(GithubRoutes, AreNamedByTypeAloneWithoutTemplates) {
  EndpointNamer namer({});
  const Score result = score(namer);
  std::printf("%zu names for %d requests to %zu routes, %llu beyond the limit\n", result.names.size(), result.requests,
              routes_.size(), static_cast<unsigned long long>(namer.overflowed()));
  EXPECT_LE(result.names.size(), endpoint_limit + 1);
}

}  // namespace
}  // namespace understudy::diff
