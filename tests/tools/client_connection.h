// One keep-alive connection of the test client: sends a request, judges the response. It judges the peer's drain too: a
// request whose bytes were sent before the peer's FIN arrived must get a whole response; only a FIN seen before the
// first byte was sent excuses its lack.
#pragma once

#include <xxhash.h>

#include <memory>
#include <string>

#include "tests/tools/load.h"
#include "tests/tools/message_reader.h"
#include "tests/tools/poller.h"

namespace understudy::tools {

class ClientConnection : public Watcher, private MessageReader::Handler {
 public:
  // What the connection tells the load generator.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void on_free(ClientConnection& connection) = 0;  // ready for the next request
    virtual void on_unsent(ClientConnection& connection,
                           PlannedRequest request) = 0;  // no byte of it reached the peer: send it again
  };

  ClientConnection(Poller& poller, const LoadOptions& options, LoadResult& result, std::FILE* bodies, Owner& owner);
  ~ClientConnection() override;

  void send_request(PlannedRequest request);
  bool busy() const { return busy_; }
  void check_timeout(Clock::time_point now);
  void go_on_sending();  // a paced body: called by the clock

  void on_events(std::uint32_t events) override;

 private:
  void on_head(const MessageHead& head) override;
  void on_body(std::string_view piece) override;
  void on_end() override;

  void connect();
  void disconnect();
  void begin();
  void write();
  bool fill_body();
  void read();
  void succeed();
  void fail(const std::string& kind, const std::string& detail);
  void lost(const std::string& kind, const std::string& detail);
  void finish();
  void watch();

  Poller& poller_;
  const LoadOptions& options_;
  LoadResult& result_;
  std::FILE* bodies_;
  Owner& owner_;

  int fd_ = -1;
  bool connecting_ = false;
  bool used_ = false;  // has brought a response
  std::uint32_t events_ = 0;

  bool busy_ = false;
  PlannedRequest request_;
  bool sent_any_ = false;
  bool raced_ = false;  // the peer's FIN came while the first bytes were handed over
  Clock::time_point started_, body_started_;
  std::string out_;
  std::size_t out_done_ = 0;
  std::uint64_t body_made_ = 0;
  bool body_done_ = false;
  struct FreeState {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, FreeState> hash_{XXH3_createState()};

  MessageReader reader_{MessageReader::Kind::responses};
  int status_ = 0;
  bool close_ = false;
  bool ended_ = false;
  bool any_answer_ = false;
  bool content_right_ = true;
  std::uint64_t received_ = 0;
  std::string expected_;  // whole expected content, where it is small
  bool expect_generated_ = false;
  std::uint64_t expected_seed_ = 0;
  std::uint64_t expected_length_ = 0;
};

}  // namespace understudy::tools
