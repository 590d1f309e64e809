#include "proxy/http/buffer.h"

#include <gtest/gtest.h>

#include <string>

namespace understudy::http {
namespace {

TEST(Buffer, GivesBackWhatWasAppendedInOrder) {
  Buffer buffer;
  std::string expected;
  for (std::size_t number = 0; number < 2000; ++number) {
    const std::string piece = std::to_string(number) + std::string(number % 97, 'x');
    buffer.append(piece);
    expected += piece;
    const std::size_t taken = number * 7919 % (buffer.size() + 1);
    ASSERT_EQ(buffer.view().substr(0, taken), expected.substr(0, taken));
    buffer.consume(taken);
    expected.erase(0, taken);
  }
  EXPECT_EQ(buffer.view(), expected);
}

TEST(Buffer, FillsTheRoomThatWasPrepared) {
  Buffer buffer;
  char* room = buffer.prepare(3);
  ASSERT_GE(buffer.room(), 3u);
  room[0] = 'a';
  room[1] = 'b';
  buffer.commit(2);
  buffer.append('c');
  EXPECT_EQ(buffer.view(), "abc");
}

TEST(Buffer, DoesNotGrowWhileItIsEmptiedAsFastAsItFills) {
  Buffer buffer;
  buffer.append(std::string(1000, 'x'));
  const std::size_t capacity = buffer.capacity();
  for (int round = 0; round < 1000; ++round) {
    buffer.consume(900);
    buffer.append(std::string(900, 'y'));
    ASSERT_EQ(buffer.size(), 1000u);
  }
  EXPECT_LE(buffer.capacity(), 2 * capacity);
}

TEST(Buffer, GivesItsStorageBackOnlyWhenEmptyAndLarge) {
  Buffer buffer;
  buffer.append(std::string(5000, 'x'));
  buffer.release_above(1000);
  EXPECT_EQ(buffer.size(), 5000u);
  buffer.clear();
  buffer.release_above(100'000);
  EXPECT_GE(buffer.capacity(), 5000u);
  buffer.release_above(1000);
  EXPECT_EQ(buffer.capacity(), 0u);
  buffer.append("again");
  EXPECT_EQ(buffer.view(), "again");
}

TEST(Buffer, IsMoved) {
  Buffer a;
  a.append("text");
  Buffer b = std::move(a);
  EXPECT_EQ(b.view(), "text");
}

}  // namespace
}  // namespace understudy::http
