// Keeps secrets out of what is stored: `store.redact`. Applied by the shadow plane before anything reaches the store.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace understudy::policy {

inline constexpr std::string_view redacted_text = "[redacted]";

// What is wrong with a rule, or nothing. A rule is "header:<name>".
std::optional<std::string> redaction_error(std::string_view rule);

class Redaction {
 public:
  // Throws std::invalid_argument on a rule that redaction_error refuses.
  explicit Redaction(std::span<const std::string> rules);

  // Whether the value of a field of that name is to be hidden; without regard to case.
  bool hides(std::string_view field_name) const;

  // `Fields` is a container of values with the string members `name` and `value`.
  template <class Fields>
  void apply(Fields& fields) const {
    for (auto& field : fields) {
      if (hides(field.name)) field.value = redacted_text;
    }
  }

 private:
  std::vector<std::string> names_;  // lower case
};

}  // namespace understudy::policy
