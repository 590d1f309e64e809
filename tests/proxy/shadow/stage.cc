#include "tests/proxy/shadow/stage.h"

#include <unistd.h>

#include <cstring>

namespace understudy::shadow {
namespace {

constexpr std::size_t ring_octets = 4u << 20;
constexpr std::int64_t patience_ns = 30'000'000'000;  // a test that waits longer has failed

// Views into `pairs`.
std::vector<http::Field> to_fields(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::vector<http::Field> fields;
  for (const auto& [name, value] : pairs) fields.push_back({name, value, http::classify_field(name), false});
  return fields;
}

}  // namespace

Stage::Stage()
    : accounts_fd_(control::create_shared_memory("shadow_test", sizeof(control::ShadowAccounts))),
      slot_fd_(control::create_shared_memory("slot_test", tap::slot_memory_size(tap::ring_capacity(ring_octets)))),
      accounts_(
          std::make_unique<control::Shared<control::ShadowAccounts>>(accounts_fd_, control::Mapping::Access::write)) {
  writer_ = std::make_unique<tap::RingWriter>(slot_fd_, accounts().readers[0]);
  settings.store.path = "";
  settings.candidate.url = candidate.url();
  settings.candidate.configured = true;
  settings.candidate.deadline = Milliseconds{5'000};
  settings.primary.url.text = "http://primary.example";
}

void Stage::use_secondary() {
  settings.secondary = settings.candidate;
  settings.secondary.url = secondary.url();
}

void Stage::use_production_as_secondary() {
  use_secondary();
  settings.primary.url = secondary.url();
  settings.secondary.repeats_production = true;
}

std::uint64_t Stage::tell_head(const Told& told) {
  const std::vector<http::Field> fields = to_fields(told.request_fields);
  tap::RequestHeadParts parts;
  parts.connection = told.connection;
  parts.copies = told.copies;
  parts.framing = told.framing;
  parts.content_length = told.framing == http::Framing::content_length ? told.request_body.size() : 0;
  parts.method = told.method;
  parts.scheme = "http";
  parts.authority = "shop.example";
  parts.target = told.target;
  parts.fields = fields;
  std::uint64_t exchange = 0;
  EXPECT_TRUE(writer_->open(parts, net::Loop::clock_ns(), exchange));
  return exchange;
}

void Stage::tell_piece(std::uint64_t exchange, tap::FrameType type, std::string_view piece) {
  EXPECT_TRUE(writer_->offer(exchange, type, std::as_bytes(std::span(piece)), net::Loop::clock_ns()));
}

void Stage::tell_request(std::uint64_t exchange, const Told& told) {
  if (!told.request_body.empty()) tell_piece(exchange, tap::FrameType::request_body, told.request_body);
  if (told.framing != http::Framing::none) tell_piece(exchange, tap::FrameType::request_end, "");
}

void Stage::tell_response(std::uint64_t exchange, const Told& told) {
  const std::vector<http::Field> fields = to_fields(told.fields);
  const tap::ResponseHeadParts head{told.status, fields};
  EXPECT_TRUE(writer_->offer(exchange, head, net::Loop::clock_ns()));
  constexpr std::size_t piece = 64 * 1024;
  for (std::size_t at = 0; at < told.body.size(); at += piece) {
    tell_piece(exchange, tap::FrameType::response_body, std::string_view(told.body).substr(at, piece));
  }
  writer_->end(exchange, net::Loop::clock_ns(), told.primary_aborted);
}

void Stage::tell(const Told& told) {
  const std::uint64_t exchange = tell_head(told);
  tell_request(exchange, told);
  tell_response(exchange, told);
}

void Stage::restart_user_plane() {
  writer_ = std::make_unique<tap::RingWriter>(slot_fd_, accounts().readers[0]);
}

void Stage::read_frames(const std::function<bool(const tap::FrameView&, tap::RingReader&)>& step) {
  tap::RingReader ring(slot_fd_, accounts().readers[0]);
  tap::FrameView frame;
  while (ring.peek(frame) == tap::RingReader::State::frame && step(frame, ring)) {
  }
}

void Stage::corrupt_next_frame() {
  const control::Mapping data(slot_fd_, tap::data_offset, sizeof(tap::FrameHeader), control::Mapping::Access::write);
  std::memset(data.data(), 0xff, sizeof(tap::FrameHeader));
}

diff::EndpointCounters Stage::seen_of(std::string_view endpoint) const {
  for (const diff::EndpointRow& row : evidence_.endpoints) {
    if (row.endpoint == endpoint) return row.counters;
  }
  return {};
}

void Stage::when(std::function<bool()> condition, std::function<void()> action) {
  steps_.push_back({std::move(condition), std::move(action)});
}

void Stage::run(Ending ending) {
  run(ending, false);
}
void Stage::run_and_end_at_once(Ending ending) {
  run(ending, true);
}

void Stage::run(Ending ending, bool at_once) {
  net::Loop loop;
  candidate.serve(loop);
  secondary.serve(loop);
  std::vector<Reader::Slot> slots;
  slots.push_back({0, std::make_unique<tap::RingReader>(slot_fd_, accounts().readers[0])});
  ShadowPlane plane(loop, settings, accounts(), *control_, std::move(slots), 7);
  plane_ = &plane;
  loop.spawn(direct(&loop, ending, at_once));
  loop.run();
  evidence_ = plane.evidence().rows();
  plane_ = nullptr;
  steps_.clear();
  if (ending == Ending::abandoned) return;
  EXPECT_TRUE(ledger().balanced()) << control::to_json(ledger());
  if (ending == Ending::shutdown) {
    EXPECT_EQ(ledger().in_flight, 0u) << control::to_json(ledger());
  }
}

net::Task<void> Stage::direct(net::Loop* loop, Ending ending, bool at_once) {
  const std::int64_t give_up_ns = net::Loop::clock_ns() + patience_ns;
  constexpr std::chrono::milliseconds pause{1};
  for (const Step& step : steps_) {
    while (!step.condition() && net::Loop::clock_ns() < give_up_ns) {
      co_await loop->sleep(pause);
    }
    step.action();
  }
  while (!at_once && ledger().in_flight != 0 && net::Loop::clock_ns() < give_up_ns) {
    co_await loop->sleep(pause);
  }
  EXPECT_LT(net::Loop::clock_ns(), give_up_ns)
      << "what the test waits for has not come: " << control::to_json(ledger());
  plane_->begin_end(ending);
  while (!plane_->ended()) {
    co_await loop->sleep(pause);
  }
  candidate.stop();
  secondary.stop();
}

}  // namespace understudy::shadow
