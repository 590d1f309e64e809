#include "proxy/admin/accounts.h"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <limits>

#include "proxy/control/run_name.h"
#include "proxy/net/loop.h"
#include "proxy/store/run_info.h"

namespace understudy::admin {
namespace {

using control::get;
using control::Mapping;

constexpr double micros = 1e6;

void add_fails(FailCounts& counts, const control::FailCounters& counters) {
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += get(counters[i]);
}

int pid_in(const control::Counter& counter) {
  const std::uint64_t pid = get(counter);
  return pid <= static_cast<std::uint64_t>(std::numeric_limits<int>::max()) ? static_cast<int>(pid) : 0;
}

std::int64_t time_in(const control::Counter& counter) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(get(counter), std::numeric_limits<std::int64_t>::max()));
}

UpstreamHealth health_in(const control::UpstreamHealth& account) {
  UpstreamHealth health;
  health.silent_since_us = time_in(account.silent_since_us);
  health.answered_us = time_in(account.answered_us);
  const std::uint64_t failure = get(account.failure);
  if (failure != 0 && failure <= control::fail_reason_names.size()) {
    health.failure = static_cast<control::FailReason>(failure - 1);
  }
  health.breaker_open = get(account.breaker_open) != 0;
  return health;
}

// Closed first: what ends in between is missed, never counted below zero.
std::uint64_t still_open(const control::Counter& opened, const control::Counter& closed) {
  const std::uint64_t gone = get(closed);
  const std::uint64_t all = get(opened);
  return all > gone ? all - gone : 0;
}

}  // namespace

Accounts::Accounts(const PlaneResources& resources)
    : shadow_(resources.shadow_accounts_fd, Mapping::Access::read),
      supervisor_(resources.supervisor_accounts_fd, Mapping::Access::read),
      switch_(resources.switch_fd, Mapping::Access::write) {
  for (const int fd : resources.slot_fds) {
    auto& slot = slots_.emplace_back();
    if (fd >= 0)
      slot.emplace(control::Shared<const control::UserAccounts>(fd, Mapping::Access::read),
                   control::size_of_memory(fd));
    users_.push_back(slot ? slot->accounts.get() : nullptr);
  }
}

Observed Accounts::observe() const {
  Observed observed;
  observed.now_ms = net::Loop::clock_ns() / 1'000'000;
  observed.now_us =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  observed.ledger = control::read_ledger(users_, *shadow_, true);
  observed.ledger_of_run = control::read_ledger(users_, *shadow_, false);
  read_users(observed);
  read_shadow(observed);
  read_supervisor(observed);
  read_switch(observed);
  return observed;
}

void Accounts::read_users(Observed& observed) const {
  constexpr auto primary = static_cast<std::size_t>(control::Role::primary);
  for (std::size_t index = 0; index < slots_.size(); ++index) {
    if (!slots_[index]) continue;
    const control::UserAccounts& user = *slots_[index]->accounts;
    for (std::size_t i = 0; i < observed.requests.size(); ++i) observed.requests[i] += get(user.requests[i]);
    observed.duration += user.duration;
    observed.mirrored_duration += user.mirrored_duration;
    observed.random_heldout_duration += user.random_heldout_duration;
    observed.window_heldout_duration += user.window_heldout_duration;
    observed.upstream_duration[primary] += user.primary_duration;
    add_fails(observed.upstream_errors[primary], user.primary_errors);
    observed.log_dropped += get(user.log_dropped);
    observed.recv_calls += get(user.recv_calls);
    observed.send_calls += get(user.send_calls);
    observed.again_calls += get(user.again_calls);
    observed.connections += still_open(user.connections_opened, user.connections_closed);
    observed.tunnels += still_open(user.tunnels_opened, user.tunnels_closed);
    observed.tunnels_opened += get(user.tunnels_opened);
    observed.connections_refused += get(user.connections_refused);
    observed.primary_set_aside += get(user.primary_set_aside);
    observed.primary_reclaimed += get(user.primary_reclaimed);
    observed.upstream_repeated[primary] += get(user.primary_repeated);
    observed.primary_connected_ms = std::max(observed.primary_connected_ms, time_in(user.primary_connected_ms));
    observed.primary_refused_ms = std::max(observed.primary_refused_ms, time_in(user.primary_refused_ms));
    if (index >= control::max_slots) continue;
    const std::uint64_t released = get(shadow_->readers[index].released), published = get(user.position);
    if (published > released) observed.tap_octets += std::min(published - released, slots_[index]->octets);
  }
}

void Accounts::read_shadow(Observed& observed) const {
  const control::ShadowAccounts& shadow = *shadow_;
  for (const control::Role role : {control::Role::candidate, control::Role::secondary}) {
    const auto index = static_cast<std::size_t>(role);
    observed.upstream_duration[index] += shadow.upstream_duration[index];
    add_fails(observed.upstream_errors[index], shadow.upstream_errors[index]);
    observed.upstream_repeated[index] += get(shadow.upstream_repeated[index]);
    observed.health[index] = health_in(shadow.health[index]);
  }
  observed.candidate_returns = get(shadow.candidate_returns);
  for (std::size_t i = 0; i < observed.differences.size(); ++i) observed.differences[i] = get(shadow.differences[i]);
  observed.evidence_lost = get(shadow.evidence_lost);
  observed.evidence_skipped = get(shadow.evidence_skipped);
  observed.run = control::current_run(shadow);
  if (!store::is_run_name(observed.run)) observed.run.clear();
  observed.instance = get(shadow.instance);
  observed.switch_seen = get(shadow.switch_seen);
  observed.store_errors = get(shadow.store_errors);
  observed.exemplars_lost = get(shadow.exemplars_lost);
  observed.longest_turn_us = get(shadow.longest_turn_us);
  for (std::size_t i = 0; i < observed.confirmations.size(); ++i)
    observed.confirmations[i] = get(shadow.confirmations[i]);
}

void Accounts::read_supervisor(Observed& observed) const {
  for (std::size_t i = 0; i < observed.pids.size(); ++i) {
    observed.restarts[i] = get(supervisor_->restarts[i]);
    observed.pids[i] = pid_in(supervisor_->pids[i]);
  }
  observed.last_reload_successful = get(supervisor_->last_reload_successful) != 0;
  observed.draining = get(supervisor_->draining) != 0;
}

void Accounts::read_switch(Observed& observed) const {
  observed.enabled_set = get(switch_->enabled_set) != 0;
  observed.enabled = get(switch_->off) == 0;
  observed.percent_set = get(switch_->percent_set) != 0;
  observed.percent = static_cast<double>(get(switch_->percent_micros)) / micros;
}

std::uint64_t Accounts::change(const SwitchChange& change) {
  // The generation last: who sees it sees what stands before it.
  if (change.percent) {
    switch_->percent_micros.store(static_cast<std::uint64_t>(std::llround(*change.percent * micros)),
                                  std::memory_order_relaxed);
    switch_->percent_set.store(1, std::memory_order_relaxed);
  }
  if (change.enabled) {
    switch_->off.store(*change.enabled ? 0 : 1, std::memory_order_relaxed);
    switch_->enabled_set.store(1, std::memory_order_relaxed);
  }
  const std::uint64_t generation = get(switch_->generation) + 1;
  switch_->generation.store(generation, std::memory_order_release);
  return generation;
}

bool Accounts::is_seen(std::uint64_t generation) const {
  return shadow_->switch_seen.load(std::memory_order_acquire) >= generation;
}

std::uint64_t Accounts::request_run(std::string_view name) {
  return control::request_run(*switch_, name);
}

bool Accounts::is_run_open(std::uint64_t generation) const {
  return shadow_->run_seen.load(std::memory_order_acquire) >= generation;
}

bool Accounts::every_run_is_open() const {
  return is_run_open(get(switch_->run_generation));
}

bool Accounts::shadow_lives() const {
  return is_alive(pid_in(supervisor_->pids[static_cast<std::size_t>(control::Plane::shadow)]));
}

bool is_alive(int pid) {
  return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
}

}  // namespace understudy::admin
