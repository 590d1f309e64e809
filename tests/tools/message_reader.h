// Reads HTTP/1.1 messages from bytes as they come, for the test servers and clients. It judges framing (a message is
// whole or it is not) and nothing else; it shares no code with proxy/http, so that a fault there cannot hide here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace understudy::tools {

struct MessageHead {
  std::string start_line;
  std::vector<std::pair<std::string, std::string>> fields;  // names in lower case
  std::string raw;                                          // as received, without the empty line

  std::string_view field(std::string_view name) const;  // the first of that name; empty where there is none
  std::string_view method() const;                      // of a request
  std::string_view target() const;                      // of a request
  int status() const;                                   // of a response
  bool wants_close() const;                             // by version and Connection
};

class MessageReader {
 public:
  class Handler {
   public:
    virtual ~Handler() = default;
    virtual void on_head(const MessageHead& head) = 0;
    virtual void on_body(std::string_view piece) = 0;
    virtual void on_end() = 0;  // the message is whole
  };
  enum class Kind { requests, responses };

  explicit MessageReader(Kind kind) : kind_(kind) {}

  // Consumes at most one message and returns how many bytes it took; after on_end it takes none until next().
  std::size_t feed(std::string_view bytes, Handler& handler);
  void next();

  // The peer has ended the stream. A close-delimited response is whole by that.
  void end_of_stream(Handler& handler);

  // The response to come has no content, whatever its fields say (HEAD).
  void expect_no_content() { no_content_ = true; }

  bool failed() const { return state_ == State::failed; }
  bool idle() const { return state_ == State::head && head_.raw.empty(); }
  bool whole() const { return state_ == State::whole; }
  bool chunked() const { return chunked_; }
  const std::vector<std::pair<std::string, std::string>>& trailers() const { return trailers_; }

 private:
  enum class State { head, sized, chunk_size, chunk, chunk_end, trailers, until_close, whole, failed };

  std::size_t read_head(std::string_view bytes, Handler& handler);
  void choose_framing(Handler& handler);
  bool take_line(std::string_view bytes, std::size_t& used);
  void finish(Handler& handler);

  Kind kind_;
  State state_ = State::head;
  bool no_content_ = false;
  bool chunked_ = false;
  std::uint64_t left_ = 0;
  std::string line_;
  MessageHead head_;
  std::vector<std::pair<std::string, std::string>> trailers_;
};

}  // namespace understudy::tools
