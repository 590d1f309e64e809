// The report for people: the verdict and why, then what to act on, then what may be left alone, then the accounts. See
// render.h.
#include <algorithm>
#include <functional>

#include "diff/report/escape.h"
#include "diff/report/grouped.h"
#include "diff/report/render.h"
#include "diff/report/words.h"

namespace understudy::diff {
namespace {

constexpr std::size_t section_limit = 50;  // differences shown of each kind

enum class Style { plain, bold, dim, bad, good, open };

// The page as it grows.
class Page {
 public:
  explicit Page(const TextOptions& options)
      : color_(options.color), width_(static_cast<std::size_t>(std::max(options.width, 40))) {}

  // `text` is ours or escaped already.
  void line(std::string_view text = {}, Style style = Style::plain) {
    text_ += styled(text, style);
    text_ += '\n';
  }
  // Our own prose, broken at spaces.
  void paragraph(std::string_view indent, std::string_view prose);

  std::string styled(std::string_view text, Style style) const;
  std::size_t width() const { return width_; }
  std::string take() { return std::move(text_); }

 private:
  bool color_;
  std::size_t width_;
  std::string text_;
};

using Choice = std::function<bool(const Difference&)>;

void write_verdict_lines(Page& page, const ReportModel& model);
std::string needed_of(const ReportModel& model);
void write_section(Page& page, const Judgement& judgement, std::string_view title, Style style, const Choice& belongs);
void write_short_section(Page& page, const Judgement& judgement, std::string_view title, const Choice& belongs);
std::size_t choose(const Judgement& judgement, const Choice& belongs,
                   const std::function<void(const Difference&)>& take);
void write_left_out(Page& page, std::size_t count);
void write_example(Page& page, const Difference& difference);
void write_accounts(Page& page, const ReportModel& model);
void write_tax(Page& page, const ShadowTax& tax);

std::string clean(std::string_view text, std::size_t limit) {
  return escaped_for_terminal(text, limit);
}

}  // namespace

std::string render_text(const ReportModel& model, const TextOptions& options) {
  const auto with = [](DifferenceVerdict verdict) {
    return [verdict](const Difference& difference) { return difference.verdict == verdict; };
  };
  const auto proved = [](bool gates) {
    return [gates](const Difference& difference) {
      return difference.verdict == DifferenceVerdict::regression && difference.gates() == gates;
    };
  };
  Page page(options);
  const Judgement& judgement = model.judgement;
  write_verdict_lines(page, model);
  write_section(page, judgement, "Regressions", Style::bad, proved(true));
  write_section(page, judgement, "Changes of low severity (they do not gate)", Style::bold, proved(false));
  write_section(page, judgement, "Undecided (more exchanges will tell)", Style::open,
                with(DifferenceVerdict::undecided));
  write_section(page, judgement, "Unverified (only a secondary could tell these from noise)", Style::bold,
                with(DifferenceVerdict::unverified));
  write_short_section(page, judgement, "State (a cache, a counter or a switch makes it: shown, not judged)",
                      with(DifferenceVerdict::state));
  write_short_section(page, judgement, "Noise (production differs from itself as often)",
                      with(DifferenceVerdict::noise));
  write_short_section(page, judgement, "Blind (production varies it at every exchange: only its form is judged)",
                      with(DifferenceVerdict::blind));
  write_short_section(page, judgement, "Ignored (diff.ignore)", with(DifferenceVerdict::ignored));
  write_accounts(page, model);
  if (model.shadow_tax) {
    write_tax(page, *model.shadow_tax);
  }
  return page.take();
}

namespace {

void write_verdict_lines(Page& page, const ReportModel& model) {
  const Judgement& judgement = model.judgement;
  for (std::string sentence : describe_silence(model)) {
    sentence[0] = 'T';  // the candidate, the secondary
    page.line(clean(sentence, 1000), Style::bad);
  }
  const std::string of_run = model.run.empty() ? "" : " of run " + model.run;
  const std::string after = of_run + " after " + counted(judgement.compared, "comparison", "comparisons");
  const auto regressions = static_cast<std::uint64_t>(
      std::count_if(judgement.differences.begin(), judgement.differences.end(), [](const Difference& difference) {
        return difference.verdict == DifferenceVerdict::regression && difference.gates();
      }));
  switch (judgement.verdict) {
    case Verdict::regression:
      page.line("REGRESSION" + after + ": " + counted(regressions, "difference", "differences") +
                    " that noise does not explain",
                Style::bad);
      break;
    case Verdict::pass:
      page.line("PASS" + after, Style::good);
      break;
    case Verdict::inconclusive:
      page.line("INCONCLUSIVE" + after + needed_of(model), Style::open);
      break;
  }
  if (judgement.verdict != Verdict::regression) {  // a regression's reasons are the section that follows
    for (const std::string& reason : judgement.reasons) {
      page.paragraph("  ", clean(reason, 1000));
    }
    for (const std::string& caveat : judgement.caveats) {
      page.paragraph("  ", "Not judged: " + clean(caveat, 1000));
    }
  }
  for (const RuleUse& rule : judgement.rules) {  // a rule that misses may be why there is a regression
    if (!rule.note.empty()) page.paragraph("  ", "Note: " + clean(rule.note, 1000));
  }
}

// Nothing where time alone will not do it.
std::string needed_of(const ReportModel& model) {
  if (model.candidate.is_silent()) return {};
  const Progress& progress = model.judgement.progress;
  return ": " + describe_needed(model.judgement.needed, progress.least_seconds, progress.most_seconds);
}

// Grouped by endpoint, the one with the weightiest difference first.
void write_section(Page& page, const Judgement& judgement, std::string_view title, Style style, const Choice& belongs) {
  std::vector<std::string_view> endpoints;
  std::map<std::string_view, std::vector<const Difference*>> by_endpoint;
  const std::size_t left_out = choose(judgement, belongs, [&](const Difference& difference) {
    auto& group = by_endpoint[difference.endpoint];
    if (group.empty()) {
      endpoints.push_back(difference.endpoint);
    }
    group.push_back(&difference);
  });
  if (endpoints.empty()) {
    return;
  }
  page.line();
  page.line(title, style);
  for (const std::string_view endpoint : endpoints) {
    page.line("  " + page.styled(clean(endpoint_in_words(endpoint), page.width() - 2), Style::bold));
    for (const Difference* difference : by_endpoint[endpoint]) {
      page.line("    " + page.styled(clean(difference->path, page.width() / 2), Style::bold) + "  " +
                std::string(name_of(difference->difference_class)) + "  " + std::string(name_of(difference->severity)));
      page.paragraph("      ", clean(difference->reason, 1000));
      write_example(page, *difference);
      const std::string sightings = describe_sightings(*difference);
      if (!sightings.empty()) page.line("      " + sightings, Style::dim);
    }
  }
  write_left_out(page, left_out);
}

void write_short_section(Page& page, const Judgement& judgement, std::string_view title, const Choice& belongs) {
  bool empty = true;
  const std::size_t left_out = choose(judgement, belongs, [&](const Difference& difference) {
    if (std::exchange(empty, false)) {
      page.line();
      page.line(title, Style::bold);
    }
    page.line("  " + clean(endpoint_in_words(difference.endpoint), page.width() / 3) + "  " +
              clean(difference.path, page.width() / 3) + "  " + std::string(name_of(difference.difference_class)));
    page.paragraph("      ", clean(difference.reason, 1000));
  });
  write_left_out(page, left_out);
}

// Calls `take` for the first differences that belong; how many more there are.
std::size_t choose(const Judgement& judgement, const Choice& belongs,
                   const std::function<void(const Difference&)>& take) {
  std::size_t found = 0;
  for (const Difference& difference : judgement.differences) {
    if (belongs(difference) && ++found <= section_limit) {
      take(difference);
    }
  }
  return found - std::min(found, section_limit);
}

void write_left_out(Page& page, std::size_t count) {
  if (count != 0) {
    page.line("  and " + grouped(count) + " more (JSON has them all)");
  }
}

// The values of the latest exchange that shows it.
void write_example(Page& page, const Difference& difference) {
  const auto shown = [&](const std::string& value) {
    return value.empty() ? std::string("(nothing)") : clean(value, (page.width() - 40) / 2 + 10);
  };
  if (!difference.primary_value.empty() || !difference.other_value.empty()) {
    page.line("      production " + shown(difference.primary_value) + " → candidate " + shown(difference.other_value),
              Style::dim);
  }
}

void write_accounts(Page& page, const ReportModel& model) {
  const LedgerSummary& ledger = model.ledger;
  std::uint64_t failed = 0;
  std::string details;
  const auto add = [&](const std::string& what, std::uint64_t count) {
    if (count != 0) {
      details += (details.empty() ? "" : ", ") + what + ' ' + grouped(count);
    }
  };
  for (const auto& [reason, count] : ledger.dropped) {
    add("dropped " + reason, count);
  }
  for (const auto& [role, reasons] : ledger.failed) {
    failed += total(reasons);
    for (const auto& [reason, count] : reasons) {
      add(role + ' ' + reason, count);
    }
  }
  add("findings lost in a crash:", model.evidence_lost);
  page.line();
  page.line("Ledger", Style::bold);
  page.paragraph("  ", "eligible " + grouped(ledger.eligible) + " = compared " + grouped(ledger.compared) +
                           " + dropped " + grouped(total(ledger.dropped)) + " + failed " + grouped(failed) +
                           " + in flight " + grouped(ledger.in_flight) + "; held out " + grouped(ledger.heldout));
  if (!details.empty()) {
    page.paragraph("  ", clean(details, 2000));
  }
}

void write_tax(Page& page, const ShadowTax& tax) {
  page.line();
  page.line("Shadow tax (what users wait longer where their request is mirrored)", Style::bold);
  for (const std::string& sentence : describe(tax)) {
    page.paragraph("  ", sentence);
  }
}

void Page::paragraph(std::string_view indent, std::string_view prose) {
  while (!prose.empty()) {
    const std::size_t room = width_ - indent.size();
    std::size_t end = prose.size();
    if (prose.size() > room) {
      const std::size_t space = prose.rfind(' ', room);
      end = space == std::string_view::npos || space == 0 ? std::min(prose.find(' ', 1), prose.size()) : space;
    }
    line(std::string(indent) + std::string(prose.substr(0, end)));
    prose.remove_prefix(end);
    prose.remove_prefix(std::min(prose.find_first_not_of(' '), prose.size()));
  }
}

std::string Page::styled(std::string_view text, Style style) const {
  constexpr std::array<std::string_view, 6> codes{"", "\x1b[1m", "\x1b[2m", "\x1b[1;31m", "\x1b[1;32m", "\x1b[1;33m"};
  if (!color_ || style == Style::plain || text.empty()) {
    return std::string(text);
  }
  return std::string(codes[static_cast<std::size_t>(style)]) + std::string(text) + "\x1b[0m";
}

}  // namespace
}  // namespace understudy::diff
