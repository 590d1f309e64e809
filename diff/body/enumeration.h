// Values that production never sends: learns, per endpoint and field pattern, the few values of fields that have few,
// and turns a value_changed into value_novel where the other side's value is none of them. Caller: proxy/shadow/'s
// judge, for the primary's responses only. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "diff/body/json_document.h"
#include "diff/finding.h"
#include "diff/response.h"

namespace understudy::diff {

inline constexpr std::size_t enumeration_value_limit =
    64;  // distinct values of a field; beyond: not an enumeration, for good
inline constexpr std::size_t enumeration_field_limit =
    20'000;  // fields of all endpoints together; beyond: new ones are not learnt
inline constexpr std::size_t enumeration_endpoint_limit = 2'000;
inline constexpr std::uint32_t enumeration_maturity = 50;  // responses that must have had the field
inline constexpr double enumeration_density = 0.2;         // at most so many distinct values a response
inline constexpr std::uint64_t enumeration_always = 200;   // the first responses of an endpoint are all learnt from,
inline constexpr std::uint64_t enumeration_interval = 16;  // later ones by this interval

class Enumerations {
 public:
  Enumerations() = default;

  // Call with every primary response that was compared; most calls return at once (see above).
  void learn(std::string_view endpoint, const Response& primary);
  // Call after learn() with what Comparer::compare found.
  void reclassify(std::string_view endpoint, std::vector<Finding>& findings) const;

  std::size_t fields() const { return field_count_; }

 private:
  using Node = JsonDocument::Node;
  struct Field {
    std::uint64_t last_response = 0;  // a field counts once a response, however many elements bear it
    std::uint32_t responses = 0;
    bool open = false;  // has too many values
    std::vector<std::uint64_t> values;
  };
  struct Endpoint {
    std::uint64_t responses = 0;
    std::unordered_map<std::uint64_t, Field> fields;  // by hash of the pattern
  };
  void learn_value(Endpoint& endpoint, std::uint64_t pattern, Node node);
  void learn_scalar(Endpoint& endpoint, std::uint64_t pattern, Node node);

  std::unordered_map<std::string, Endpoint> endpoints_;
  std::size_t field_count_ = 0;
  JsonDocument document_;
  std::string decoded_;
  std::string escaped_;
};

}  // namespace understudy::diff
