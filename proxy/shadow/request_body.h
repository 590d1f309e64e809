// The content of one request, as the tap brings it and as every leg of the exchange sends it on, each at its own pace.
// One storage for all of them: the newest `window` octets. A leg that needs older ones has fallen behind and is given
// up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "diff/body/digest.h"
#include "proxy/net/stream.h"
#include "proxy/shadow/budget.h"

namespace understudy::shadow {

class RequestBody {
 public:
  RequestBody(net::Loop& loop, Budget& budget, std::uint64_t window);

  // The assembler's side.
  void append(std::string_view piece);
  // The first piece that is still held once another one of `size` octets has come.
  std::size_t first_piece_after(std::size_t size) const;
  void finish();  // the content is whole
  void cut();     // it will never be whole

  // The legs' side. Pieces are counted from 0.
  using Piece = std::shared_ptr<const std::string>;
  enum class State : std::uint8_t { growing, whole, cut };
  State state() const { return state_; }
  std::size_t pieces() const { return first_ + window_.size(); }
  // Pieces below this one are gone.
  std::size_t first_piece() const { return first_; }
  // first_piece() <= index < pieces()
  const Piece& piece(std::size_t index) const { return window_[index - first_]; }
  // Told of every change.
  net::Event& changed() { return changed_; }

  std::uint64_t size() const { return size_; }
  // Of everything seen so far; the same for the same content, wherever it was cut into pieces.
  std::uint64_t hash() const { return hash_; }
  // Up to `limit` octets from the start; empty where the start is gone.
  std::string beginning(std::size_t limit) const;

 private:
  void settle(State state);

  net::Event changed_;
  std::deque<Piece> window_;
  Charge charge_;
  std::uint64_t window_limit_;
  std::uint64_t held_ = 0;  // of the window, with what each piece costs beside its octets
  std::size_t first_ = 0;
  std::uint64_t size_ = 0;
  std::unique_ptr<diff::Digester> digester_;
  std::uint64_t hash_ = 0;
  State state_ = State::growing;
};

}  // namespace understudy::shadow
