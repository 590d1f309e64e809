// The evidence, and its way into the store and back: goes on from what earlier runs left, writes what has changed about
// once a second. Owned by ShadowPlane; the judge records into it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "diff/endpoint/namer.h"
#include "diff/evidence/evidence.h"
#include "proxy/control/ledger.h"
#include "proxy/shadow/world.h"
#include "proxy/store/writer.h"

namespace understudy::shadow {

class Snapshots {
 public:
  // `users`: the accounts of every slot, by slot number, null where there is none.
  Snapshots(World& world, std::vector<const control::UserAccounts*> users);

  // Opens the store, if one is configured, and goes on from what it holds; one that cannot be opened is tried again
  // with every write(). Call once, before anything is recorded.
  void restore();

  diff::Evidence& evidence() { return evidence_; }
  diff::EndpointNamer& namer() { return namer_; }
  store::Writer* writer() { return writer_ ? &*writer_ : nullptr; }

  // Writes a snapshot if anything has changed since the last one. Blocks for the time of the disk.
  void write();

 private:
  void open();
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
  bool is_open_ = false;
  bool written_once_ = false;
  std::uint64_t judged_ = ~std::uint64_t{0};  // exchanges that the last verdict was made from
  std::string last_error_;
  std::uint64_t exemplars_lost_ = 0;  // … that are counted
};

}  // namespace understudy::shadow
