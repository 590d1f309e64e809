// What needs the store is done on a thread beside the loop: a disk that hangs, or evidence that takes long to judge,
// holds up who asks for it and nobody else. One thing at a time. Used on the loop's thread.
#pragma once

#include <cstdint>
#include <functional>

#include "proxy/admin/reports.h"
#include "proxy/net/loop.h"
#include "proxy/net/side_thread.h"
#include "proxy/net/task.h"

namespace understudy::admin {

class StoreThread {
 public:
  using Job = std::function<void(Reports&)>;

  // Both outlive it.
  StoreThread(net::Loop& loop, const Settings& settings) : loop_(loop), reports_(settings) {}

  // True: the job is done. False: it is not after `patience_ms`, those before it included, or nobody waits any more;
  // then it is done later, or never. So it owns what it writes to.
  net::Task<bool> carry_out(Job job, std::int64_t patience_ms);
  // The plane ends: nothing is begun, and nothing waited for.
  void give_up() { given_up_ = true; }

  bool is_busy() const { return thread_.is_busy(); }
  // For what is answered without the store: nothing of it may be called.
  Reports& reports() { return reports_; }

 private:
  net::Loop& loop_;
  Reports reports_;  // the job's while there is one
  bool given_up_ = false;
  std::uint64_t jobs_ = 0;  // begun
  net::SideThread thread_;  // last: what it works on outlives it
};

}  // namespace understudy::admin
