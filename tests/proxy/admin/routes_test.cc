#include "proxy/admin/routes.h"

#include <gtest/gtest.h>

#include "proxy/admin/authorization.h"

namespace understudy::admin {
namespace {

Route route_of(const std::string& method, const std::string& target) {
  return route({method, target, "", ""}, "");
}

int refusal_of(const Route& route) {
  return route.refusal ? route.refusal->status : 0;
}

TEST(Routes, EveryResourceOfTheContractIsThere) {
  const std::pair<const char*, Resource> expected[] = {
      {"/", Resource::page},
      {"/livez", Resource::livez},
      {"/readyz", Resource::readyz},
      {"/metrics", Resource::metrics},
      {"/api/v1/ledger", Resource::ledger},
      {"/api/v1/verdict", Resource::verdict},
      {"/api/v1/endpoints", Resource::endpoints},
      {"/api/v1/differences", Resource::differences},
      {"/api/v1/exchanges/7", Resource::exchange},
      {"/api/v1/mirror", Resource::mirror},
      {"/api/v1/report?format=json", Resource::report},
  };
  for (const auto& [target, resource] : expected) {
    for (const char* method : {"GET", "HEAD"}) {
      const Route found = route_of(method, target);
      EXPECT_EQ(refusal_of(found), 0) << target;
      EXPECT_EQ(found.resource, resource) << target;
      EXPECT_FALSE(found.writes);
    }
  }
}

TEST(Routes, WhatIsNotThereIs404) {
  for (const char* target : {"*", "/nothing", "/api/v1", "/api/v1/ledger/", "/livez/", "/api/v1/exchanges/",
                             "/api/v1/exchanges/0", "/api/v1/exchanges/x", "/api/v1/exchanges/1/2",
                             "/api/v1/exchanges/1.harx", "/api/v1/exchanges/-1", "/%6civez", "//livez"}) {
    EXPECT_EQ(refusal_of(route_of("GET", target)), 404) << target;
  }
}

TEST(Routes, OtherMethodsAre405WithAllow) {
  for (const char* method : {"POST", "DELETE", "OPTIONS", "TRACE", "PATCH"}) {
    const Route found = route_of(method, "/api/v1/mirror");
    ASSERT_EQ(refusal_of(found), 405) << method;
    EXPECT_EQ(found.refusal->fields.at(0).second, "GET, HEAD, PUT");
  }
  const Route found = route_of("PUT", "/metrics");
  ASSERT_EQ(refusal_of(found), 405);
  EXPECT_EQ(found.refusal->fields.at(0).second, "GET, HEAD");
  EXPECT_TRUE(route_of("PUT", "/api/v1/mirror").writes);
}

TEST(Routes, AnExchangeHasThreeForms) {
  EXPECT_EQ(route_of("GET", "/api/v1/exchanges/18446744073709551615").exchange_id, 18446744073709551615u);
  EXPECT_EQ(route_of("GET", "/api/v1/exchanges/5").form, ExchangeForm::json);
  EXPECT_EQ(route_of("GET", "/api/v1/exchanges/5.har").form, ExchangeForm::har);
  EXPECT_EQ(route_of("GET", "/api/v1/exchanges/5.curl").form, ExchangeForm::curl);
  EXPECT_EQ(route_of("GET", "/api/v1/exchanges/5.curl").exchange_id, 5u);
}

TEST(Routes, ParametersAreDecodedAndMisspeltOnesRefused) {
  const Route found = route_of("GET", "/api/v1/differences?endpoint=GET%20/orders/%7Bid%7D&path=/items/*/price&class=");
  ASSERT_EQ(refusal_of(found), 0);
  EXPECT_EQ(parameter(found.query, "endpoint"), "GET /orders/{id}");
  EXPECT_EQ(parameter(found.query, "path"), "/items/*/price");
  EXPECT_EQ(parameter(found.query, "verdict"), "");
  EXPECT_EQ(refusal_of(route_of("GET", "/api/v1/differences?endpiont=x")), 400);
  EXPECT_EQ(refusal_of(route_of("GET", "/api/v1/differences?path=%")), 400);
  EXPECT_EQ(refusal_of(route_of("GET", "/metrics?cachebuster=1")), 0);
}

TEST(Routes, ATokenGuardsEverythingButHealth) {
  const auto with = [](const std::string& target, const std::string& authorization) {
    return route({"GET", target, authorization, ""}, "s3cret");
  };
  for (const char* target : {"/livez", "/readyz"}) EXPECT_EQ(refusal_of(with(target, "")), 0);
  for (const char* target : {"/", "/metrics", "/api/v1/ledger", "/api/v1/mirror", "/nothing"}) {
    const Route refused = with(target, "Bearer wrong");
    ASSERT_EQ(refusal_of(refused), 401) << target;
    EXPECT_EQ(refused.refusal->fields.at(0).first, "WWW-Authenticate");
    EXPECT_EQ(refused.refusal->content_type, "application/problem+json");
    EXPECT_NE(refusal_of(with(target, "Bearer s3cret")), 401) << target;
  }
}

TEST(Authorization, OnlyTheWholeTokenCounts) {
  EXPECT_TRUE(is_authorized("Bearer s3cret", "s3cret"));
  EXPECT_TRUE(is_authorized("bearer  s3cret ", "s3cret"));
  EXPECT_TRUE(is_authorized("", ""));
  for (const char* field : {"", "s3cret", "Bearer", "Bearer ", "Bearer s3cre", "Bearer s3crets", "Bearer S3cret",
                            "Basic s3cret", "Bearers3cret"}) {
    EXPECT_FALSE(is_authorized(field, "s3cret")) << field;
  }
}

}  // namespace
}  // namespace understudy::admin
