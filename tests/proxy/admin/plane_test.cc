// The whole plane in a process of its own, over shared memories that the test writes.
#include "proxy/admin/plane.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "proxy/control/run_name.h"
#include "tests/proxy/admin/blocking_client.h"
#include "tests/proxy/admin/shared_memories.h"
#include "tests/proxy/store/temporary_directory.h"

namespace understudy::admin {
namespace {

class AdminPlane : public testing::Test {
 protected:
  AdminPlane() {
    settings_.store.path = directory_.file("s.db");
    settings_.primary.url.host = "127.0.0.1";
    settings_.primary.url.port = primary_.port();
    if (pipe(lifeline_) != 0) abort();
    set(memories_.supervisor->pids[static_cast<std::size_t>(control::Plane::user)],
        static_cast<std::uint64_t>(getpid()));
  }
  ~AdminPlane() override {
    if (child_ > 0) {
      kill(child_, SIGKILL);
      waitpid(child_, nullptr, 0);
    }
    close(lifeline_[0]);
    if (lifeline_[1] >= 0) close(lifeline_[1]);
  }

  static void set(control::Counter& counter, std::uint64_t value) { counter.store(value, std::memory_order_relaxed); }
  void set_shadow_pid(pid_t pid) {
    set(memories_.supervisor->pids[static_cast<std::size_t>(control::Plane::shadow)], static_cast<std::uint64_t>(pid));
  }

  void start(bool with_listener = true) {
    child_ = fork();
    ASSERT_GE(child_, 0);
    if (child_ != 0) return;
    close(lifeline_[1]);
    PlaneResources resources = memories_.resources();
    resources.lifeline_fd = lifeline_[0];
    if (with_listener) resources.listener_fd = listener_.fd();
    _exit(run_admin_plane(settings_, resources));
  }
  int exit_status() {
    int status = -1;
    waitpid(child_, &status, 0);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256;
  }

  static std::string get(const std::string& target, const std::string& fields = "") {
    return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
  }
  static std::string put(const std::string& body) {
    return "PUT /api/v1/mirror HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }

  store::TemporaryDirectory directory_;
  ListeningSocket listener_, primary_;
  SharedMemories memories_;
  Settings settings_;
  int lifeline_[2] = {-1, -1};
  pid_t child_ = -1;
};

TEST_F(AdminPlane, AnswersAndLeavesWithZeroOnSigterm) {
  start();
  BlockingClient client(listener_.port());
  EXPECT_TRUE(client.request(get("/livez")).starts_with("HTTP/1.1 200 "));
  const std::string metrics = client.request(get("/metrics"));
  EXPECT_NE(metrics.find("\nprocess_resident_memory_bytes{plane=\"user\"} "), std::string::npos);
  EXPECT_NE(metrics.find("\nprocess_resident_memory_bytes{plane=\"supervisor\"} "), std::string::npos);
  EXPECT_NE(client.request(get("/api/v1/ledger")).find("{\"eligible\":0,"), std::string::npos);
  EXPECT_TRUE(client.request(get("/nothing")).starts_with("HTTP/1.1 404 "));
  kill(child_, SIGTERM);
  EXPECT_EQ(client.rest(), "");
  EXPECT_EQ(exit_status(), 0);
}

TEST_F(AdminPlane, LeavesWhenTheSupervisorIsGone) {
  start();
  BlockingClient client(listener_.port());
  EXPECT_TRUE(client.request(get("/livez")).starts_with("HTTP/1.1 200 "));
  close(std::exchange(lifeline_[1], -1));
  EXPECT_EQ(exit_status(), 0);
}

TEST_F(AdminPlane, WithoutAListenerItIdlesUntilItIsTold) {
  start(false);
  close(std::exchange(lifeline_[1], -1));
  EXPECT_EQ(exit_status(), 0);
}

TEST_F(AdminPlane, WantsItsToken) {
  settings_.admin.token = "s3cret";
  start();
  BlockingClient client(listener_.port());
  EXPECT_TRUE(client.request(get("/api/v1/ledger")).starts_with("HTTP/1.1 401 "));
  EXPECT_TRUE(client.request(get("/api/v1/ledger", "Authorization: Bearer s3cret\r\n")).starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(client.request(get("/livez")).starts_with("HTTP/1.1 200 "));
}

TEST_F(AdminPlane, IsReadyWhenTheProbeHasReachedAnIdlePrimary) {
  start();
  BlockingClient client(listener_.port());
  std::string response;
  do {  // the probe is under way from the start
    response = client.request(get("/readyz"));
  } while (response.find("has not been reached yet") != std::string::npos);
  EXPECT_TRUE(response.starts_with("HTTP/1.1 200 ")) << response;

  set(memories_.user->primary_refused_ms, UINT64_MAX / 2);
  EXPECT_TRUE(client.request(get("/readyz")).starts_with("HTTP/1.1 503 "));
  set(memories_.user->primary_connected_ms, UINT64_MAX / 2);
  EXPECT_TRUE(client.request(get("/readyz")).starts_with("HTTP/1.1 200 "));
  set(memories_.supervisor->pids[0], 0);
  EXPECT_TRUE(client.request(get("/readyz")).starts_with("HTTP/1.1 503 "));
}

TEST_F(AdminPlane, ASwitchIsConfirmedAtOnceWhereNoShadowPlaneLives) {
  start();
  BlockingClient client(listener_.port());
  EXPECT_TRUE(client.request(put("{\"enabled\":false}")).ends_with("\r\n\r\n{\"enabled\":false,\"percent\":100}"));
  EXPECT_TRUE(client.request(get("/api/v1/mirror")).ends_with("{\"enabled\":false,\"percent\":100}"));
  EXPECT_TRUE(client.request(put("{\"percent\":7.5}")).ends_with("{\"enabled\":false,\"percent\":7.5}"));
  EXPECT_TRUE(client.request(put("{\"percent\":7000}")).starts_with("HTTP/1.1 400 "));
  EXPECT_EQ(control::get(memories_.mirror->generation), 2u);
  EXPECT_EQ(control::get(memories_.mirror->off), 1u);
}

TEST_F(AdminPlane, ASwitchIsAnsweredWhenTheShadowPlaneHasSeenIt) {
  set_shadow_pid(getpid());
  start();
  BlockingClient client(listener_.port()), other(listener_.port());
  client.send(put("{\"enabled\":false}"));
  while (control::get(memories_.mirror->generation) == 0) usleep(1000);
  // Others are answered meanwhile.
  EXPECT_TRUE(other.request(get("/api/v1/mirror")).ends_with("{\"enabled\":false,\"percent\":100}"));
  set(memories_.shadow->switch_seen, 1);
  EXPECT_TRUE(client.response().starts_with("HTTP/1.1 200 "));
}

TEST_F(AdminPlane, AShadowPlaneThatDoesNotConfirmIsReported) {
  set_shadow_pid(getpid());
  start();
  BlockingClient client(listener_.port());
  const std::string response = client.request(put("{\"enabled\":false}"));
  EXPECT_TRUE(response.starts_with("HTTP/1.1 503 ")) << response;
  EXPECT_NE(response.find("has not confirmed"), std::string::npos);
  EXPECT_EQ(control::get(memories_.mirror->off), 1u);
}

std::string put_run(const std::string& body, const std::string& fields = "") {
  return "PUT /api/v1/run HTTP/1.1\r\nHost: localhost:8881\r\n" + fields +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST_F(AdminPlane, ARunIsAnsweredWhenTheShadowPlaneHasOpenedIt) {
  set_shadow_pid(getpid());
  start();
  BlockingClient client(listener_.port()), other(listener_.port());
  client.send(put_run("{\"name\":\"v2\"}"));
  while (control::get(memories_.mirror->run_generation) == 0) usleep(1000);
  EXPECT_EQ(control::load_words(memories_.mirror->run), "v2");
  EXPECT_TRUE(other.request(get("/api/v1/run")).starts_with("HTTP/1.1 503 "));
  control::publish_run(*memories_.shadow, "v2");
  memories_.shadow->run_seen.store(1, std::memory_order_release);
  const std::string response = client.response();
  EXPECT_TRUE(response.starts_with("HTTP/1.1 200 ")) << response;
  EXPECT_NE(response.find("{\"name\":\"v2\",\"current\":true,"), std::string::npos) << response;
  EXPECT_NE(other.request(get("/api/v1/runs")).find("[{\"name\":\"v2\""), std::string::npos);
  EXPECT_NE(other.request(get("/metrics")).find("understudy_run_info{run=\"v2\"} 1\n"), std::string::npos);
}

TEST_F(AdminPlane, ARunThatIsNotOpenedIsReportedAndBadNamesAreNotAskedFor) {
  start();
  BlockingClient client(listener_.port());
  for (const char* body :
       {"{}", "", "{\"name\":\"\"}", "{\"name\":\"a b\"}", "{\"name\":3}", "{\"name\":\"a\",\"x\":1}"})
    EXPECT_TRUE(client.request(put_run(body)).starts_with("HTTP/1.1 400 ")) << body;
  EXPECT_EQ(control::get(memories_.mirror->run_generation), 0u);
  EXPECT_TRUE(client.request(put_run("{\"name\":\"v2\"}")).starts_with("HTTP/1.1 503 "));
  EXPECT_EQ(control::get(memories_.mirror->run_generation), 1u);
}

TEST_F(AdminPlane, NobodyOfAnotherSiteChangesAnything) {
  start();
  BlockingClient client(listener_.port());
  EXPECT_TRUE(
      client.request(put_run("{\"name\":\"v2\"}", "Origin: http://evil.example\r\n")).starts_with("HTTP/1.1 403 "));
  const std::string rebound = "POST /api/v1/runs HTTP/1.1\r\nHost: evil.example:8881\r\nContent-Length: 0\r\n\r\n";
  EXPECT_TRUE(client.request(rebound).starts_with("HTTP/1.1 403 "));
  EXPECT_EQ(control::get(memories_.mirror->run_generation), 0u);
}

}  // namespace
}  // namespace understudy::admin
