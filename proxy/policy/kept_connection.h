// When the end of a kept connection says something about who ended it. Pure. Callers: the user plane for production,
// the shadow plane for its legs.
#pragma once

#include <cstdint>

namespace understudy::policy {

// No server gives up a connection for its idleness so soon: one that was used less than this ago and ends without an
// octet of an answer was ended by what it was sent.
inline constexpr std::int64_t warm_ms = 1'000;

// `since_ms`: the end of the exchange before; `now_ms`: the request is sent. Both CLOCK_MONOTONIC.
constexpr bool is_warm(std::int64_t since_ms, std::int64_t now_ms) {
  return now_ms - since_ms < warm_ms;
}

}  // namespace understudy::policy
