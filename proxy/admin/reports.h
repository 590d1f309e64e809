// The evidence in the store, judged together with the live ledger. On the loop's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "diff/report/model.h"
#include "diff/settings.h"
#include "proxy/admin/observed.h"
#include "proxy/store/reader.h"

namespace understudy::admin {

class Reports {
 public:
  Reports(std::string store_path, const diff::Settings& settings)
      : settings_(settings), reader_(std::move(store_path)) {}

  // Of a run ("": the current one). Judged anew where the snapshot or the sums of the ledger have changed since the
  // last call. Null: there is no such run. Valid until the next call.
  const diff::ReportModel* model(const Observed& observed, const std::string& run = {});
  // What the store says of its runs; nothing where another instance wrote it.
  std::shared_ptr<const store::Catalogue> catalogue(const Observed& observed);
  std::optional<store::Exemplar> exemplar(std::uint64_t id) { return reader_.exemplar(id); }
  // What keeps the store from being read; empty = nothing.
  const std::string& fault() const { return reader_.error(); }

 private:
  const diff::Settings& settings_;
  store::Reader reader_;
  std::shared_ptr<const store::Stored> judged_;
  control::Ledger judged_ledger_;
  std::string judged_run_;
  std::string judged_day_;
  diff::ReportModel model_;
};

}  // namespace understudy::admin
