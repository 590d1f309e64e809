#include "proxy/user/access_log.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace understudy::user {
namespace {

AccessRecord record() {
  AccessRecord record;
  record.client = "192.0.2.1";
  record.method = "GET";
  record.target = "/a\"b";
  record.user_agent = "curl/8";
  record.status = 200;
  record.response_octets = 12;
  record.duration_ns = 1'500'000;
  return record;
}

TEST(AccessLogTest, writes_combined_lines_with_hostile_octets_escaped) {
  AccessLogFormatter formatter(false);
  EXPECT_EQ(formatter.format(record(), 1'700'000'000'000),
            "192.0.2.1 - - [14/Nov/2023:22:13:20 +0000] \"GET /a\\x22b HTTP/1.1\" 200 12 \"-\" \"curl/8\"\n");
}

TEST(AccessLogTest, writes_json_lines) {
  AccessLogFormatter formatter(true);
  EXPECT_EQ(formatter.format(record(), 1'700'000'000'042),
            "{\"time\":\"2023-11-14T22:13:20.042Z\",\"client\":\"192.0.2.1\",\"method\":\"GET\",\"target\":\"/"
            "a\\u0022b\",\"protocol\":\"HTTP/1.1\","
            "\"status\":200,\"bytes\":12,\"duration\":0.001500,\"referer\":\"\",\"user_agent\":\"curl/8\"}\n");
}

TEST(AccessLogTest, keeps_lines_whole_across_the_end_of_the_ring_and_drops_what_does_not_fit) {
  LogRing ring;
  const std::string line(1000, 'x');
  int put = 0;
  while (ring.put(line)) ++put;
  EXPECT_EQ(put, (1 << 20) / 1000);
  ring.consume(500'000);
  EXPECT_TRUE(ring.put(std::string(400'000, 'y')));
  std::string all;
  for (std::string_view part = ring.readable(); !part.empty(); part = ring.readable()) {
    all += part;
    ring.consume(part.size());
  }
  EXPECT_EQ(all, std::string(static_cast<std::size_t>(put) * 1000 - 500'000, 'x') + std::string(400'000, 'y'));
}

TEST(AccessLogTest, empties_its_rings_before_it_ends) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("understudy-access-log-" + std::to_string(getpid()));
  {
    LogSettings settings;
    settings.access = path;
    AccessLog log(settings, 2);
    log.ring(0).put("one\n");
    log.ring(1).put("two\n");
  }
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  EXPECT_EQ(text.str(), "one\ntwo\n");
  std::filesystem::remove(path);
}

TEST(AccessLogTest, goes_on_in_a_new_file_where_the_old_one_was_renamed) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("understudy-access-log-renamed-" + std::to_string(getpid()));
  const std::filesystem::path renamed = path.string() + ".1";
  const auto text_of = [](const std::filesystem::path& file) {
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  };
  const auto wait_for = [](const auto& condition) {
    for (int i = 0; i < 2000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return condition();
  };
  {
    LogSettings settings;
    settings.access = path;
    AccessLog log(settings, 1);
    log.ring(0).put("before\n");
    EXPECT_TRUE(wait_for([&] { return text_of(path) == "before\n"; }));
    std::filesystem::rename(path, renamed);
    log.reopen();
    EXPECT_TRUE(wait_for([&] { return std::filesystem::exists(path); }));
    log.ring(0).put("after\n");
  }
  EXPECT_EQ(text_of(renamed), "before\n");
  EXPECT_EQ(text_of(path), "after\n");
  std::filesystem::remove(renamed);
  std::filesystem::remove(path);
}

TEST(AccessLogTest, begins_once_its_file_can_be_opened) {
  const std::filesystem::path directory =
      std::filesystem::temp_directory_path() / ("understudy-access-log-late-" + std::to_string(getpid()));
  const auto text_now = [&] {
    std::stringstream text;
    text << std::ifstream(directory / "access.log").rdbuf();
    return text.str();
  };
  {
    LogSettings settings;
    settings.access = directory / "access.log";
    AccessLog log(settings, 1);
    EXPECT_TRUE(log.enabled());
    log.ring(0).put("one\n");
    std::filesystem::create_directory(directory);
    for (int i = 0; i < 2000 && text_now() != "one\n"; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(text_now(), "one\n");
  std::filesystem::remove_all(directory);
}

TEST(AccessLogTest, ends_though_nobody_reads_its_pipe) {
  signal(SIGPIPE, SIG_IGN);  // as every plane does
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const std::string path = "/proc/self/fd/" + std::to_string(ends[1]);
  {
    LogSettings settings;
    settings.access = path;
    AccessLog log(settings, 1);
    while (log.ring(0).put(std::string(100'000, 'x'))) {
    }
  }
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace understudy::user
