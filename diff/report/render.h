// Renders a report: text for a terminal, JSON for machines, and the arrays of the admin API (names as in the contract).
// Pure. Callers: proxy/admin/, `understudy report`, `understudy gate`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "diff/report/json_writer.h"
#include "diff/report/model.h"

namespace understudy::diff {

struct TextOptions {
  bool color = false;  // ANSI colours
  int width = 100;     // columns; longer values are cut
};

// For people. Every octet that came from the network is made harmless for the terminal (escape.h).
std::string render_text(const ReportModel& model, const TextOptions& options);
// One JSON document: verdict, shadow tax where it is known, ledger, endpoints, differences.
std::string render_json(const ReportModel& model);

// The parts, for the API. Each writes one JSON value.
void write_ledger(JsonWriter& writer, const LedgerSummary& ledger);
// A list of strings.
void write_texts(JsonWriter& writer, std::span<const std::string> texts);
// GET /api/v1/verdict. `with_open`: with a line for each difference that stands against a pass, however many.
void write_verdict(JsonWriter& writer, const ReportModel& model, bool with_open = false);
// GET /api/v1/endpoints
void write_endpoints(JsonWriter& writer, std::span<const EndpointSummary> endpoints);

// GET /api/v1/differences: empty members select everything.
struct DifferenceFilter {
  std::string endpoint;
  std::string difference_class;
  std::string path;
  std::string verdict;
};
bool selects(const DifferenceFilter& filter, const Difference& difference);
void write_differences(JsonWriter& writer, const std::vector<Difference>& differences,
                       const DifferenceFilter& filter = {});
// Those alone.
void write_differences(JsonWriter& writer, std::span<const Difference* const> differences);

}  // namespace understudy::diff
