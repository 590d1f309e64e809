// The ledger as diff/report/ wants it. Callers: proxy/admin/, `understudy report --store`.
#pragma once

#include "diff/report/model.h"
#include "proxy/control/ledger.h"

namespace understudy::store {

diff::LedgerSummary summarise(const control::Ledger& ledger);

}  // namespace understudy::store
