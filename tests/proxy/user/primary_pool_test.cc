// A primary with several addresses: whose turn it is, and what becomes of one that takes no connection.
#include "proxy/user/primary_pool.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <vector>

#include "proxy/net/address.h"

namespace understudy::user {
namespace {

class PrimaryPoolTest : public testing::Test {
 public:  // the scripts are no members
  PrimaryPoolTest() {
    for (const char* host : {"127.0.0.1", "127.0.0.2", "127.0.0.3"}) {
      std::string error;
      sockets_.push_back(net::open_listener(net::resolve(host, 0, error).at(0), false, 16).fd);
      known_.push_back(net::local_address(sockets_.back()));
    }
    settings_.connect_timeout = Milliseconds(1000);
  }
  ~PrimaryPoolTest() override {
    for (const int fd : sockets_) ::close(fd);
  }
  // Nobody listens there any more; listen_again() undoes it.
  void stop_listening(std::size_t which) { ::close(std::exchange(sockets_[which], -1)); }
  void listen_again(std::size_t which) { sockets_[which] = net::open_listener(known_[which], false, 16).fd; }

  // Runs `script(pool)` on a loop of its own.
  template <class Script>
  void with_pool(Script script) {
    PrimaryAddresses addresses(known_);
    net::Loop loop;
    PrimaryConnectionCounts counts;
    auto accounts = std::make_unique<control::UserAccounts>();
    PrimaryPool pool(loop, settings_, addresses, counts, *accounts);
    loop.spawn(script(this, &loop, &pool, accounts.get()));
    loop.run();
  }
  std::size_t index_of(const PrimaryConnection& connection) const {
    for (std::size_t i = 0; i < known_.size(); ++i) {
      if (net::same_address(known_[i], connection.address->address)) return i;
    }
    return known_.size();
  }
  // One exchange's use of the pool: a kept connection or a fresh one, given back afterwards.
  net::Task<std::size_t> use(PrimaryPool* pool) {
    std::unique_ptr<PrimaryConnection> connection = pool->take_idle(false);
    if (!connection) {
      PrimaryPool::Acquired acquired = co_await pool->connect();
      connection = std::move(acquired.connection);
    }
    if (!connection) co_return known_.size();
    const std::size_t index = index_of(*connection);
    pool->give_back(std::move(connection));
    co_return index;
  }

  UpstreamSettings settings_;
  std::vector<int> sockets_;
  std::vector<net::Address> known_;
};

TEST_F(PrimaryPoolTest, takes_the_addresses_in_turn) {
  with_pool([](PrimaryPoolTest* test, net::Loop*, PrimaryPool* pool, control::UserAccounts*) -> net::Task<void> {
    std::vector<std::size_t> used;
    for (int i = 0; i < 9; ++i) {
      const std::size_t index = co_await test->use(pool);
      used.push_back(index);
    }
    EXPECT_EQ(used, (std::vector<std::size_t>{0, 1, 2, 0, 1, 2, 0, 1, 2}));
  });
}

TEST_F(PrimaryPoolTest, sets_one_that_takes_no_connection_aside_until_it_does) {
  stop_listening(1);
  with_pool([](PrimaryPoolTest* test, net::Loop* loop, PrimaryPool* pool,
               control::UserAccounts* accounts) -> net::Task<void> {
    std::vector<std::size_t> used;
    for (int i = 0; i < 6; ++i) {
      const std::size_t index = co_await test->use(pool);
      used.push_back(index);
    }
    EXPECT_EQ(used, (std::vector<std::size_t>{0, 2, 0, 2, 0, 2}));
    EXPECT_EQ(control::get(accounts->primary_set_aside), 1u);
    test->listen_again(1);
    for (int i = 0; i < 1000; ++i) {
      const std::size_t index = co_await test->use(pool);
      if (index == 1) co_return;
      co_await loop->sleep(net::Milliseconds(10));
    }
    ADD_FAILURE() << "it is not used again";
  });
}

TEST_F(PrimaryPoolTest, tries_one_after_the_other_where_all_are_set_aside) {
  for (std::size_t i = 0; i < 3; ++i) stop_listening(i);
  with_pool(
      [](PrimaryPoolTest* test, net::Loop*, PrimaryPool* pool, control::UserAccounts* accounts) -> net::Task<void> {
        std::size_t index = co_await test->use(pool);
        EXPECT_EQ(index, 3u);
        EXPECT_EQ(control::get(accounts->primary_set_aside), 3u);
        test->listen_again(2);
        // One of them is tried each time.
        for (int i = 0; i < 3 && index == 3; ++i) {
          index = co_await test->use(pool);
        }
        EXPECT_EQ(index, 2u);
        pool->stop();
      });
}

TEST_F(PrimaryPoolTest, gives_up_a_kept_connection_elsewhere_where_no_more_may_be_opened) {
  settings_.connections = 1;
  with_pool([](PrimaryPoolTest* test, net::Loop*, PrimaryPool* pool, control::UserAccounts*) -> net::Task<void> {
    for (const std::size_t expected : {0u, 1u, 2u, 0u}) {
      const std::size_t index = co_await test->use(pool);
      EXPECT_EQ(index, expected);
    }
  });
}

}  // namespace
}  // namespace understudy::user
