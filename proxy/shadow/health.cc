#include "proxy/shadow/health.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>

namespace understudy::shadow {

using policy::Presence;

namespace {

std::int64_t unix_us_of(std::int64_t steady_ns) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  const std::int64_t now_us = std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
  return now_us - (net::Loop::clock_ns() - steady_ns) / 1000;
}

void store(control::Counter& counter, std::int64_t value) {
  counter.store(static_cast<std::uint64_t>(value), std::memory_order_relaxed);
}

void forget_answers(control::UpstreamHealth& account) {
  for (control::Counter* counter :
       {&account.silent_since_us, &account.answered_us, &account.failure, &account.breaker_open}) {
    store(*counter, 0);
  }
}

std::string time_of(std::int64_t unix_us) {
  const std::time_t seconds = unix_us / 1'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace

Health::Health(World& world, control::Role role, const Url& url)
    : world_(world), role_(role), url_(url), account_(world.accounts.health[static_cast<std::size_t>(role)]) {
  if (control::get(account_.away_since_us) != 0) presence_.refused(net::Loop::clock_ns());
  forget_answers(account_);
}

void Health::forget(World& world, control::Role role) {
  control::UpstreamHealth& account = world.accounts.health[static_cast<std::size_t>(role)];
  forget_answers(account);
  store(account.away_since_us, 0);
}

void Health::tried() {
  presence_.tried(net::Loop::clock_ns());
}

void Health::failed(control::FailReason reason) {
  presence_.ended(Presence::End::failed);
  store(account_.failure, static_cast<std::int64_t>(reason) + 1);
}

void Health::heard(std::int64_t connected_ns) {
  heard_ns_ = net::Loop::clock_ns();
  const bool is_back = presence_.heard(heard_ns_, connected_ns);
  store(account_.silent_since_us, 0);
  store(account_.failure, 0);
  if (!is_back) return;
  store(account_.away_since_us, 0);
  if (role_ == control::Role::candidate) control::add(world_.accounts.candidate_returns);
  if (on_returned_) on_returned_();
}

void Health::refused() {
  const std::int64_t now_ns = net::Loop::clock_ns();
  if (!presence_.is_away()) store(account_.away_since_us, unix_us_of(now_ns));
  presence_.refused(now_ns);
}

void Health::tick(bool breaker_is_open) {
  store(account_.breaker_open, breaker_is_open ? 1 : 0);
  if (heard_ns_ != 0) store(account_.answered_us, unix_us_of(std::exchange(heard_ns_, 0)));
  const Presence::News news = presence_.look(net::Loop::clock_ns(), world_.production_answered_ns);
  if (presence_.is_silent() && control::get(account_.silent_since_us) == 0) {
    store(account_.silent_since_us, unix_us_of(presence_.silent_since_ns()));
  }
  if (news != Presence::News::none) tell(news);
}

// "us-shadow: candidate http://127.0.0.1:9002: connection refused since 2026-11-30T21:56:46Z, 12 copies failed"
void Health::tell(Presence::News news) const {
  std::string line =
      "us-shadow: " + std::string(control::role_names[static_cast<std::size_t>(role_)]) + ' ' + url_.text;
  if (news == Presence::News::fell_silent) {
    const std::uint64_t failure = control::get(account_.failure);
    line.append(": ").append(failure == 0 ? "no answer" : control::fail_reason_words.at(failure - 1));
    line += " since " + time_of(static_cast<std::int64_t>(control::get(account_.silent_since_us)));
    if (presence_.failures() != 0) line += ", " + std::to_string(presence_.failures()) + " copies failed";
  } else {
    line += ": answers again after " + std::to_string(presence_.last_silence_ns() / 1'000'000'000) + " s";
  }
  std::fprintf(stderr, "%s\n", line.c_str());
}

}  // namespace understudy::shadow
