// The slots of the tap: for each thread that a user plane has or had, its accounts and its ring. A generation of the
// user plane takes as many as it has threads and gives them back when it has ended; the next one goes on with their
// counters, so that no account is ever lost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "proxy/control/counters.h"
#include "proxy/supervisor/shared_page.h"

namespace understudy::supervisor {

class Slots {
 public:
  explicit Slots(control::ShadowAccounts& shadow) : shadow_(shadow) {}

  // Takes `count` slots with rings of `capacity` octets (of another capacity only where all max_slots are made). Empty:
  // not so many are free. Throws std::system_error where the kernel gives no memory.
  std::vector<unsigned> take(unsigned count, std::size_t capacity);
  // A dead or finished generation's slots: what it left open is published as lost (user_restart), as its successor
  // would have done.
  void give_back(const std::vector<unsigned>& slots);
  // Gives the memory of drained rings that nobody uses back to the machine.
  void trim();

  std::size_t count() const { return slots_.size(); }
  int writable(unsigned slot) const { return slots_[slot]->accounts.writable(); }
  int readable(unsigned slot) const { return slots_[slot]->accounts.readable(); }
  const control::UserAccounts& accounts(unsigned slot) const { return *slots_[slot]->accounts; }
  // By index, for the ledger.
  std::vector<const control::UserAccounts*> all_accounts() const;
  // Used or not: who reads the ledger needs the accounts of every slot there ever was.
  std::vector<unsigned> all() const;
  // How often user planes found the shadow plane's positions senseless.
  std::uint64_t times_corrupt() const;

 private:
  struct Slot {
    explicit Slot(std::size_t ring);
    SharedPage<control::UserAccounts> accounts;
    std::size_t capacity;
    bool used = true;
    bool holds_memory = true;  // the ring was written since its memory was last given back
  };
  bool drained(unsigned slot) const;

  control::ShadowAccounts& shadow_;
  std::vector<std::unique_ptr<Slot>> slots_;
};

// Ends every exchange that nobody will decide any more, claimed or not, as `shutdown`. To be called when no plane is
// left. Gives their number.
std::uint64_t settle_shutdown(control::ShadowAccounts& shadow, const std::vector<const control::UserAccounts*>& users);

}  // namespace understudy::supervisor
