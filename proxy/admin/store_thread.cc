#include "proxy/admin/store_thread.h"

#include <utility>

namespace understudy::admin {
namespace {

constexpr net::Milliseconds look_interval{1};

}  // namespace

bool StoreThread::is_late(std::int64_t patience_ms) const {
  return net::Loop::clock_ns() - begun_ns_ >= patience_ms * 1'000'000;
}

net::Task<bool> StoreThread::carry_out(Job job, std::int64_t patience_ms) {
  while (thread_.is_busy()) {
    if (is_late(patience_ms)) co_return false;
    co_await loop_.sleep(look_interval);
  }
  begun_ns_ = net::Loop::clock_ns();
  const std::uint64_t number = ++jobs_;
  thread_.begin([this, job = std::move(job)] { job(reports_); });
  while (jobs_ == number && thread_.is_busy()) {
    if (is_late(patience_ms)) co_return false;
    co_await loop_.sleep(look_interval);
  }
  co_return true;
}

}  // namespace understudy::admin
