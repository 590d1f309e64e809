// Settings -> TOML: a visitor of config_keys.h. Called by `check --dump` and by the supervisor, which hands the text to
// its planes.
#include <charconv>
#include <cstdio>
#include <string>

#include "proxy/config.h"
#include "proxy/config_keys.h"
#include "proxy/config_units.h"

namespace understudy {
namespace {

// A TOML basic string.
std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04X", static_cast<unsigned>(c));
      result += escaped;
    } else {
      result += c;
    }
  }
  return result + '"';
}

class TomlWriter {
 public:
  std::string take() { return std::move(text_); }

  template <class Body>
  void section(const char* name, Body body) {
    const std::string outer = prefix_;
    prefix_ += (prefix_.empty() ? "" : ".") + std::string(name);
    text_ += (text_.empty() ? "[" : "\n[") + prefix_ + "]\n";
    body();
    prefix_ = outer;
  }

  template <class Body>
  void optional_section(const char* name, bool given, Body body) {
    if (given) section(name, body);
  }

  template <class Body>
  void inline_table(const char* name, Body body) {
    std::string outer;
    std::swap(outer, text_);
    in_line_ = true;
    body();
    in_line_ = false;
    std::swap(outer, text_);
    write(name, "{ " + outer + " }");
  }

  void flag(const char* name, bool value) { write(name, value ? "true" : "false"); }

  void number(const char* name, double value, Range) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    std::string text(digits, end);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    write(name, text);
  }

  void count(const char* name, std::uint64_t value, Range) { write(name, std::to_string(value)); }
  void size(const char* name, std::uint64_t value, Range) { write(name, quoted(format_size(value))); }

  void duration(const char* name, std::chrono::milliseconds value, Range) {
    write(name, quoted(format_duration(value)));
  }

  template <class T>
  void text(const char* name, const T& value, const TextForm<T>& form) {
    write(name, quoted(form.write(value)));
  }

  template <class T>
  void texts(const char* name, const std::vector<T>& values, const TextForm<T>& form, const char*) {
    std::string list;
    for (const T& value : values) list += (list.empty() ? "" : ", ") + quoted(form.write(value));
    write(name, '[' + list + ']');
  }

  void fields(const char* name, const std::vector<std::pair<std::string, std::string>>& fields) {
    std::string table;
    for (const auto& [field, value] : fields)
      table += (table.empty() ? "" : ", ") + quoted(field) + " = " + quoted(value);
    write(name, table.empty() ? "{}" : "{ " + table + " }");
  }

  void niceness(const char* name, const MirrorSettings& mirror) {
    write(name, mirror.idle_scheduling ? quoted("idle") : std::to_string(mirror.niceness));
  }

  void ignore_rules(const char* name, const std::vector<diff::IgnoreRule>& rules) {
    std::string list;
    for (const diff::IgnoreRule& rule : rules) {
      list += "\n  { endpoint = " + quoted(rule.endpoint) + ", path = " + quoted(rule.path);
      if (rule.classes != 0) list += ", class = " + classes_of(rule);
      list += ", reason = " + quoted(rule.reason);
      if (!rule.expires.empty()) list += ", expires = " + rule.expires;
      list += " },";
    }
    write(name, '[' + list + (list.empty() ? "]" : "\n]"));
  }

  void reserved(const char* name, const char*) { write(name, "\"\""); }

 private:
  static std::string classes_of(const diff::IgnoreRule& rule) {
    std::string list;
    for (const std::string_view name : diff::names_of(rule.classes)) {
      list += (list.empty() ? "" : ", ") + quoted(std::string(name));
    }
    return '[' + list + ']';
  }

  void write(const char* name, const std::string& value) {
    if (in_line_) {
      text_ += (text_.empty() ? "" : ", ") + std::string(name) + " = " + value;
    } else {
      text_ += std::string(name) + " = " + value + '\n';
    }
  }

  std::string text_;
  std::string prefix_;
  bool in_line_ = false;
};

}  // namespace

std::string dump_config(const Settings& settings) {
  TomlWriter writer;
  visit_keys(writer, settings);
  return writer.take();
}

}  // namespace understudy
