// Whether a server that is sent copies is there, told from what becomes of them. One for each role in the shadow plane,
// on one thread. Times in nanoseconds of any steady clock, all of them above 0.
//
// silent: copies were tried, nothing was heard for a while, and production answered meanwhile. Without traffic nothing
//   is claimed; once claimed, it holds until something is heard.
// away: a connection was refused, so nobody was there to take it. It is back with the first answer on a connection that
//   was opened after the last refusal: on an older one, what is just going may still finish. A server that is slow, or
//   fails otherwise, has not been away.
#pragma once

#include <cstdint>
#include <optional>

namespace understudy::policy {

struct PresenceSettings {
  std::int64_t silence_ns = 3'000'000'000;
  std::int64_t news_interval_ns = 10'000'000'000;  // between two pieces of news of one kind
};

class Presence {
 public:
  explicit Presence(const PresenceSettings& settings = {}) : settings_(settings) {}

  enum class End : std::uint8_t { heard, failed, nothing };  // nothing: ended for a reason of ours
  // An attempt begins; it ends with exactly one ended().
  void tried(std::int64_t now_ns);
  void ended(End end);
  // A response came, on a connection opened at that time. True: the server was away and is back.
  bool heard(std::int64_t now_ns, std::int64_t connected_ns);
  // A connection was refused.
  void refused(std::int64_t now_ns);

  // What is worth telling people now; to be asked every now and then. `production_answered_ns`: when it last did.
  enum class News : std::uint8_t { none, fell_silent, answers_again };
  News look(std::int64_t now_ns, std::int64_t production_answered_ns);

  bool is_silent() const { return silent_; }
  bool is_away() const { return refused_ns_ != 0; }
  std::int64_t silent_since_ns() const { return since_ns_.value_or(0); }
  std::int64_t last_silence_ns() const { return last_silence_ns_; }  // how long the one took that has ended
  std::uint64_t failures() const { return failures_; }               // since it was last heard

 private:
  PresenceSettings settings_;
  std::optional<std::int64_t> since_ns_;  // of the first attempt since something was heard
  std::uint64_t open_ = 0;                // attempts that have not ended
  std::uint64_t failures_ = 0;
  bool silent_ = false;
  bool told_silent_ = false;
  std::int64_t last_silence_ns_ = 0;
  std::int64_t next_silence_news_ns_ = 0;
  std::int64_t next_answer_news_ns_ = 0;
  std::int64_t refused_ns_ = 0;  // the last refusal, while away
};

}  // namespace understudy::policy
