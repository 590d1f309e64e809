// One parsed JSON text (RFC 8259), read straight from simdjson's tape: a node is an index into it, so a walk allocates
// nothing and can hold any number of nodes. The only files that know simdjson are json_document.cc and text.cc.
// Callers: the comparison and the learning of JSON bodies.
//
// What simdjson refuses although it is legal JSON (numbers beyond 64 bits or beyond double, escaped lone surrogates, a
// byte order mark) is rewritten before a second parse: such a number becomes a string that begins with number_mark,
// such an escape a text that begins with surrogate_mark. Both marks begin with U+0000, and a text that spells U+0000
// itself is not rewritten, so no real string can be taken for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace understudy::diff {

inline constexpr std::size_t json_size_limit = 8 * 1024 * 1024;  // octets of one text
inline constexpr std::size_t json_depth_limit = 256;             // nested containers
inline constexpr std::size_t json_node_limit = 2'000'000;        // words on the tape

enum class JsonType : unsigned char { object, array, string, number, boolean, null };

class JsonDocument {
 public:
  using Node = std::uint32_t;
  enum class Result : unsigned char { json, not_json, beyond_limits };

  JsonDocument();
  ~JsonDocument();
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;

  // Parses `text`, which must stay unchanged while the document is read; without parser_padding of spare capacity it is
  // copied. Everything below may be called only after Result::json.
  Result parse(const std::string& text);
  // The same for a text that lies in a larger one: `padded` says that parser_padding octets behind it can be read.
  Result parse(std::string_view text, bool padded);
  // Gives back memory that only unusually large texts need.
  void shrink();
  bool had_byte_order_mark() const { return had_byte_order_mark_; }
  // The text holds marks (see above).
  bool is_rewritten() const { return rewritten_; }

  Node root() const { return 1; }
  JsonType type(Node node) const;
  // The parser's own words, by node; a number's value stands in the one behind. Valid until the next parse.
  const std::uint64_t* words() const { return tape_; }
  // The node after `node` and all below it.
  Node next(Node node) const;
  // Containers: children lie in [first(node), end(node)); an object alternates key and value.
  Node first(Node node) const { return node + 1; }
  Node end(Node node) const { return static_cast<Node>(tape_[node]) - 1; }

  std::string_view string(Node node) const;  // a string or a key, unescaped
  bool boolean(Node node) const { return tag(node) == 't'; }

  enum class NumberKind : unsigned char { signed_integer, unsigned_integer, real, extreme };
  NumberKind number_kind(Node node) const;
  std::uint64_t number_bits(Node node) const { return tape_[node + 1]; }  // the value's bits; not for extreme
  std::int64_t signed_integer(Node node) const { return static_cast<std::int64_t>(tape_[node + 1]); }
  std::uint64_t unsigned_integer(Node node) const { return tape_[node + 1]; }
  double real(Node node) const;
  // The number as written.
  std::string_view number_text(Node node) const;

  // A scalar that is a value, and where it stands in the text, with the white space behind it.
  struct Scalar {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::uint32_t token = 0;  // counted from the beginning, punctuation as well
  };
  // The scalar that the octet at `place` is in, or that ends there if punctuation stands there; none if that is a key.
  // None either if what was parsed is not the text as given, or if there is no room for a longer scalar in its place.
  std::optional<Scalar> scalar_at(std::size_t place) const;
  // A container, and the member or element at which a way down goes on.
  struct Step {
    Node container = 0;
    Node key = 0;             // of an object
    std::uint32_t index = 0;  // of an array
  };
  // The scalar's node. `way` becomes the containers around it, from the inside out.
  Node locate(const Scalar& scalar, std::vector<Step>& way) const;

  static constexpr std::string_view number_mark{"\0number:", 8};
  static constexpr std::string_view surrogate_mark{"\0surrogate:", 11};

 private:
  char tag(Node node) const { return static_cast<char>(tape_[node] >> 56); }
  std::uint64_t payload(Node node) const { return tape_[node] & 0x00FF'FFFF'FFFF'FFFFULL; }
  void locate_numbers() const;

  struct Parser;
  std::unique_ptr<Parser> parser_;
  const std::uint64_t* tape_ = nullptr;
  const std::uint8_t* strings_ = nullptr;
  std::string_view text_;  // what was parsed
  std::string rewritten_text_;
  bool rewritten_ = false;
  bool had_byte_order_mark_ = false;
  // Where each real and integer stands in text_, by node, filled at the first call of number_text.
  mutable std::vector<std::pair<Node, std::uint32_t>> number_places_;
  mutable std::size_t number_hint_ = 0;
};

inline std::string_view JsonDocument::string(Node node) const {
  const std::uint8_t* place = strings_ + payload(node);
  std::uint32_t length = 0;
  std::memcpy(&length, place, sizeof length);
  return {reinterpret_cast<const char*>(place + sizeof length), length};
}

inline JsonType JsonDocument::type(Node node) const {
  switch (tag(node)) {
    case '{':
      return JsonType::object;
    case '[':
      return JsonType::array;
    case '"':
      return rewritten_ && string(node).starts_with(number_mark) ? JsonType::number : JsonType::string;
    case 't':
    case 'f':
      return JsonType::boolean;
    case 'n':
      return JsonType::null;
    default:
      return JsonType::number;
  }
}

inline JsonDocument::Node JsonDocument::next(Node node) const {
  switch (tag(node)) {
    case '{':
    case '[':
      return static_cast<Node>(tape_[node]);
    case 'l':
    case 'u':
    case 'd':
      return node + 2;
    default:
      return node + 1;
  }
}

}  // namespace understudy::diff
