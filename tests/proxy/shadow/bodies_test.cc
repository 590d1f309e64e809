#include <gtest/gtest.h>

#include "proxy/shadow/body_capture.h"
#include "proxy/shadow/request_body.h"

namespace understudy::shadow {
namespace {

TEST(RequestBody, KeepsTheNewestOctetsUpToItsWindow) {
  net::Loop loop;
  Budget budget(1 << 20);
  RequestBody body(loop, budget, 1000);
  for (int i = 0; i < 20; ++i) body.append(std::string(100, static_cast<char>('a' + i)));
  EXPECT_EQ(body.pieces(), 20u);
  EXPECT_GT(body.first_piece(), 10u);
  EXPECT_EQ(*body.piece(19), std::string(100, 't'));
  EXPECT_EQ(body.size(), 2000u);
  EXPECT_LE(budget.used(), 1000u);
  EXPECT_EQ(body.beginning(10), "") << "its beginning is gone";
}

TEST(RequestBody, GivesBackItsShareOfTheBudget) {
  net::Loop loop;
  Budget budget(1 << 20);
  {
    RequestBody body(loop, budget, 1000);
    body.append("abc");
    EXPECT_GT(budget.used(), 3u);
    EXPECT_EQ(body.beginning(2), "ab");
  }
  EXPECT_EQ(budget.used(), 0u);
}

TEST(RequestBody, ItsHashIsThatOfItsContentHoweverCut) {
  net::Loop loop;
  Budget budget(1 << 20);
  RequestBody one(loop, budget, 1000), two(loop, budget, 1000), other(loop, budget, 1000);
  one.append("abcdef");
  two.append("abc");
  two.append("def");
  other.append("abcdeF");
  for (RequestBody* body : {&one, &two, &other}) body->finish();
  EXPECT_EQ(one.hash(), two.hash());
  EXPECT_NE(one.hash(), other.hash());
}

TEST(RequestBody, OnceItIsWholeItCannotBeCut) {
  net::Loop loop;
  Budget budget(1 << 20);
  RequestBody body(loop, budget, 1000);
  body.finish();
  body.cut();
  EXPECT_EQ(body.state(), RequestBody::State::whole);
}

class BodyCaptureTest : public testing::Test {
 protected:
  BodyCaptureTest() { settings.mirror.body = 1000; }
  Settings settings;
  Budget budget{10'000};
  diff::Response response;
};

TEST_F(BodyCaptureTest, ContentUpToTheLimitIsKept) {
  BodyCapture capture(settings, budget);
  EXPECT_TRUE(capture.append(std::string(600, 'a'), response));
  EXPECT_TRUE(capture.append(std::string(400, 'b'), response));
  capture.finish(false, response);
  EXPECT_EQ(response.body, std::string(600, 'a') + std::string(400, 'b'));
  EXPECT_FALSE(response.digest.has_value());
  EXPECT_EQ(budget.used(), 1000u);
  capture.drop(response);
  EXPECT_EQ(budget.used(), 0u);
}

TEST_F(BodyCaptureTest, ContentBeyondTheLimitIsDigested) {
  BodyCapture capture(settings, budget);
  capture.append(std::string(600, 'a'), response);
  capture.append(std::string(401, 'a'), response);
  EXPECT_EQ(budget.used(), 0u);
  capture.finish(false, response);
  EXPECT_EQ(response.body, "");
  diff::Digester digester(10);
  digester.update(std::string(1001, 'a'));
  ASSERT_TRUE(response.digest.has_value());
  EXPECT_EQ(response.digest->whole, digester.finish(false).whole);
  EXPECT_EQ(response.digest->length, 1001u);
  EXPECT_FALSE(response.digest->cut_off);
}

TEST_F(BodyCaptureTest, JsonBeyondTheLimitIsKeptWhileThereIsRoom) {
  response.fields = {{"Content-Type", "application/json"}};
  BodyCapture capture(settings, budget);
  capture.expect(3000, response);
  EXPECT_TRUE(capture.append(std::string(3000, '1'), response));
  EXPECT_EQ(response.body.size(), 3000u);
  EXPECT_EQ(budget.used(), 3000u);
  // Half of the budget is for others.
  EXPECT_TRUE(capture.append(std::string(3000, '1'), response));
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(budget.used(), 0u);
  capture.finish(false, response);
  ASSERT_TRUE(response.digest.has_value());
  EXPECT_EQ(response.digest->length, 6000u);
  ASSERT_TRUE(response.digest->minified.has_value());
  EXPECT_EQ(response.digest->minified->whole, response.digest->whole);
}

TEST_F(BodyCaptureTest, JsonBeyondWhatTheComparisonTakesIsDigested) {
  Budget large(64 << 20);
  response.fields = {{"Content-Type", "application/json"}};
  BodyCapture capture(settings, large);
  capture.expect((8 << 20) + 1, response);
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(capture.append(std::string(1 << 20, ' '), response));
  EXPECT_EQ(large.used(), 0u);
  capture.finish(false, response);
  ASSERT_TRUE(response.digest && response.digest->minified);
  EXPECT_EQ(response.digest->minified->length, 0u);
}

TEST_F(BodyCaptureTest, WhatIsCutOffIsADigestThatSaysSo) {
  BodyCapture capture(settings, budget);
  capture.append("abc", response);
  capture.finish(true, response);
  ASSERT_TRUE(response.digest.has_value());
  EXPECT_TRUE(response.digest->cut_off);
}

TEST_F(BodyCaptureTest, TakesNothingWhereTheBudgetIsExhausted) {
  Charge others(budget);
  others.add(10'000);
  BodyCapture capture(settings, budget);
  EXPECT_FALSE(capture.append("abc", response));
  EXPECT_EQ(response.body, "");
}

}  // namespace
}  // namespace understudy::shadow
