#include "tests/tools/load.h"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace understudy::tools {

LoadPlan::LoadPlan(const LoadOptions& options) : options_(options), random_(options.seed) {
  std::vector<double> weights;
  for (const auto& kind : options.kinds) weights.push_back(kind.weight);
  kind_ = std::discrete_distribution<std::size_t>(weights.begin(), weights.end());
}

PlannedRequest LoadPlan::make(std::uint64_t number) {
  const LoadOptions::Kind& kind = options_.kinds[kind_(random_)];
  PlannedRequest request;
  request.number = number;
  request.method = kind.method;
  request.target = kind.target;
  const auto hole = request.target.find("%d");
  if (hole != std::string::npos) request.target.replace(hole, 2, std::to_string(random_() % options_.ids));
  if (options_.users > 0) request.user = random_() % options_.users;
  request.has_body = kind.method == "POST" || kind.method == "PUT" || kind.method == "PATCH";
  if (request.has_body) {
    request.length = choose_length();
    request.chunked = std::uniform_real_distribution<>(0, 1)(random_) < options_.chunked_share;
    request.body_id = std::to_string(options_.seed) + "-" + std::to_string(number);
  }
  return request;
}

std::uint64_t LoadPlan::choose_length() {
  if (options_.body_min >= options_.body_max) return options_.body_max;
  const double low = std::log(static_cast<double>(options_.body_min) + 1);
  const double high = std::log(static_cast<double>(options_.body_max) + 1);
  const double length = std::exp(std::uniform_real_distribution<>(low, high)(random_)) - 1;
  return std::clamp(static_cast<std::uint64_t>(length), options_.body_min, options_.body_max);
}

void LoadResult::fail(const std::string& kind, const std::string& detail) {
  ++errors;
  ++errors_by_kind[kind];
  if (first_error.empty()) first_error = kind + ": " + detail;
}

std::string LoadResult::to_json() {
  const auto object = [](const std::map<std::string, std::uint64_t>& map) {
    std::string json = "{";
    for (const auto& [key, value] : map)
      json += std::string(json.size() > 1 ? "," : "") + "\"" + key + "\":" + std::to_string(value);
    return json + "}";
  };
  const auto quantile = [this](double q) {
    if (latencies.empty()) return 0.0f;
    return latencies[std::min(latencies.size() - 1,
                              static_cast<std::size_t>(q * static_cast<double>(latencies.size())))];
  };
  std::sort(latencies.begin(), latencies.end());
  std::string detail;
  for (const char c : first_error) detail += (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) ? ' ' : c;
  std::ostringstream out;
  out << "{\"sent\":" << sent << ",\"ok\":" << ok << ",\"errors\":" << errors
      << ",\"errors_by_kind\":" << object(errors_by_kind) << ",\"first_error\":\"" << detail
      << "\",\"methods\":" << object(methods) << ",\"statuses\":" << object(statuses) << ",\"connects\":" << connects
      << ",\"closed_idle\":" << closed_idle << ",\"raced\":" << raced << ",\"seconds\":" << seconds
      << ",\"rps\":" << (seconds > 0 ? static_cast<double>(ok) / seconds : 0) << ",\"p50_ms\":" << quantile(0.5)
      << ",\"p99_ms\":" << quantile(0.99) << ",\"p999_ms\":" << quantile(0.999) << ",\"max_ms\":" << quantile(1) << "}";
  return out.str();
}

}  // namespace understudy::tools
