// What `understudy selftest` prints. See selftest_result.h.
#include <array>
#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>

#include "diff/evidence/evidence.h"
#include "diff/report/escape.h"
#include "diff/report/grouped.h"
#include "diff/report/json_writer.h"
#include "diff/report/render.h"
#include "diff/report/words.h"
#include "proxy/commands/selftest_result.h"

namespace understudy {
namespace {

using diff::grouped;

constexpr std::size_t path_limit = 60;
constexpr std::size_t path_column = 36;
constexpr std::size_t value_limit = 40;
constexpr std::size_t reason_limit = 400;

struct Section {
  SelftestKind kind;
  const char* name;  // in JSON
  const char* title;
};
constexpr std::array<Section, 6> sections{{
    {SelftestKind::environment, "environment",
     "The environment itself makes this different: a verdict cannot be trusted here"},
    {SelftestKind::open, "open", "Not known yet: it takes more exchanges"},
    {SelftestKind::state, "state", "State: comes in bursts, as a cache, a counter or a switch makes it"},
    {SelftestKind::blind, "blind",
     "Blind: differs at every exchange, or nearly, so that a wrong value is not seen, only a wrong form"},
    {SelftestKind::varying, "varying", "Varies now and then: only what changes more often than that is seen"},
    {SelftestKind::reordered, "reordered", "Varies in its order: another order is not seen"},
}};

std::string clean(std::string_view text, std::size_t limit) {
  return diff::escaped_for_terminal(text, limit);
}

// "40 s", "12 minutes", "3 hours".
std::string told(double seconds) {
  const auto in = [&](double unit, const char* name) {
    return grouped(static_cast<std::uint64_t>(std::ceil(seconds / unit))) + name;
  };
  if (seconds < 120) return in(1, " s");
  return seconds < 7200 ? in(60, " minutes") : in(3600, " hours");
}

std::string percent(double share) {
  if (share > 0 && share < 0.001) return "less than 0.1 %";
  char text[32];
  std::snprintf(text, sizeof text, share > 0 && share < 0.1 ? "%.1f %%" : "%.0f %%", share * 100);
  return text;
}

std::string at_pace(double exchanges, double pace) {
  if (pace <= 0) return "";
  char text[32];
  std::snprintf(text, sizeof text, pace < 10 ? "%.1f" : "%.0f", pace);
  return ", " + told(exchanges / pace) + " at this pace (" + text + " a second)";
}

std::string pass_line(const SelftestResult& result) {
  const SelftestReport& report = result.report;
  if (report.compared == 0) {
    return "Nothing was compared: no request of a kind that is mirrored came, or production did not answer it.";
  }
  if (report.verdict == "regression") return "A pass is not to be had as long as the environment makes a difference.";
  return "A pass of a build that changes nothing takes about " + grouped(result.to_pass) + " exchanges" +
         at_pace(static_cast<double>(result.to_pass), result.pace) + '.';
}

std::string example_of(const SelftestField& field) {
  if (field.one_value.empty() && field.other_value.empty()) return "";
  const auto shown = [](const std::string& value) { return value.empty() ? "(nothing)" : clean(value, value_limit); };
  return ", such as " + shown(field.one_value) + " and " + shown(field.other_value);
}

std::string line_of(const SelftestField& field) {
  std::string line = "    " + clean(field.path, path_limit);
  line.append(line.size() < path_column ? path_column - line.size() : 2, ' ');
  line += percent(field.rate) + " of the exchanges";
  const bool needs_words = field.kind <= SelftestKind::open;
  if (field.kind != SelftestKind::reordered) line += example_of(field);
  line += '\n';
  if (needs_words) line += "      " + field.classes.front() + ": " + clean(field.reason, reason_limit) + '\n';
  return line;
}

std::string render_text(const SelftestResult& result) {
  const SelftestReport& report = result.report;
  std::string text = "Production against itself: " + diff::counted(report.compared, "exchange", "exchanges") +
                     " compared in " + told(result.seconds) + ", each asked twice more at " +
                     clean(result.repeated_at, path_limit) + '\n';
  for (const Section& section : sections) {
    std::string_view endpoint;
    bool is_first = true;
    for (const SelftestField& field : result.fields) {
      if (field.kind != section.kind) continue;
      if (is_first) text += std::string("\n") + section.title + '\n';
      if (is_first || endpoint != field.endpoint) {
        const bool everywhere = field.endpoint == diff::all_endpoints;
        text += "  " + (everywhere ? "All endpoints together" : clean(field.endpoint, path_limit)) + '\n';
      }
      endpoint = field.endpoint;
      is_first = false;
      text += line_of(field);
    }
  }
  if (report.compared != 0) {
    text += result.fields.empty() ? "\nNothing differs.\n" : "\nNothing else differs.\n";
  }
  text += '\n' + pass_line(result) + '\n';
  if (report.verdict != "inconclusive" || report.compared == 0) return text;
  text += "This one took too short a time for it:\n";
  for (const std::string& reason : report.reasons) text += "  " + clean(reason, reason_limit) + '\n';
  return text;
}

std::string render_json(const SelftestResult& result) {
  const SelftestReport& report = result.report;
  diff::JsonWriter json;
  json.begin_object()
      .member("verdict", report.verdict)
      .member("repeated_at", result.repeated_at)
      .member("compared", report.compared)
      .member("seconds", result.seconds)
      .member("pace", result.pace)
      .member("to_pass", result.to_pass)
      .key("reasons");
  diff::write_texts(json, report.reasons);
  json.key("fields").begin_array();
  for (const SelftestField& field : result.fields) {
    json.begin_object()
        .member("endpoint", field.endpoint)
        .member("path", field.path)
        .member("kind", sections[static_cast<std::size_t>(field.kind)].name)
        .member("rate", field.rate)
        .key("classes");
    diff::write_texts(json, field.classes);
    json.key("example")
        .begin_array()
        .value(field.one_value)
        .value(field.other_value)
        .end_array()
        .member("reason", field.reason)
        .end_object();
  }
  json.end_array().end_object();
  return json.take() + '\n';
}

}  // namespace

std::string render_selftest(const SelftestResult& result, Format format) {
  return format == Format::json ? render_json(result) : render_text(result);
}

}  // namespace understudy
