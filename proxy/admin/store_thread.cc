#include "proxy/admin/store_thread.h"

#include <utility>

namespace understudy::admin {
namespace {

constexpr net::Milliseconds look_interval{1};

}  // namespace

net::Task<bool> StoreThread::carry_out(Job job, std::int64_t patience_ms) {
  const std::int64_t deadline_ns = net::Loop::clock_ns() + patience_ms * 1'000'000;
  while (thread_.is_busy()) {
    if (given_up_ || net::Loop::clock_ns() >= deadline_ns) co_return false;
    co_await loop_.sleep(look_interval);
  }
  if (given_up_) co_return false;
  const std::uint64_t number = ++jobs_;
  thread_.begin([this, job = std::move(job)] { job(reports_); });
  while (jobs_ == number && thread_.is_busy()) {
    if (given_up_ || net::Loop::clock_ns() >= deadline_ns) co_return false;
    co_await loop_.sleep(look_interval);
  }
  co_return true;
}

}  // namespace understudy::admin
