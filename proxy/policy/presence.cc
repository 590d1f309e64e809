#include "proxy/policy/presence.h"

namespace understudy::policy {

void Presence::tried(std::int64_t now_ns) {
  ++open_;
  if (since_ns_) return;
  since_ns_ = now_ns;
  failures_ = 0;
}

void Presence::ended(End end) {
  --open_;
  if (end == End::failed) ++failures_;
  // Everything that was tried ended for reasons of ours: that says nothing.
  if (end == End::nothing && open_ == 0 && failures_ == 0 && !silent_) since_ns_.reset();
}

bool Presence::heard(std::int64_t now_ns, std::int64_t connected_ns) {
  if (silent_) last_silence_ns_ = now_ns - *since_ns_;
  silent_ = false;
  since_ns_.reset();
  failures_ = 0;
  const bool is_back = is_away() && connected_ns > refused_ns_;
  if (is_back) refused_ns_ = 0;
  return is_back;
}

void Presence::refused(std::int64_t now_ns) {
  refused_ns_ = now_ns;
}

Presence::News Presence::look(std::int64_t now_ns, std::int64_t production_answered_ns) {
  silent_ =
      silent_ || (since_ns_ && now_ns - *since_ns_ >= settings_.silence_ns && production_answered_ns >= *since_ns_);
  if (silent_ == told_silent_) return News::none;
  std::int64_t& next_ns = silent_ ? next_silence_news_ns_ : next_answer_news_ns_;
  if (now_ns < next_ns) return News::none;
  next_ns = now_ns + settings_.news_interval_ns;
  told_silent_ = silent_;
  return silent_ ? News::fell_silent : News::answers_again;
}

}  // namespace understudy::policy
