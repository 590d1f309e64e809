// Writes JSON (RFC 8259) into a string: commas and escapes are its business, nesting is the caller's. Pure, no
// dependencies. Callers: diff/report/, proxy/admin/, proxy/control/. One thread per writer.
//
//   JsonWriter json;
//   json.begin_object().member("name", "x").key("list").begin_array().value(1).end_array().end_object();
//   std::string text = json.take();
//
// Strings may hold any octets: what is not valid UTF-8 becomes U+FFFD. Doubles round-trip; one that is not finite
// becomes null.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

namespace understudy::diff {

class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(double number);
  JsonWriter& value(std::same_as<bool> auto truth) { return raw(truth ? "true" : "false"); }
  JsonWriter& value(std::integral auto number) requires(!std::same_as<decltype(number), bool>) {
    return raw(std::to_string(number));
  }
  JsonWriter& member(std::string_view name, const auto& member_value) { return key(name).value(member_value); }
  JsonWriter& null() { return raw("null"); }
  // A value that is JSON already.
  JsonWriter& raw(std::string_view json);

  // The text so far; the writer is empty afterwards.
  std::string take() { return std::exchange(text_, {}); }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void separate();
  void append_quoted(std::string_view text);

  std::string text_;
};

}  // namespace understudy::diff
