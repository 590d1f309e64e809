// One connection of the test origin: reads requests, answers each as the origin's mode says.
#pragma once

#include <xxhash.h>

#include <memory>
#include <string>

#include "tests/tools/message_reader.h"
#include "tests/tools/origin.h"
#include "tests/tools/poller.h"

namespace understudy::tools {

class OriginConnection : public Watcher, private MessageReader::Handler {
 public:
  OriginConnection(Origin& origin, std::uint64_t id, int fd, bool control);
  ~OriginConnection() override;

  bool is_control() const { return control_; }
  Clock::time_point idle_since() const;  // the far future while a request is under way
  void end(bool with_reset);

  void on_events(std::uint32_t events) override;

 private:
  struct Reply {
    int status = 200;
    std::string content_type = "application/json";
    std::string fixed;       // the content, unless generated or echoed
    bool generated = false;  // `length` bytes of the content named `seed`
    std::uint64_t seed = 0;
    std::uint64_t length = 0;
    bool echo = false;  // the request's content as it comes
    bool chunked = false;
    bool until_close = false;
    bool trailers = false;
    bool without_content = false;
  };

  void on_head(const MessageHead& head) override;
  void on_body(std::string_view piece) override;
  void on_end() override;

  void read();
  void consume();
  void answer();
  Reply choose_reply();
  void start(Reply reply);
  void add_content(std::string_view piece);
  void finish_content();
  void pump();
  bool write_out();
  void exchange_done();
  void watch();

  Origin& origin_;
  const std::uint64_t id_;
  int fd_;
  const bool control_;
  std::uint32_t events_;
  MessageReader reader_{MessageReader::Kind::requests};
  Clock::time_point since_ = Clock::now();
  std::uint64_t requests_ = 0;

  // The request under way.
  bool busy_ = false;
  bool request_whole_ = false;
  bool close_after_ = false;
  std::string method_, target_, body_id_, role_;
  std::uint64_t body_length_ = 0;
  std::string control_content_;
  struct FreeState {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, FreeState> hash_{XXH3_createState()};

  // Its answer.
  Reply reply_;
  bool answering_ = false;
  bool content_done_ = false;
  bool trickling_ = false;
  bool cut_ = false;  // reset once what is in out_ has been sent
  std::uint64_t sent_content_ = 0;
  std::string in_, out_;
};

}  // namespace understudy::tools
