// See verdict_words.h.
#include "diff/evidence/verdict_words.h"

#include <algorithm>
#include <cmath>

#include "diff/evidence/exclusion.h"

namespace understudy::diff {
namespace {

constexpr std::size_t reasons_limit = 10;         // of one kind
constexpr std::size_t endpoints_named_limit = 3;  // in a reason
constexpr std::size_t fields_named_limit = 5;     // in a caveat

std::string number(std::uint64_t value) {
  return std::to_string(value);
}
std::string percent(double share) {
  std::string text = std::to_string(std::round(share * 1000) / 10);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text + " %";
}

std::string listed(const std::vector<std::string>& names, std::size_t limit) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), limit); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > limit) {
    text += " and " + number(static_cast<std::uint64_t>(names.size() - limit)) + " more";
  }
  return text;
}

std::string line_of(const Difference& difference) {
  const std::string where =
      difference.endpoint == all_endpoints ? number(difference.endpoints) + " endpoints" : difference.endpoint;
  return where + ", " + difference.path + ": " + std::string(name_of(difference.difference_class)) + " (" +
         difference.reason + ")";
}

// A reason for each difference that is chosen, as far as there is room.
template <class Choice>
void add_lines(std::vector<std::string>& reasons, const Gate& gate, const std::string& prefix, Choice chosen) {
  std::size_t found = 0;
  for (const Difference& difference : gate.differences) {
    if (chosen(difference) && ++found <= reasons_limit) reasons.push_back(prefix + line_of(difference));
  }
  if (found > reasons_limit) {
    reasons.push_back(prefix + "and " + number(static_cast<std::uint64_t>(found - reasons_limit)) + " more");
  }
}

// If things go on as they did: whichever comes first, a proof or the judgement of everything; and enough new exchanges
// to outweigh the drops.
double exchanges_needed(const Gate& gate, bool too_many_drops, double growth) {
  const double compared = real(gate.evidence.compared());
  double needed = (growth - 1) * compared;
  if (compared == 0) {
    needed = growth_to_exclusion(1, 0, 0, gate.settings.exclude, 1 - gate.settings.confidence, growth_limit);
  }
  if (too_many_drops) {
    needed =
        std::max(needed, real(gate.circumstances.dropped) / not_compared_limit - real(gate.circumstances.eligible));
  }
  return std::ceil(std::max(needed, 1.0));
}

}  // namespace

std::vector<std::string> caveats_of(const Gate& gate) {
  std::vector<std::string> caveats;
  const double eligible = std::max(real(gate.evidence.totals().eligible()), 1.0);
  if (!gate.blind.empty()) {
    caveats.push_back("production varies these at every exchange, so that only their form is judged: " +
                      listed(gate.blind, fields_named_limit));
  }
  if (gate.states != 0) {
    caveats.push_back(number(gate.states) +
                      " differences are state (a cache, a counter or a switch) and are not judged");
  }
  if (gate.rare.endpoints != 0) {
    caveats.push_back(number(gate.rare.endpoints) + " rare endpoints with " +
                      percent(real(gate.rare.counters.eligible()) / eligible) +
                      " of the traffic were judged together, not each for itself");
  }
  if (gate.evidence.totals().overflowed != 0) {
    caveats.push_back(number(gate.evidence.totals().overflowed) +
                      " differences were counted at \"(other)\" because a limit was reached");
  }
  if (gate.speed_is_unknown) {
    caveats.push_back("that the candidate is slower is not excluded yet");
  }
  if (gate.circumstances.secondary_is_primary) {
    caveats.push_back(
        "production was asked twice and has no second instance here: what differs between instances "
        "(a host name, a cache, a counter) could not be told from a change");
  }
  return caveats;
}

std::vector<std::string> reasons_for(Verdict verdict, const Gate& gate, bool too_many_drops) {
  std::vector<std::string> reasons;
  if (verdict == Verdict::regression) {
    add_lines(reasons, gate, "", [](const Difference& difference) {
      return difference.gates() && difference.verdict == DifferenceVerdict::regression;
    });
    return reasons;
  }
  const std::uint64_t compared = gate.evidence.compared();
  if (verdict == Verdict::pass) {
    const bool varies =
        std::any_of(gate.differences.begin(), gate.differences.end(), [&](const Difference& difference) {
          return difference.gates() && difference.excluded > gate.settings.exclude;
        });
    reasons.push_back(
        "after " + number(compared) + " comparisons: at every endpoint with at least " + percent(endpoint_share_limit) +
        " of the traffic a change in more than " + percent(gate.settings.exclude) +
        " of the exchanges would have shown" +
        (varies ? ", where production varies a value itself in more than " + percent(gate.settings.exclude_noisy)
                : std::string()));
    return reasons;
  }
  if (compared == 0) reasons.push_back("nothing has been compared yet");
  if (too_many_drops) {
    reasons.push_back(number(gate.circumstances.dropped) + " of " + number(gate.circumstances.eligible) +
                      " eligible exchanges were dropped: what remains may not stand for the whole");
  }
  if (!gate.not_compared.empty()) reasons.push_back("not compared: " + listed(gate.not_compared, reasons_limit));
  if (!gate.unseen.empty()) {
    reasons.push_back("no regression is proved, but too little was seen to exclude one at " +
                      listed(gate.unseen, endpoints_named_limit));
  }
  add_lines(reasons, gate, "undecided: ", [](const Difference& difference) {
    return difference.is_open() && difference.verdict == DifferenceVerdict::undecided;
  });
  add_lines(reasons, gate, "unverified: ", [](const Difference& difference) {
    return difference.is_open() && difference.verdict == DifferenceVerdict::unverified;
  });
  return reasons;
}

void forecast(Judgement& judgement, const Gate& gate, bool too_many_drops) {
  if (judgement.verdict != Verdict::inconclusive) return;
  const double least = std::min(gate.growth_to_proof, gate.growth_to_pass);
  judgement.needed = static_cast<std::uint64_t>(exchanges_needed(gate, too_many_drops, least));
  const double pace = gate.evidence.pace();
  if (pace <= 0) return;
  judgement.progress.least_seconds = real(judgement.needed) / pace;
  judgement.progress.most_seconds =
      exchanges_needed(gate, too_many_drops, std::max(gate.growth_to_pass, least)) * 1.5 / pace;
}

}  // namespace understudy::diff
