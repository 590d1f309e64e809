// TOML -> Settings: a visitor of config_keys.h that takes nothing on trust. Called by config.cc. The only file that
// knows toml++.
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <set>
#include <sstream>

#include "proxy/config_draft.h"
#include "proxy/config_keys.h"
#include "proxy/config_nearest.h"
#include "proxy/config_quote.h"
#include "proxy/config_units.h"

namespace understudy {
namespace {

unsigned line_of(const toml::source_region& source) {
  return static_cast<unsigned>(source.begin.line);
}

// "30", "0.5": shortest, without an exponent where it can be.
std::string plain(double number) {
  std::ostringstream out;
  out << std::setprecision(10) << number;
  return out.str();
}

class TomlReader {
 public:
  TomlReader(const toml::table& root, ConfigDraft& draft) : table_(&root), draft_(draft) {}

  void finish() {
    report_unknown_keys();
    for (const auto& [key, line] : unknown_) {
      fail(key, line, "is not known; did you mean " + in_quotes(nearest_key(key, known_)) + "?");
    }
  }

  template <class Body>
  void section(const char* name, Body body) {
    const toml::node* node = find(name);
    if (node && !node->is_table())
      fail_type(*node, name, "a table", "write [" + full_key(name) + "] and its keys below");
    Frame outer{node ? node->as_table() : nullptr, full_key(name), {}};
    enter(outer);
    body();
    report_unknown_keys();
    enter(outer);
  }

  template <class Body>
  void optional_section(const char* name, bool, Body body) {
    section(name, body);
  }

  template <class Body>
  void inline_table(const char* name, Body body) {
    section(name, body);
  }

  void flag(const char* name, bool& value) {
    const toml::node* node = find(name);
    if (!node) return;
    if (const auto* truth = node->as_boolean()) {
      value = truth->get();
    } else {
      fail_type(*node, name, "a truth value", "write true or false, without quotes");
    }
  }

  void number(const char* name, double& value, Range range) {
    const toml::node* node = find(name);
    if (!node) return;
    if (!node->is_number())
      return fail_type(*node, name, "a number", "write " + numbers_in(range) + ", without quotes");
    const double number = node->value<double>().value_or(NAN);
    if (!range.holds(number)) return fail(*node, name, plain(number) + " is out of range; write " + numbers_in(range));
    value = number;
  }

  template <class Count>
  void count(const char* name, Count& value, Range range) {
    const toml::node* node = find(name);
    if (!node) return;
    const auto* number = node->as_integer();
    if (!number) return fail_type(*node, name, "a whole number", "write " + numbers_in(range) + ", without quotes");
    const auto count = static_cast<double>(number->get());
    if (count < range.least || count > range.most) {
      return fail(*node, name, std::to_string(number->get()) + " is out of range; write " + numbers_in(range));
    }
    value = static_cast<Count>(number->get());
  }

  template <class Size>
  void size(const char* name, Size& value, Range range) {
    const std::string* text = quantity(name, "a size", "B");
    if (!text) return;
    const ParsedSize parsed = parse_size(*text);
    if (!parsed.problem.empty()) return fail(*find(name), name, parsed.problem);
    const auto octets = static_cast<double>(parsed.value);
    if (octets < range.least || octets > range.most) {
      return fail(*find(name), name,
                  in_quotes(*text) + " is out of range; write from " +
                      in_quotes(format_size(static_cast<std::uint64_t>(range.least))) + " to " +
                      in_quotes(format_size(static_cast<std::uint64_t>(range.most))));
    }
    value = static_cast<Size>(parsed.value);
  }

  template <class Duration>
  void duration(const char* name, Duration& value, Range range) {
    const std::string* text = quantity(name, "a duration", "s");
    if (!text) return;
    const ParsedDuration parsed = parse_duration(*text);
    if (!parsed.problem.empty()) return fail(*find(name), name, parsed.problem);
    const auto milliseconds = static_cast<double>(parsed.value.count());
    if (milliseconds < range.least || milliseconds > range.most) {
      const auto written = [](double end) {
        return in_quotes(format_duration(std::chrono::milliseconds(static_cast<std::int64_t>(end))));
      };
      return fail(
          *find(name), name,
          in_quotes(*text) + " is out of range; write from " + written(range.least) + " to " + written(range.most));
    }
    value = std::chrono::duration_cast<Duration>(parsed.value);
  }

  template <class T>
  void text(const char* name, T& value, const TextForm<T>& form) {
    if (const toml::node* node = find(name)) read_text(*node, name, value, form);
  }

  template <class T>
  void texts(const char* name, std::vector<T>& values, const TextForm<T>& form, const char* needed) {
    const toml::node* node = find(name);
    if (!node) return;
    const toml::array* array = node->as_array();
    if (!array) return fail_type(*node, name, "a list of strings", "write it in brackets, [\"...\"]");
    if (array->empty() && *needed != '\0') return fail(*node, name, std::string("the list is empty; write ") + needed);
    values.clear();
    for (const toml::node& element : *array) {
      T value{};
      if (read_text(element, name, value, form)) values.push_back(std::move(value));
    }
  }

  // In the order of their names: a TOML table has no other.
  void fields(const char* name, std::vector<std::pair<std::string, std::string>>& fields) {
    const toml::node* node = find(name);
    if (!node) return;
    const toml::table* table = node->as_table();
    if (!table) return fail_type(*node, name, "a table", "write { \"X-Tenant\" = \"shadow\" }");
    fields.clear();
    for (const auto& [key, value_node] : *table) {
      std::string field_name;
      std::string value;
      const std::string problem = copied_field_name_form.read(key.str(), field_name);
      if (!problem.empty()) fail(value_node, name, problem);
      if (read_text(value_node, name, value, field_value_form)) fields.emplace_back(field_name, value);
    }
  }

  void niceness(const char* name, MirrorSettings& mirror) {
    const toml::node* node = find(name);
    if (!node) return;
    const auto* number = node->as_integer();
    mirror.idle_scheduling = node->value<std::string_view>() == "idle";
    if (mirror.idle_scheduling) return;
    if (number && number->get() >= 0 && number->get() <= 19) {
      mirror.niceness = static_cast<int>(number->get());
    } else {
      fail(*node, name, "is neither a niceness nor \"idle\"; write a whole number from 0 to 19, or \"idle\"");
    }
  }

  void ignore_rules(const char* name, std::vector<diff::IgnoreRule>& rules) {
    const toml::node* node = find(name);
    if (!node) return;
    const toml::array* array = node->as_array();
    if (!array) return fail_type(*node, name, "a list of rules", "write [ { path = \"/updated_at\" } ]");
    rules.clear();
    for (const toml::node& element : *array) {
      const toml::table* table = element.as_table();
      if (!table) {
        fail_type(element, name, "a rule", "write { endpoint = \"GET /orders/{id}\", path = \"/updated_at\" }");
        continue;
      }
      Frame outer{table, full_key(name), {}};
      enter(outer);
      rules.push_back(read_ignore_rule(element));
      report_unknown_keys();
      enter(outer);
    }
  }

  void reserved(const char* name, const char* reason) {
    const toml::node* node = find(name);
    if (!node) return;
    const auto* text = node->as_string();
    if (!text) return fail_type(*node, name, "a string", "write \"\"");
    if (!text->get().empty()) fail(*node, name, reason);
  }

 private:
  // The table being read (null where the file does not have it), its dotted name, and the keys that it may have.
  struct Frame {
    const toml::table* table;
    std::string prefix;
    std::set<std::string, std::less<>> names;
  };

  // Exchanges the present frame for `other`: called once to go in and once to come back.
  void enter(Frame& other) {
    std::swap(table_, other.table);
    std::swap(prefix_, other.prefix);
    std::swap(names_, other.names);
  }

  std::string full_key(std::string_view name) const {
    return prefix_.empty() ? std::string(name) : prefix_ + '.' + std::string(name);
  }

  // Makes the name known, and gives its node if the file has it.
  const toml::node* find(const char* name) {
    const std::string key = full_key(name);
    if (names_.insert(name).second) known_.push_back(key);
    const toml::node* node = table_ ? table_->get(name) : nullptr;
    if (node) draft_.lines.emplace(key, line_of(node->source()));
    return node;
  }

  void report_unknown_keys() {
    if (!table_) return;
    for (const auto& [key, node] : *table_) {
      if (!names_.contains(key.str())) unknown_.emplace_back(full_key(key.str()), line_of(key.source()));
    }
  }

  void fail(const std::string& key, unsigned line, std::string message) {
    draft_.add({draft_.file, line, key, std::move(message)});
  }

  void fail(const toml::node& node, const char* name, std::string message) {
    fail(full_key(name), line_of(node.source()), std::move(message));
  }

  void fail_type(const toml::node& node, const char* name, const char* expected, const std::string& remedy) {
    std::ostringstream type;
    type << node.type();
    fail(node, name, "is of type " + type.str() + " where " + expected + " belongs; " + remedy);
  }

  static std::string numbers_in(Range range) {
    if (range.above) return "a number above " + plain(range.least) + ", at most " + plain(range.most);
    return "a number " + std::string(range.open ? "between " : "from ") + plain(range.least) +
           (range.open ? " and " : " to ") + plain(range.most);
  }

  // The string of a size or duration; a bare number gets the unit it lacks as remedy.
  const std::string* quantity(const char* name, const char* expected, const char* unit) {
    const toml::node* node = find(name);
    if (!node) return nullptr;
    if (const auto* text = node->as_string()) return &text->get();
    if (const auto* number = node->as_integer()) {
      const std::string digits = std::to_string(number->get());
      fail(*node, name, digits + " has no unit; write " + in_quotes(digits + unit));
    } else {
      fail_type(*node, name, expected,
                "write it as a string with its unit, for example " + in_quotes(std::string("30") + unit));
    }
    return nullptr;
  }

  template <class T>
  bool read_text(const toml::node& node, const char* name, T& value, const TextForm<T>& form) {
    const auto* text = node.as_string();
    if (!text) {
      fail_type(node, name, "a string", "put it in quotes");
      return false;
    }
    std::string problem = form.read(text->get(), value);
    if (problem.empty()) return true;
    fail(node, name, std::move(problem));
    return false;
  }

  // One name or a list of them; 0 where there is none.
  diff::ClassSet read_classes() {
    const toml::node* node = find("class");
    if (!node) return 0;
    std::vector<diff::DifferenceClass> classes;
    if (node->is_array()) {
      texts("class", classes, class_form, "at least one class, or leave the key out");
    } else if (diff::DifferenceClass one{}; read_text(*node, "class", one, class_form)) {
      classes.push_back(one);
    }
    diff::ClassSet set = 0;
    for (const diff::DifferenceClass each : classes) set |= diff::bit_of(each);
    return set;
  }

  diff::IgnoreRule read_ignore_rule(const toml::node& element) {
    diff::IgnoreRule rule;
    text("endpoint", rule.endpoint, ignored_endpoint_form);
    text("path", rule.path, ignored_path_form);
    rule.classes = read_classes();
    text("reason", rule.reason, any_text_form);
    if (const toml::node* node = find("expires")) {
      if (const auto* date = node->as_date()) {
        std::ostringstream written;
        written << date->get();
        rule.expires = written.str();
      } else {
        fail_type(*node, "expires", "a day", "write it without quotes, for example 2027-06-30");
      }
    }
    if (!find("path")) {
      fail(prefix_, line_of(element.source()),
           "a rule has no path; write what it ignores, for example path = \"/updated_at\"");
    }
    if (rule.path == "status" && !find("class")) {
      fail(prefix_, line_of(element.source()),
           "a rule for \"status\" ignores nothing without a class; write for example class = \"status_code\"");
    }
    return rule;
  }

  const toml::table* table_;
  std::string prefix_;
  std::set<std::string, std::less<>> names_;
  std::vector<std::string> known_;  // dotted, all frames
  std::vector<std::pair<std::string, unsigned>> unknown_;
  ConfigDraft& draft_;
};

// What stands before the '=' in that line, for the message.
std::string key_in_line(std::string_view text, unsigned line) {
  for (unsigned skipped = 1; skipped < line && !text.empty(); ++skipped) {
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  }
  text = text.substr(0, text.find('\n'));
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return {};
  const std::size_t begin = text.find_first_not_of(" \t");
  const std::size_t end = text.find_last_not_of(" \t", equals - 1);
  return begin < equals && end != std::string_view::npos ? std::string(text.substr(begin, end + 1 - begin))
                                                         : std::string();
}

}  // namespace

void read_toml(std::string_view text, ConfigDraft& draft) {
  try {
    const toml::table root = toml::parse(text, draft.file);
    TomlReader reader(root, draft);
    visit_keys(reader, draft.settings);
    reader.finish();
  } catch (const toml::parse_error& error) {
    const unsigned line = line_of(error.source());
    draft.add(
        {draft.file, line, key_in_line(text, line), std::string(error.description()) + "; correct the TOML here"});
  }
}

}  // namespace understudy
