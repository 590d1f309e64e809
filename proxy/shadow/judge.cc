#include "proxy/shadow/judge.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>

#include "proxy/policy/random.h"
#include "proxy/shadow/exemplar.h"
#include "proxy/shadow/turn.h"
#include "proxy/shadow/wall_clock.h"

namespace understudy::shadow {
namespace {

// Of the processor. Longer than this the sockets and the switch do not wait, but for the one comparison at hand.
constexpr std::int64_t turn_ns = 1'000'000;

static_assert(diff::difference_class_count <= control::max_difference_classes);

double seconds_between(std::int64_t begin_ns, std::int64_t end_ns) {
  return begin_ns == 0 || end_ns < begin_ns ? -1.0 : static_cast<double>(end_ns - begin_ns) * 1e-9;
}

// The span of the exchange with all who were asked, on the clock that services read. Both clocks are read now: what the
// one of them was set by since the exchange is an error of the span.
diff::Occasion occasion_of(const Copy& copy) {
  diff::Occasion occasion{.head_only = copy.exchange.request.method == "HEAD"};
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  const std::array<const Answer*, 3> answers{&copy.exchange.primary, &copy.candidate, &copy.secondary};
  for (const Answer* answer : answers) {
    if (answer->started_ns != 0 && (begin_ns == 0 || answer->started_ns < begin_ns)) begin_ns = answer->started_ns;
    end_ns = std::max({end_ns, answer->head_ns, answer->ended_ns});
  }
  if (begin_ns == 0 || end_ns < begin_ns) return occasion;
  const std::int64_t monotonic_us = net::Loop::clock_ns() / 1000;
  const std::int64_t since_monotonic_us = unix_us() - monotonic_us;
  occasion.begin_us = since_monotonic_us + begin_ns / 1000;
  occasion.end_us = since_monotonic_us + end_ns / 1000;
  return occasion;
}

// As much of it as its endpoint is named by.
diff::Request request_of(const Exchange& exchange) {
  diff::Request request{exchange.request.method, exchange.request.target, {}};
  for (const http::OwnedField& field : exchange.request.fields) {
    if (http::equals_ignore_case(field.name, diff::naming_request_field))
      request.fields.push_back({field.name, field.value});
  }
  return request;
}

// The same for requests that ask the same.
std::uint64_t fingerprint_of(const Exchange& exchange) {
  const std::hash<std::string_view> hash;
  return policy::mix(policy::mix(hash(exchange.request.method) ^ exchange.body.hash()) ^ hash(exchange.request.target));
}

diff::Finding transport_finding(const Answer& primary, const Answer& other) {
  diff::Finding finding;
  finding.path = "status";
  finding.difference_class = diff::DifferenceClass::transport;
  finding.primary_value = std::to_string(primary.response.status);
  finding.other_value = control::fail_reason_names[static_cast<std::size_t>(other.failure)];
  return finding;
}

diff::Finding abort_finding() {
  return diff::finding_at(diff::connection_path, diff::DifferenceClass::aborted, "answered",
                          "ended without an answer, answered when asked again");
}

bool is_conditional(const http::RequestMessage& request) {
  return std::ranges::any_of(request.fields, [](const http::OwnedField& field) {
    return http::equals_ignore_case(field.name, "if-none-match") ||
           http::equals_ignore_case(field.name, "if-modified-since");
  });
}

// One side answered a conditional request with 304, the other with the content. Where the content came from the other
// side, nobody can tell whether it is another: validators (a new build's ETag) may differ for what is the same. Where
// production sent new content, the user would have kept the old one.
std::optional<std::vector<diff::Finding>> findings_of_condition(const http::RequestMessage& request, int status,
                                                                int other_status) {
  const bool is_kept = status == 200 && other_status == 304;
  const bool is_sent = status == 304 && other_status == 200;
  if ((!is_kept && !is_sent) || !is_conditional(request)) return std::nullopt;
  if (is_sent) return std::vector<diff::Finding>{};
  diff::Finding finding;
  finding.path = diff::whole_body_path;
  finding.difference_class = diff::DifferenceClass::body_changed;
  finding.primary_value = "200, new content";
  finding.other_value = "304, not modified";
  return std::vector{std::move(finding)};
}

// More at once than we play, a candidate that was too slow or was spared, what the tap or the memory of the user plane
// had no room for. No doing of the mirror: users gave up, somebody turned the switch, the program ends or starts anew.
bool is_our_doing(control::DropReason reason) {
  using control::DropReason;
  switch (reason) {
    case DropReason::in_flight_limit:
    case DropReason::lagging:
    case DropReason::breaker_open:
    case DropReason::gave_up:
    case DropReason::tap_full:
    case DropReason::tap_corrupt:
    case DropReason::memory:
      return true;
    case DropReason::shadow_restart:
    case DropReason::user_restart:
    case DropReason::reload:
    case DropReason::client_aborted:
    case DropReason::switched_off:
    case DropReason::shutdown:
      break;
  }
  return false;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return text;
}

// Beside these, nothing of what may be below can be seen.
bool hides_the_rest(const diff::Finding& finding) {
  return finding.difference_class == diff::DifferenceClass::content_type ||
         finding.difference_class == diff::DifferenceClass::parse_failed;
}

bool is_settled(const Answer& answer) {
  return answer.state != Answer::State::awaited;
}

}  // namespace

Judge::Judge(World& world, Exchanges& exchanges, Snapshots& snapshots)
    : world_(world),
      exchanges_(exchanges),
      snapshots_(snapshots),
      namer_(snapshots.namer()),
      evidence_(snapshots.evidence()),
      writer_(snapshots.writer()),
      comparer_(world.settings.diff),
      redaction_(world.settings.store.redact),
      version_path_("header:" + lower(world.settings.candidate.version_header)),
      work_(world.loop) {
  exchanges.listen(*this);
}

void Judge::offer(const std::shared_ptr<Exchange>& exchange, Copy& copy) {
  const bool is_complete = is_settled(exchange->primary) && is_settled(copy.candidate) && is_settled(copy.secondary);
  if (!is_complete || copy.decided || copy.with_judge) return;
  copy.with_judge = true;
  queue_.push_back({exchange, &copy});
  work_.notify_all();
}

// Named by as much as is known by now: a response that would name the endpoint may be still to come.
void Judge::copy_ended(const Copy& copy, control::Outcome outcome) {
  const std::optional<control::DropReason> reason = control::drop_reason_of(outcome);
  if (!reason || !is_our_doing(*reason)) return;
  const Exchange& exchange = copy.exchange;
  snapshots_.record_not_compared(namer_.name(request_of(exchange), exchange.primary.response.fields));
}

net::Task<void> Judge::run() {
  while (!stopped_) {
    if (queue_.empty() || snapshots_.is_switching()) {
      co_await work_.wait();
      continue;
    }
    judge_for_a_turn();
    co_await world_.loop.yield();
  }
}

void Judge::judge_for_a_turn() {
  const Turn turn(world_.accounts);
  do {
    const Case next = std::move(queue_.front());
    queue_.pop_front();
    if (!next.copy->decided) judge(*next.copy);
  } while (!queue_.empty() && !snapshots_.is_switching() && turn.taken_ns() < turn_ns);
}

void Judge::stop() {
  stopped_ = true;
  work_.notify_all();
}

void Judge::judge(Copy& copy) {
  const Exchange& exchange = copy.exchange;
  const Answer& primary = exchange.primary;
  const bool primary_whole = primary.state == Answer::State::whole;
  const bool candidate_whole = copy.candidate.state == Answer::State::whole;

  const std::string_view endpoint = namer_.name(request_of(exchange), primary.response.fields);
  std::vector<diff::Finding> by_candidate, by_secondary;
  if (primary_whole) {
    const diff::Occasion occasion = occasion_of(copy);
    enumerations_.learn(endpoint, primary.response);
    by_candidate = findings_of(exchange, copy.candidate, occasion, endpoint);
    if (copy.secondary.state != Answer::State::absent)
      by_secondary = findings_of(exchange, copy.secondary, occasion, endpoint);
  }
  for (const diff::Finding& finding : by_candidate) {
    control::add(world_.accounts.differences[static_cast<std::size_t>(finding.difference_class)]);
  }

  diff::Observation observation;
  observation.endpoint = endpoint;
  observation.fingerprint = fingerprint_of(exchange);
  observation.time_us = unix_us();
  observation.exchange_id = next_exchange_id(observation.time_us);
  observation.primary_failed = !primary_whole;
  observation.primary_aborted = primary.aborted && candidate_whole && !copy.candidate.aborted;
  observation.candidate = by_candidate;
  if (primary_whole && copy.secondary.state != Answer::State::absent) observation.secondary = by_secondary;
  observation.latency_s = {seconds_between(primary.started_ns, primary.head_ns),
                           seconds_between(copy.candidate.started_ns, copy.candidate.head_ns),
                           seconds_between(copy.secondary.started_ns, copy.secondary.head_ns)};
  // Where both failed, there is nothing that tells the candidate from production.
  const bool is_evidence = snapshots_.admits(exchange, copy) && (primary_whole || candidate_whole);
  observation.awaits_confirmation = confirmations_ != nullptr;
  const bool is_exemplary = is_evidence && evidence_.record(observation);
  if (evidence_.awaits(observation.exchange_id)) {
    if (confirmations_->accepts(exchange)) {
      confirmations_->ask_later(observation.exchange_id, exchange, copy, endpoint);
    } else {
      not_asked_again(observation.exchange_id);
    }
  }

  if (!primary_whole) {
    exchanges_.end(copy, control::failed(Role::primary, primary.failure));
  } else if (!candidate_whole) {
    exchanges_.end(copy, control::failed(Role::candidate, copy.candidate.failure));
  } else {
    exchanges_.end(copy, by_candidate.empty() ? control::outcome_matched : control::outcome_differed);
  }
  if (is_exemplary && writer_) {
    writer_->keep(make_exemplar(copy, observation, redaction_, std::move(by_candidate), std::move(by_secondary)));
  }
}

void Judge::asked_again(std::uint64_t exchange_id, const Exchange& exchange, const Copy& copy,
                        std::string_view endpoint) {
  const Turn turn(world_.accounts);
  if (!snapshots_.is_of_build(copy)) return not_asked_again(exchange_id);
  const std::vector<diff::Finding> again = findings_of(exchange, copy.candidate, occasion_of(copy), endpoint);
  if (std::ranges::any_of(again, hides_the_rest)) return not_asked_again(exchange_id);
  const std::optional<diff::Signs> differences = evidence_.confirm(exchange_id, again);
  if (!differences) return not_asked_again(exchange_id);
  snapshots_.note_confirmation();
  count(differences->b != 0 ? control::Confirmed::still : control::Confirmed::gone);
}

void Judge::not_asked_again(std::uint64_t exchange_id) {
  evidence_.give_up(exchange_id);
  count(control::Confirmed::given_up);
}

void Judge::count(control::Confirmed result) {
  control::add(world_.accounts.confirmations[static_cast<std::size_t>(result)]);
}

// Of candidate or secondary against the primary; values that must not be stored are hidden already.
std::vector<diff::Finding> Judge::findings_of(const Exchange& exchange, const Answer& answer,
                                              const diff::Occasion& occasion, std::string_view endpoint) {
  if (answer.state == Answer::State::failed) return {transport_finding(exchange.primary, answer)};
  std::vector<diff::Finding> findings = compare(exchange, answer, occasion, endpoint);
  if (answer.aborted && !exchange.primary.aborted) findings.push_back(abort_finding());
  return findings;
}

std::vector<diff::Finding> Judge::compare(const Exchange& exchange, const Answer& answer,
                                          const diff::Occasion& occasion, std::string_view endpoint) {
  if (auto findings =
          findings_of_condition(exchange.request, exchange.primary.response.status, answer.response.status)) {
    return *std::move(findings);
  }
  std::vector<diff::Finding> findings = comparer_.compare(exchange.primary.response, answer.response, occasion);
  // What names the build differs between builds.
  std::erase_if(findings, [&](const diff::Finding& finding) { return finding.path == version_path_; });
  enumerations_.reclassify(endpoint, findings);
  for (diff::Finding& finding : findings) hide_secrets(finding, redaction_);
  return findings;
}

// Unique over restarts, because time goes on; exact in JSON, because it is below 2^53.
std::uint64_t Judge::next_exchange_id(std::int64_t now_us) {
  last_exchange_id_ = std::max(last_exchange_id_ + 1, static_cast<std::uint64_t>(now_us));
  return last_exchange_id_;
}

}  // namespace understudy::shadow
