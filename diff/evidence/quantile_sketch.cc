// Bin i counts durations in (gamma^(i-1), gamma^i], gamma = (1 + alpha) / (1 - alpha). See quantile_sketch.h.
#include "diff/evidence/quantile_sketch.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace understudy::diff {
namespace {

constexpr double alpha = 0.01;
constexpr double gamma = (1 + alpha) / (1 - alpha);
constexpr double shortest_s = 1e-9;
constexpr double longest_s = 1e9;

int index_of(double seconds) {
  return static_cast<int>(std::ceil(std::log(seconds) / std::log(gamma)));
}
int first_possible_index() {
  return index_of(shortest_s);
}
int last_possible_index() {
  return index_of(longest_s);
}

// Takes "<number>" and the separator behind it off the front of `text`.
template <class Number>
bool take(std::string_view& text, char separator, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end == text.data() + text.size() || *end != separator) {
    return false;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return true;
}

}  // namespace

void QuantileSketch::add(double seconds) {
  if (seconds >= 0) {
    add_to_bin(index_of(std::clamp(seconds, shortest_s, longest_s)), 1);
  }
}

void QuantileSketch::merge(const QuantileSketch& other) {
  for (std::size_t i = 0; i < other.bins_.size(); ++i) {
    if (other.bins_[i] != 0) {
      add_to_bin(other.first_index_ + static_cast<int>(i), other.bins_[i]);
    }
  }
}

double QuantileSketch::quantile(double q) const {
  if (count_ == 0) {
    return 0;
  }
  const double rank = std::clamp(q, 0.0, 1.0) * static_cast<double>(count_ - 1);
  std::uint64_t seen = 0;
  std::size_t bin = 0;
  for (; bin + 1 < bins_.size(); ++bin) {
    seen += bins_[bin];
    if (static_cast<double>(seen) > rank) {
      break;
    }
  }
  return 2 * std::pow(gamma, first_index_ + static_cast<int>(bin)) / (gamma + 1);
}

// "index:count;" for every bin that is not empty.
std::string QuantileSketch::serialize() const {
  std::string text;
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    if (bins_[i] != 0) {
      text += std::to_string(first_index_ + static_cast<int>(i)) + ':' + std::to_string(bins_[i]) + ';';
    }
  }
  return text;
}

bool QuantileSketch::merge_serialized(std::string_view text) {
  QuantileSketch read;
  while (!text.empty()) {
    int index = 0;
    std::uint64_t n = 0;
    if (!take(text, ':', index) || !take(text, ';', n) || index < first_possible_index() ||
        index > last_possible_index()) {
      return false;
    }
    read.add_to_bin(index, n);
  }
  merge(read);
  return true;
}

void QuantileSketch::add_to_bin(int index, std::uint64_t n) {
  if (bins_.empty()) {
    first_index_ = index;
  }
  if (index < first_index_) {
    bins_.insert(bins_.begin(), static_cast<std::size_t>(first_index_ - index), 0);
    first_index_ = index;
  }
  const auto bin = static_cast<std::size_t>(index - first_index_);
  bins_.resize(std::max(bins_.size(), bin + 1));
  bins_[bin] += n;
  count_ += n;
}

}  // namespace understudy::diff
