#include "proxy/shadow/request_body.h"

#include <algorithm>

namespace understudy::shadow {
namespace {

// A piece of one octet still costs a node, a string and a reference count.
constexpr std::uint64_t cost_of_piece = 96;

std::uint64_t cost_of(const RequestBody::Piece& piece) {
  return piece->size() + cost_of_piece;
}

}  // namespace

RequestBody::RequestBody(net::Loop& loop, Budget& budget, std::uint64_t window)
    : changed_(loop), charge_(budget), window_limit_(window) {}

std::size_t RequestBody::first_piece_after(std::size_t size) const {
  std::uint64_t held = held_ + size + cost_of_piece;
  std::size_t index = 0;
  for (; index < window_.size() && held > window_limit_; ++index) held -= cost_of(window_[index]);
  return first_ + index;
}

void RequestBody::append(std::string_view piece) {
  if (piece.empty()) return;
  if (!digester_) digester_ = std::make_unique<diff::Digester>(0);
  digester_->update(piece);
  size_ += piece.size();
  window_.push_back(std::make_shared<const std::string>(piece));
  held_ += cost_of(window_.back());
  charge_.add(cost_of(window_.back()));
  while (held_ > window_limit_ && window_.size() > 1) {
    held_ -= cost_of(window_.front());
    charge_.remove(cost_of(window_.front()));
    window_.pop_front();
    ++first_;
  }
  changed_.notify_all();
}

void RequestBody::finish() {
  settle(State::whole);
}
void RequestBody::cut() {
  settle(State::cut);
}

void RequestBody::settle(State state) {
  if (state_ != State::growing) return;
  state_ = state;
  if (digester_) hash_ = digester_->finish(false).whole;
  digester_.reset();
  changed_.notify_all();
}

std::string RequestBody::beginning(std::size_t limit) const {
  std::string octets;
  if (first_ != 0) return octets;
  for (const Piece& piece : window_) {
    if (octets.size() >= limit) break;
    octets.append(*piece, 0, limit - octets.size());
  }
  return octets;
}

}  // namespace understudy::shadow
