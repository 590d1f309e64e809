// Where an exchange can end (the ledger's named places), and the names that users see.
// control/ may include nothing of the planes; the planes meet here and in tap/ and store/.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace understudy::control {

enum class DropReason : std::uint8_t {
  tap_full,
  tap_corrupt,
  shadow_restart,
  user_restart,
  reload,
  in_flight_limit,
  lagging,
  breaker_open,
  client_aborted,
  switched_off,
  shutdown,
  memory,   // of the user plane: server.limits.memory
  gave_up,  // on the candidate, sooner than production may take: candidate.*_timeout, candidate.deadline
};
inline constexpr std::array<std::string_view, 13> drop_reason_names{
    "tap_full",     "tap_corrupt",    "shadow_restart", "user_restart", "reload", "in_flight_limit", "lagging",
    "breaker_open", "client_aborted", "switched_off",   "shutdown",     "memory", "gave_up"};

enum class FailReason : std::uint8_t { refused, connect_timeout, tls, timeout, deadline, reset, truncated, protocol };
inline constexpr std::array<std::string_view, 8> fail_reason_names{
    "refused", "connect_timeout", "tls", "timeout", "deadline", "reset", "truncated", "protocol"};

// As people say it.
inline constexpr std::array<std::string_view, 8> fail_reason_words{
    "connection refused", "no connection in time", "no TLS", "no answer in time", "no end in time",
    "connection reset",   "connection closed",     "no HTTP"};

enum class Role : std::uint8_t { primary, candidate, secondary };
inline constexpr std::array<std::string_view, 3> role_names{"primary", "candidate", "secondary"};

// One number for every place: matched, differed, dropped by reason, failed by role (primary, candidate) and reason.
using Outcome = std::uint8_t;
inline constexpr Outcome outcome_matched = 0;
inline constexpr Outcome outcome_differed = 1;
inline constexpr std::size_t outcome_count = 2 + drop_reason_names.size() + 2 * fail_reason_names.size();

constexpr Outcome dropped(DropReason reason) {
  return static_cast<Outcome>(2 + static_cast<unsigned>(reason));
}
// … and back; nothing where it is another place.
constexpr std::optional<DropReason> drop_reason_of(Outcome outcome) {
  const unsigned reason = outcome - 2u;
  if (outcome < 2 || reason >= drop_reason_names.size()) return std::nullopt;
  return static_cast<DropReason>(reason);
}
// A failing secondary fails no exchange: `role` is primary or candidate.
constexpr Outcome failed(Role role, FailReason reason) {
  return static_cast<Outcome>(2 + drop_reason_names.size() + (role == Role::primary ? 0 : fail_reason_names.size()) +
                              static_cast<unsigned>(reason));
}

}  // namespace understudy::control
