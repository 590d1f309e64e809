#include "proxy/supervisor/listeners.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "proxy/net/address.h"

namespace understudy::supervisor {
namespace {

constexpr unsigned sockets = Listeners::sockets_per_address;

ListenAddress tcp(std::uint16_t port) {
  return {"127.0.0.1", port, "", "127.0.0.1:" + std::to_string(port)};
}

ListenAddress unix_path() {
  const std::string path =
      std::filesystem::temp_directory_path() / ("understudy-listeners-test-" + std::to_string(::getpid()));
  return {"", 0, path, "unix:" + path};
}

bool connects_to(const net::Address& address) {
  const int fd = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected = ::connect(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0;
  ::close(fd);
  return connected;
}

struct Opened {
  std::vector<std::string> texts;
  std::string error;
};

TEST(Listeners, give_every_socket_of_an_address_to_exactly_one_thread_whatever_their_number) {
  Listeners listeners(sockets);
  Opened opened;
  const std::vector<ListenAddress> addresses{tcp(0)};
  ASSERT_TRUE(listeners.open(addresses, opened.texts, opened.error)) << opened.error;
  std::set<int> all;
  for (const unsigned threads : {1u, 2u, 3u, 4u, 5u, 6u, 8u, 12u, 24u}) {
    std::set<int> seen;
    for (unsigned thread = 0; thread < threads; ++thread) {
      const std::vector<int> own = listeners.of_thread(addresses, thread, threads);
      EXPECT_GE(own.size(), sockets / threads);
      for (const int fd : own) EXPECT_TRUE(seen.insert(fd).second);
    }
    EXPECT_EQ(seen.size(), sockets);
    if (all.empty()) all = seen;
    EXPECT_EQ(seen, all);
  }
}

TEST(Listeners, share_the_port_that_the_kernel_gave) {
  Listeners listeners(sockets);
  Opened opened;
  const std::vector<ListenAddress> addresses{tcp(0)};
  ASSERT_TRUE(listeners.open(addresses, opened.texts, opened.error)) << opened.error;
  ASSERT_EQ(opened.texts.size(), 1u);
  for (const int fd : listeners.of_thread(addresses, 0, 1)) EXPECT_EQ(net::local_address(fd).text(), opened.texts[0]);
  EXPECT_NE(opened.texts[0], "127.0.0.1:0");
}

TEST(Listeners, say_which_address_is_taken_and_what_to_do_and_open_nothing) {
  // Somebody who shares his port is a stranger all the same.
  for (const bool shared : {false, true}) {
    std::string error;
    const net::OpenedSocket taken = net::open_listener(net::resolve("127.0.0.1", 0, error).front(), shared, 16);
    const std::string text = net::local_address(taken.fd).text();
    const auto port = static_cast<std::uint16_t>(std::stoi(text.substr(text.rfind(':') + 1)));
    Listeners listeners(sockets);
    Opened opened;
    EXPECT_FALSE(listeners.open({tcp(0), tcp(port)}, opened.texts, opened.error));
    EXPECT_NE(opened.error.find(text), std::string::npos) << opened.error;
    EXPECT_NE(opened.error.find("Address already in use"), std::string::npos) << opened.error;
    EXPECT_TRUE(listeners.of_thread({tcp(0), tcp(port)}, 0, 1).empty());
    ::close(taken.fd);
  }
}

TEST(Listeners, keep_what_is_still_named_open_and_close_the_rest) {
  Listeners listeners(sockets);
  Opened opened;
  const ListenAddress kept = tcp(0);
  ListenAddress dropped = tcp(0);
  dropped.text = "another name for any port";
  ASSERT_TRUE(listeners.open({kept, dropped}, opened.texts, opened.error)) << opened.error;
  const std::vector<int> before = listeners.of_thread({kept}, 0, 1);
  const net::Address gone = net::local_address(listeners.of_thread({dropped}, 0, 1).front());
  const net::Address stays = net::local_address(before.front());
  ASSERT_TRUE(connects_to(gone));

  ASSERT_TRUE(listeners.open({kept}, opened.texts, opened.error));
  EXPECT_EQ(opened.texts.size(), 2u);  // nothing new was opened
  listeners.keep_only({kept});
  EXPECT_EQ(listeners.of_thread({kept}, 0, 1), before);
  EXPECT_TRUE(listeners.of_thread({dropped}, 0, 1).empty());
  EXPECT_TRUE(connects_to(stays));
  EXPECT_FALSE(connects_to(gone));
}

TEST(Listeners, open_one_socket_for_a_path_and_remove_it_at_the_end) {
  const ListenAddress address = unix_path();
  {
    Listeners listeners(sockets);
    Opened opened;
    ASSERT_TRUE(listeners.open({address}, opened.texts, opened.error)) << opened.error;
    EXPECT_EQ(opened.texts, std::vector<std::string>{address.text});
    EXPECT_EQ(listeners.of_thread({address}, 0, 4).size(), 1u);
    EXPECT_TRUE(listeners.of_thread({address}, 1, 4).empty());
    EXPECT_TRUE(connects_to(net::unix_address(address.unix_path)));
  }
  EXPECT_FALSE(std::filesystem::exists(address.unix_path));
}

TEST(Listeners, take_over_a_path_that_nobody_listens_on_any_more_and_no_other) {
  const ListenAddress address = unix_path();
  const net::OpenedSocket other = net::open_listener(net::unix_address(address.unix_path), false, 16);
  ASSERT_GE(other.fd, 0) << other.error;
  Opened opened;
  Listeners listeners(sockets);
  EXPECT_FALSE(listeners.open({address}, opened.texts, opened.error));
  EXPECT_TRUE(connects_to(net::unix_address(address.unix_path)));
  ::close(other.fd);
  EXPECT_TRUE(listeners.open({address}, opened.texts, opened.error)) << opened.error;
}

TEST(Listeners, leave_a_file_alone_that_is_no_socket) {
  const ListenAddress address = unix_path();
  const int file = ::creat(address.unix_path.c_str(), 0600);
  ASSERT_GE(file, 0);
  ::close(file);
  {
    Listeners listeners(sockets);
    Opened opened;
    EXPECT_FALSE(listeners.open({address}, opened.texts, opened.error));
  }
  EXPECT_TRUE(std::filesystem::exists(address.unix_path));
  std::filesystem::remove(address.unix_path);
}

}  // namespace
}  // namespace understudy::supervisor
