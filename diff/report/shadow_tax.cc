#include "diff/report/shadow_tax.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "diff/report/grouped.h"

namespace understudy::diff {
namespace {

void write_members(JsonWriter& writer, const TaxComparison& comparison) {
  writer.member("heldout", comparison.heldout).key("quantiles").begin_array();
  for (const TaxQuantile& entry : comparison.quantiles) {
    writer.begin_object()
        .member("quantile", entry.quantile)
        .member("seconds", entry.seconds)
        .member("low", entry.low)
        .member("high", entry.high)
        .end_object();
  }
  writer.end_array();
}

struct Unit {
  double per_second;
  const char* name;
};

Unit unit_for(double seconds) {
  if (seconds < 0.01) return {1e6, "µs"};
  if (seconds < 10) return {1e3, "ms"};
  return {1, "s"};
}

// In one unit, so that the three numbers can be compared at a glance.
std::string describe(const TaxQuantile& entry) {
  const Unit unit = unit_for(std::max(std::abs(entry.low), std::abs(entry.high)));
  const auto in_unit = [&](double seconds) { return std::round(seconds * unit.per_second) + 0.0; };  // no "-0"
  char text[160];
  std::snprintf(text, sizeof text, "p%g %+.0f %s (between %+.0f and %+.0f)", entry.quantile * 100,
                in_unit(entry.seconds), unit.name, in_unit(entry.low), in_unit(entry.high));
  return text;
}

std::string describe(const TaxComparison& comparison) {
  std::string text;
  for (const TaxQuantile& entry : comparison.quantiles) text += (text.empty() ? "" : ", ") + describe(entry);
  return text;
}

}  // namespace

void write_shadow_tax(JsonWriter& writer, const ShadowTax& tax) {
  writer.begin_object().member("mirrored", tax.mirrored);
  write_members(writer, tax.all);
  writer.key("random").begin_object();
  write_members(writer, tax.random);
  writer.end_object().key("windows").begin_object();
  write_members(writer, tax.windows);
  writer.end_object().end_object();
}

std::vector<std::string> describe(const ShadowTax& tax) {
  const std::string counts = grouped(tax.mirrored) + " mirrored, " + grouped(tax.all.heldout) + " held out";
  if (tax.all.quantiles.empty()) return {"not known yet, too few exchanges: " + counts};
  std::vector<std::string> lines{describe(tax.all) + "; " + counts};
  if (!tax.windows.quantiles.empty()) {
    lines.push_back("against windows without any mirroring: " + describe(tax.windows) + "; " +
                    grouped(tax.windows.heldout) + " held out");
  }
  return lines;
}

}  // namespace understudy::diff
