#include "proxy/http/framing.h"

#include <algorithm>

namespace understudy::http {

void BodyReader::start(Framing framing, std::uint64_t content_length, const ChunkedLimits& limits) {
  framing_ = framing;
  remaining_ = framing == Framing::content_length ? content_length : 0;
  state_ = framing == Framing::none || (framing == Framing::content_length && content_length == 0) ? State::done
                                                                                                   : State::more;
  if (framing == Framing::chunked) chunked_.start(limits);
}

BodyReader::Step BodyReader::consume(std::string_view input) {
  if (state_ != State::more) return {0, {}, state_};
  switch (framing_) {
    case Framing::chunked: {
      const Step step = chunked_.consume(input);
      state_ = step.state;
      return step;
    }
    case Framing::content_length: {
      const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.size()));
      remaining_ -= length;
      if (remaining_ == 0) state_ = State::done;
      return {length, input.substr(0, length), state_};
    }
    case Framing::until_close:
      return {input.size(), input, state_};
    case Framing::none:
      break;
  }
  return {0, {}, state_};
}

bool BodyReader::finish() {
  if (state_ == State::more && framing_ == Framing::until_close) state_ = State::done;
  return state_ == State::done;
}

std::span<const Field> BodyReader::trailers() const {
  if (framing_ == Framing::chunked) return chunked_.trailers();
  return {};
}

}  // namespace understudy::http
