#include "proxy/shadow/assembler.h"

#include <algorithm>

#include "proxy/shadow/leg.h"

namespace understudy::shadow {

using control::DropReason;

namespace {

std::string_view text_of(const tap::FrameView& frame) {
  return {reinterpret_cast<const char*>(frame.payload.data()), frame.payload.size()};
}

std::vector<diff::Field> to_diff_fields(std::vector<http::OwnedField> fields) {
  std::vector<diff::Field> converted;
  converted.reserve(fields.size());
  for (http::OwnedField& field : fields) converted.push_back({std::move(field.name), std::move(field.value)});
  return converted;
}

bool take_response_head(Answer& primary, const tap::FrameView& frame) {
  http::ResponseMessage head;
  if (primary.response.status != 0 || !tap::decode(frame.payload, head)) return false;
  primary.response.status = head.status;
  primary.response.fields = to_diff_fields(std::move(head.fields));
  primary.head_ns = frame.time_ns;
  return true;
}

bool take_trailers(Answer& primary, const tap::FrameView& frame) {
  std::vector<http::OwnedField> trailers;
  if (!tap::decode_trailers(frame.payload, trailers)) return false;
  primary.response.trailers = to_diff_fields(std::move(trailers));
  return true;
}

}  // namespace

void Assembler::take(unsigned slot, const tap::FrameView& frame) {
  if (frame.type == tap::FrameType::restart) return exchanges_.end_slot(slot, DropReason::user_restart);
  if (frame.type == tap::FrameType::end) note_production(frame);
  const std::shared_ptr<Exchange> exchange = exchanges_.find(slot, frame.exchange);
  if (!exchange) return;
  const bool makes_sense = exchange->primary.state == Answer::State::awaited && take_part(*exchange, frame);
  if (!makes_sense) return exchanges_.end_copies(*exchange, control::dropped(DropReason::tap_corrupt));
  for (Copy& copy : exchange->copies) judge_.offer(exchange, copy);
}

// Also of exchanges whose copies have all ended: those of a candidate that refuses every connection do so at once.
void Assembler::note_production(const tap::FrameView& frame) {
  tap::EndPayload end;
  if (tap::decode(frame.payload, end) && !end.primary_failed) world_.production_answered_ns = net::Loop::clock_ns();
}

bool Assembler::outruns_candidate(unsigned slot, const tap::FrameView& frame) const {
  if (frame.type != tap::FrameType::request_body) return false;
  const std::shared_ptr<Exchange> exchange = exchanges_.find(slot, frame.exchange);
  if (!exchange) return false;
  const std::size_t kept = exchange->body.first_piece_after(frame.payload.size());
  if (kept == exchange->body.first_piece()) return false;
  return std::any_of(exchange->copies.begin(), exchange->copies.end(), [kept](const Copy& copy) {
    const Leg* candidate = copy.legs[static_cast<std::size_t>(Role::candidate)];
    const bool is_to_start = !candidate && !copy.decided && copy.candidate.state == Answer::State::awaited;
    return is_to_start || (candidate && candidate->needs_before(kept));
  });
}

// False: nonsense.
bool Assembler::take_part(Exchange& exchange, const tap::FrameView& frame) {
  Answer& primary = exchange.primary;
  switch (frame.type) {
    case tap::FrameType::request_body:
      return take_request_body(exchange, text_of(frame));
    case tap::FrameType::request_end:
      if (exchange.request.framing == http::Framing::content_length &&
          exchange.body.size() != exchange.request.content_length) {
        return false;
      }
      exchange.body.finish();
      return true;
    case tap::FrameType::response_head:
      return take_response_head(primary, frame);
    case tap::FrameType::response_body:
      if (primary.response.status == 0) return false;
      if (!primary.body.append(text_of(frame), primary.response)) {
        exchanges_.end_copies(exchange, control::dropped(DropReason::in_flight_limit));
      }
      return true;
    case tap::FrameType::trailers:
      return primary.response.status != 0 && take_trailers(primary, frame);
    case tap::FrameType::end:
      return take_end(exchange, frame);
    case tap::FrameType::abandon: {
      tap::AbandonPayload abandon;
      if (!tap::decode(frame.payload, abandon)) return false;
      exchanges_.end_copies(exchange, control::dropped(abandon.reason));
      return true;
    }
    case tap::FrameType::request_head:
    case tap::FrameType::restart:
      break;
  }
  return false;
}

bool Assembler::take_request_body(Exchange& exchange, std::string_view piece) {
  const http::RequestMessage& request = exchange.request;
  if (exchange.body.state() != RequestBody::State::growing) return false;
  if (request.framing == http::Framing::content_length &&
      piece.size() > request.content_length - exchange.body.size()) {
    return false;
  }
  exchange.body.append(piece);
  give_up_laggards(exchange);
  return true;
}

void Assembler::give_up_laggards(Exchange& exchange) {
  for (Copy& copy : exchange.copies) {
    const Leg* candidate = copy.legs[static_cast<std::size_t>(Role::candidate)];
    Leg* secondary = copy.legs[static_cast<std::size_t>(Role::secondary)];
    if (candidate && candidate->lags()) exchanges_.end(copy, control::dropped(DropReason::lagging));
    if (secondary && secondary->lags()) secondary->cancel();
  }
}

bool Assembler::take_end(Exchange& exchange, const tap::FrameView& frame) {
  tap::EndPayload end;
  Answer& primary = exchange.primary;
  if (!tap::decode(frame.payload, end)) return false;
  if (!end.primary_failed && primary.response.status == 0) return false;
  primary.state = end.primary_failed ? Answer::State::failed : Answer::State::whole;
  primary.failure = end.reason;
  primary.aborted = end.primary_aborted != 0;
  primary.ended_ns = frame.time_ns;
  primary.body.finish(false, primary.response);
  // The primary answered before it had the whole request: nobody will get more of it.
  exchange.body.cut();
  return true;
}

}  // namespace understudy::shadow
