// One exchange of a user with the primary, as the tap tells it, and its copies. Values that assembler, legs and judge
// fill in turn; no logic of their own. Kept alive by Exchanges until every copy has ended, and by each coroutine that
// works on it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "diff/response.h"
#include "proxy/control/decisions.h"
#include "proxy/control/reasons.h"
#include "proxy/http/message.h"
#include "proxy/shadow/body_capture.h"
#include "proxy/shadow/request_body.h"
#include "proxy/shadow/world.h"
#include "proxy/tap/frame.h"

namespace understudy::shadow {

using control::Role;

class Leg;
struct Exchange;

// One side's answer while it comes in and when it is there.
struct Answer {
  enum class State : std::uint8_t { awaited, whole, failed, absent };  // absent: was not asked for
  explicit Answer(World& world) : body(world.settings, world.budget) {}

  State state = State::awaited;
  control::FailReason failure{};  // of State::failed
  bool aborted = false;     // a warm connection was ended without an answer, and this is the answer to a second request
  diff::Response response;  // status 0: not even a head came
  BodyCapture body;
  // CLOCK_MONOTONIC: first octet of the request sent, response head there, last octet there; 0 = not yet.
  std::int64_t started_ns = 0;
  std::int64_t head_ns = 0;
  std::int64_t ended_ns = 0;
};

struct Copy {
  Copy(World& world, Exchange& its_exchange, control::Decisions::Index its_index)
      : exchange(its_exchange), index(its_index), candidate(world), secondary(world) {}

  Exchange& exchange;
  control::Decisions::Index index;
  bool decided = false;
  bool with_judge = false;  // waits in the judge's queue
  Answer candidate;
  Answer secondary;
  std::array<Leg*, 3> legs{};  // by Role: those that are under way

  Answer& answer_of(Role role) { return role == Role::candidate ? candidate : secondary; }
};

struct Exchange {
  Exchange(World& world, unsigned its_slot, std::uint64_t its_ordinal, tap::DecodedRequestHead head)
      : slot(its_slot),
        ordinal(its_ordinal),
        connection(head.connection),
        request(std::move(head.message)),
        body(world.loop, world.budget, world.settings.mirror.body),
        primary(world),
        charge(world.budget) {}

  unsigned slot;
  std::uint64_t ordinal;         // of the first copy, in its ring
  std::uint64_t connection;      // of the user
  http::RequestMessage request;  // as the primary was sent
  RequestBody body;
  Answer primary;
  std::vector<Copy> copies;  // made with the exchange, never grown later: legs point into it
  Charge charge;             // for what is not content
};

}  // namespace understudy::shadow
