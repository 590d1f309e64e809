#include "proxy/admin/page.h"

#include <algorithm>
#include <cstdio>
#include <initializer_list>
#include <vector>

#include "diff/report/escape.h"
#include "diff/report/words.h"

namespace understudy::admin {
namespace {

// Rows of one table; the API gives all.
constexpr std::size_t row_limit = 200;
constexpr std::size_t text_limit = 160;
constexpr std::size_t reason_limit = 1000;

constexpr std::string_view style = R"css(
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --dim: #777; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1.5rem; max-width: 76rem; }
h1 { font-size: 1.1rem; font-weight: 600; margin: 0; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
.verdict { display: inline-block; margin: .5rem 0; padding: .2rem .9rem; border-radius: 1rem; font-size: 1.4rem; font-weight: 650; color: #fff; }
.pass { background: #1a7f37; } .regression { background: #cf222e; } .inconclusive { background: #6e7781; }
.numbers { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .5rem; margin: 1rem 0; }
.numbers div { background: var(--soft); border-radius: .5rem; padding: .5rem .75rem; }
.numbers b { display: block; font-size: 1.25rem; font-variant-numeric: tabular-nums; } .numbers span, .dim { color: var(--dim); }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--dim); white-space: nowrap; } th.n, td.n { text-align: right; } td.n { font-variant-numeric: tabular-nums; }
code { font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; } summary { cursor: pointer; margin: 2rem 0 .5rem; font-weight: 600; }
)css";

// Harmless in HTML, and no control or bidirectional character reaches the reader's eye as such.
std::string html(std::string_view text, std::size_t limit = text_limit) {
  std::string result;
  for (const char octet : diff::escaped_for_terminal(text, limit)) {
    switch (octet) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += octet;
    }
  }
  return result;
}

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3)
    text.insert(at - 3, "\u202f");  // a narrow space that does not break
  return text;
}

std::string milliseconds(double seconds) {
  char text[48];
  std::snprintf(text, sizeof text, "%.3g ms", seconds * 1e3);
  return text;
}

std::string moment(std::int64_t time_us) {
  return time_us == 0 ? "&ndash;" : diff::moment_in_words(time_us);
}

std::string code(std::string_view text) {
  return "<code>" + html(text) + "</code>";
}

// Cells are HTML already.
void write_row(std::string& out, std::initializer_list<std::string> cells) {
  out += "<tr>";
  for (const std::string& cell : cells)
    out += (!cell.empty() && cell[0] >= '0' && cell[0] <= '9' ? "<td class=n>" : "<td>") + cell + "</td>";
  out += "</tr>\n";
}

// "#Name" stands above numbers.
void write_table_head(std::string& out, std::initializer_list<std::string_view> names) {
  out += "<div class=wide><table><tr>";
  for (std::string_view name : names) {
    const bool numbers = name.starts_with('#');
    if (numbers) name.remove_prefix(1);
    out.append(numbers ? "<th class=n>" : "<th>").append(name).append("</th>");
  }
  out += "</tr>\n";
}

void write_table_end(std::string& out, std::size_t rows) {
  out += "</table></div>\n";
  if (rows > row_limit)
    out +=
        "<p class=dim>The first " + std::to_string(row_limit) + " of " + grouped(rows) + "; the API gives all.</p>\n";
}

void write_number(std::string& out, std::string_view name, const std::string& value) {
  out.append("<div><b>").append(value).append("</b><span>").append(name).append("</span></div>\n");
}

void write_head(std::string& out, const diff::ReportModel& model, const Settings& settings) {
  const std::string verdict(diff::name_of(model.judgement.verdict));
  out += "<h1>understudy " + html(model.version) + "</h1>\n<div class=dim>production " +
         code(settings.primary.url.text) + ", candidate " + code(settings.candidate.url.text);
  if (settings.secondary.configured) out += ", secondary " + code(settings.secondary.url.text);
  if (!model.run.empty()) out += ", run " + code(model.run);
  out += "</div>\n";
  for (const std::string& sentence : diff::describe_silence(model)) {
    out += "<p><b>" + html(sentence, sentence.size()) + "</b></p>\n";
  }
  out += "<div class=\"verdict " + verdict + "\">" + verdict + "</div>\n<ul>\n";
  for (const std::string& reason : model.judgement.reasons) out += "<li>" + html(reason, reason_limit) + "</li>\n";
  if (model.judgement.verdict != diff::Verdict::regression) {
    for (const std::string& caveat : model.judgement.caveats)
      out += "<li class=dim>Not judged: " + html(caveat, reason_limit) + "</li>\n";
  }
  for (const diff::RuleUse& rule : model.judgement.rules) {
    if (!rule.note.empty()) out += "<li>" + html(rule.note, reason_limit) + "</li>\n";
  }
  out += "</ul>\n";
}

std::string mirror_state(const Settings& settings, const Observed& observed) {
  if (!(observed.enabled_set ? observed.enabled : settings.mirror.enabled)) return "off";
  char text[32];
  std::snprintf(text, sizeof text, "%g %%", observed.percent_set ? observed.percent : settings.mirror.percent);
  return text;
}

void write_numbers(std::string& out, const diff::ReportModel& model, const Settings& settings,
                   const Observed& observed) {
  out += "<div class=numbers>\n";
  write_number(out, "compared", grouped(model.ledger.compared));
  write_number(out, "eligible", grouped(model.ledger.eligible));
  write_number(out, "dropped", grouped(diff::total(model.ledger.dropped)));
  write_number(out, "in flight", grouped(model.ledger.in_flight));
  write_number(out, "held out", grouped(model.ledger.heldout));
  write_number(out, "mirror", mirror_state(settings, observed));
  if (model.judgement.needed > 0 && !model.candidate.is_silent()) {
    const diff::Progress& progress = model.judgement.progress;
    write_number(out, "endpoints judged", grouped(progress.judged) + " of " + grouped(progress.endpoints));
    write_number(out, "until it is sure",
                 diff::describe_needed(model.judgement.needed, progress.least_seconds, progress.most_seconds));
  }
  if (model.evidence_lost > 0) write_number(out, "evidence lost", grouped(model.evidence_lost));
  if (model.shadow_tax && !model.shadow_tax->all.quantiles.empty())
    write_number(out, "shadow tax, median", milliseconds(model.shadow_tax->all.quantiles.front().seconds));
  out += "</div>\n";
}

std::string exemplar_links(const diff::Difference& difference) {
  std::string links;
  for (const std::uint64_t id : difference.exemplars) {
    const std::string number = std::to_string(id);
    links +=
        (links.empty() ? "<a href=\"/api/v1/exchanges/" : " <a href=\"/api/v1/exchanges/") + number + "\">exchange</a>";
    links += " <a href=\"/api/v1/exchanges/" + number + ".curl\">curl</a>";
  }
  return links;
}

using Rows = std::vector<const diff::Difference*>;

template <class Predicate>
Rows rows_where(const diff::ReportModel& model, Predicate predicate) {
  Rows rows;
  for (const diff::Difference& difference : model.judgement.differences) {
    if (predicate(difference)) rows.push_back(&difference);
  }
  return rows;
}

Rows rows_with(const diff::ReportModel& model, diff::DifferenceVerdict verdict) {
  return rows_where(model, [=](const diff::Difference& difference) { return difference.verdict == verdict; });
}

void write_differences(std::string& out, const Rows& rows) {
  write_table_head(out, {"Endpoint", "Path", "Class", "Severity", "#Count", "#Compared", "#Noise", "Production",
                         "Candidate", "First seen", "Last seen", "Exemplars"});
  for (std::size_t i = 0; i < std::min(rows.size(), row_limit); ++i) {
    const diff::Difference& difference = *rows[i];
    write_row(out, {code(diff::endpoint_in_words(difference.endpoint)), code(difference.path),
                    html(diff::name_of(difference.difference_class)), html(diff::name_of(difference.severity)),
                    grouped(difference.counters.raw), grouped(difference.at_endpoint.compared),
                    grouped(difference.counters.noise), code(difference.primary_value), code(difference.other_value),
                    moment(difference.first_us), moment(difference.last_us), exemplar_links(difference)});
  }
  write_table_end(out, rows.size());
}

void write_folded(std::string& out, std::string_view title, const Rows& rows) {
  if (rows.empty()) return;
  out.append("<details><summary>").append(title).append(" (").append(grouped(rows.size())).append(")</summary>\n");
  write_differences(out, rows);
  out += "</details>\n";
}

// What a reader has to act on stands open, the rest folds away.
void write_all_differences(std::string& out, const diff::ReportModel& model) {
  using enum diff::DifferenceVerdict;
  const auto is_change = [](const diff::Difference& difference) { return difference.verdict == regression; };
  const Rows regressions = rows_where(model, [&](const auto& row) { return is_change(row) && row.gates(); });
  out += "<h2>Regressions</h2>\n";
  if (regressions.empty()) {
    out += "<p class=dim>None.</p>\n";
  } else {
    write_differences(out, regressions);
  }
  const Rows low = rows_where(model, [&](const auto& row) { return is_change(row) && !row.gates(); });
  write_folded(out, "Changes of low severity: they do not gate", low);
  write_folded(out, "Undecided", rows_with(model, undecided));
  write_folded(out, "Noise", rows_with(model, noise));
  write_folded(out, "Unverified: no secondary to tell them from noise", rows_with(model, unverified));
  write_folded(out, "State: a cache, a counter or a switch makes it", rows_with(model, state));
  write_folded(out, "Blind: production varies it at every exchange", rows_with(model, blind));
  write_folded(out, "Ignored by diff.ignore", rows_with(model, ignored));
}

std::string quantile_pair(const diff::LatencySummary& latency) {
  return latency.count == 0 ? "&ndash;" : milliseconds(latency.p50_s) + " / " + milliseconds(latency.p99_s);
}

void write_endpoints(std::string& out, const std::vector<diff::EndpointSummary>& endpoints) {
  out += "<h2>Endpoints</h2>\n";
  write_table_head(out, {"Endpoint", "#Requests", "#Compared", "#Differed", "Verdict", "#Production p50 / p99",
                         "#Candidate p50 / p99"});
  for (std::size_t i = 0; i < std::min(endpoints.size(), row_limit); ++i) {
    const diff::EndpointSummary& endpoint = endpoints[i];
    write_row(out, {code(endpoint.endpoint), grouped(endpoint.counters.requests), grouped(endpoint.counters.compared),
                    grouped(endpoint.counters.differed), html(diff::name_of(endpoint.verdict)),
                    quantile_pair(endpoint.latency[0]), quantile_pair(endpoint.latency[1])});
  }
  write_table_end(out, endpoints.size());
}

void write_ledger(std::string& out, const diff::LedgerSummary& ledger) {
  out += "<h2>Ledger</h2>\n";
  write_table_head(out, {"Where every eligible exchange ended", "#Count"});
  write_row(out, {"matched", grouped(ledger.matched)});
  write_row(out, {"differed", grouped(ledger.differed)});
  for (const auto& [reason, count] : ledger.dropped) {
    if (count > 0) write_row(out, {"dropped: " + html(reason), grouped(count)});
  }
  for (const auto& [role, reasons] : ledger.failed) {
    for (const auto& [reason, count] : reasons) {
      if (count > 0) write_row(out, {html(role) + " failed: " + html(reason), grouped(count)});
    }
  }
  write_row(out, {"in flight", grouped(ledger.in_flight)});
  write_row(out, {"<b>eligible</b>", grouped(ledger.eligible)});
  write_table_end(out, 0);
}

}  // namespace

std::string render_page(const diff::ReportModel& model, const Settings& settings, const Observed& observed) {
  std::string out =
      "<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n<meta name=viewport "
      "content=\"width=device-width\">\n<title>";
  out.append(diff::name_of(model.judgement.verdict))
      .append(" - understudy</title>\n<style>")
      .append(style)
      .append("</style>\n<body>\n");
  write_head(out, model, settings);
  write_numbers(out, model, settings, observed);
  write_all_differences(out, model);
  write_endpoints(out, model.judgement.endpoints);
  write_ledger(out, model.ledger);
  out +=
      "<p class=dim><a href=\"/api/v1/report\">report as text</a> &middot; <a "
      "href=\"/api/v1/differences\">differences</a> &middot; "
      "<a href=\"/api/v1/ledger\">ledger</a> &middot; <a href=\"/metrics\">metrics</a></p>\n</body>\n</html>\n";
  return out;
}

}  // namespace understudy::admin
