// The evidence, and its way into the store and back: goes on from what earlier runs left, writes what has changed about
// once a second. The disk is waited for by a thread beside the loop. Owned by ShadowPlane; the judge records into it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "diff/endpoint/namer.h"
#include "diff/evidence/evidence.h"
#include "proxy/control/ledger.h"
#include "proxy/shadow/side_thread.h"
#include "proxy/shadow/world.h"
#include "proxy/store/writer.h"

namespace understudy::shadow {

class Snapshots {
 public:
  // `users`: the accounts of every slot, by slot number, null where there is none.
  Snapshots(World& world, std::vector<const control::UserAccounts*> users);

  // Opens the store, if one is configured, and goes on from what it holds; one that cannot be opened is tried again
  // with every write(). Call once, before anything is recorded. Blocks for the time of the disk.
  void restore();

  diff::Evidence& evidence() { return evidence_; }
  diff::EndpointNamer& namer() { return namer_; }
  store::Writer* writer() { return writer_ ? &*writer_ : nullptr; }

  // Begins to write a snapshot if anything has changed since the last one, and the disk has taken that.
  void write();
  // … and waits for the disk.
  void write_last();

 private:
  enum class Job : std::uint8_t { none, open, write };
  void begin(Job job, std::function<std::optional<std::string>()> work);
  void begin_to_open();
  void begin_to_write(const control::Ledger& now);
  void finish_job();
  void take_outcome();
  void settle_lost_evidence();
  void report(const std::string& error);
  void judge(const control::Ledger& ledger);
  void count_lost_exemplars();
  control::Ledger ledger(bool with_base) const { return control::read_ledger(users_, world_.accounts, with_base); }

  World& world_;
  std::vector<const control::UserAccounts*> users_;
  diff::Evidence evidence_;
  diff::EndpointNamer namer_;
  std::optional<store::Writer> writer_;
  control::Ledger written_;  // of the last snapshot
  control::Ledger writing_;  // of that which is under way
  bool is_open_ = false;
  bool written_once_ = false;
  std::uint64_t judged_ = ~std::uint64_t{0};  // exchanges that the last verdict was made from
  std::string last_error_;
  std::uint64_t exemplars_lost_ = 0;  // … that are counted
  // What the thread is at, and what it leaves.
  Job job_ = Job::none;
  std::optional<std::string> error_;
  store::Restored earlier_;
  SideThread thread_;
};

}  // namespace understudy::shadow
