// The evidence in the store, judged together with the live ledger. Takes the disk's time, and the processor's where
// there is much to judge: on the thread beside the loop (store_thread.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "diff/report/model.h"
#include "proxy/admin/observed.h"
#include "proxy/settings.h"
#include "proxy/store/reader.h"

namespace understudy::admin {

class Reports {
 public:
  explicit Reports(const Settings& settings) : settings_(settings), reader_(settings.store.path) {}

  // Of a run ("": the current one). Judged anew where the snapshot has changed since the last call, and once a second
  // where the sums of the ledger have: whoever asks, for whatever, gets the same verdict in between. Null: there is no
  // such run. Valid until the next call.
  const diff::ReportModel* model(const Observed& observed, const std::string& run = {});
  // What the store says of its runs; nothing where another instance wrote it.
  std::shared_ptr<const store::Catalogue> catalogue(const Observed& observed);
  std::optional<store::Exemplar> exemplar(std::uint64_t id) { return reader_.exemplar(id); }
  // What keeps the store from being read; empty = nothing.
  const std::string& fault() const { return reader_.error(); }

 private:
  const Settings& settings_;
  store::Reader reader_;
  std::shared_ptr<const store::Stored> judged_;
  control::Ledger judged_ledger_;
  std::string judged_run_;
  std::string judged_day_;
  std::int64_t judged_ms_ = 0;   // CLOCK_MONOTONIC
  std::uint64_t snapshots_ = 0;  // the number of the last one
  diff::ReportModel model_;
};

}  // namespace understudy::admin
