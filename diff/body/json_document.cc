// Parsing with simdjson's DOM, and the places of values, see the header.
#include "diff/body/json_document.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "diff/body/decode.h"
#include "diff/body/json_rewrite.h"

namespace understudy::diff {
namespace {

using Error = simdjson::error_code;

// What a token is, by its first octet: its words on the tape in the lower half, so that a sum of these counts them, and
// a bit if it is a bracket.
constexpr std::uint64_t bracket_bit = std::uint64_t{1} << 63;
constexpr std::uint64_t number_width = 2;
constexpr auto tokens = [] {
  std::array<std::uint64_t, 256> table{};
  table.fill(1);
  for (const unsigned char c : std::string_view("{}[]")) table[c] |= bracket_bit;
  for (const unsigned char c : std::string_view(":,")) table[c] = 0;
  for (const unsigned char c : std::string_view("-0123456789")) table[c] = number_width;
  return table;
}();

std::uint64_t token_of(char first) {
  return tokens[static_cast<unsigned char>(first)];
}

bool is_scalar(std::uint64_t token) {
  return token != 0 && (token & bracket_bit) == 0;
}

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t large_text = 2 * 1024 * 1024;
static_assert(parser_padding >= simdjson::SIMDJSON_PADDING);

}  // namespace

struct JsonDocument::Parser {
  simdjson::dom::parser dom;
};

JsonDocument::JsonDocument() : parser_(std::make_unique<Parser>()) {}
JsonDocument::~JsonDocument() = default;

JsonDocument::Result JsonDocument::parse(const std::string& text) {
  return parse(text, text.capacity() - text.size() >= parser_padding);
}

JsonDocument::Result JsonDocument::parse(std::string_view text, bool padded) {
  constexpr std::size_t first_capacity = 4096;
  if (parser_->dom.capacity() == 0 && parser_->dom.allocate(first_capacity, json_depth_limit) != Error::SUCCESS)
    return Result::beyond_limits;
  rewritten_ = false;
  number_places_.clear();
  number_hint_ = 0;
  had_byte_order_mark_ = text.starts_with(byte_order_mark);
  text_ = text.substr(had_byte_order_mark_ ? byte_order_mark.size() : 0);
  if (text_.size() > json_size_limit) return Result::beyond_limits;

  Error error = parser_->dom.parse(text_.data(), text_.size(), !padded).error();
  if (error == Error::NUMBER_ERROR || error == Error::STRING_ERROR) {
    auto replacement = rewritten_json(text_);
    if (!replacement) return Result::not_json;
    rewritten_text_ = std::move(*replacement);
    rewritten_text_.reserve(rewritten_text_.size() + parser_padding);
    text_ = rewritten_text_;
    rewritten_ = true;
    error = parser_->dom.parse(text_.data(), text_.size(), false).error();
  }
  if (error == Error::DEPTH_ERROR || error == Error::CAPACITY || error == Error::MEMALLOC) return Result::beyond_limits;
  if (error != Error::SUCCESS) return Result::not_json;
  tape_ = parser_->dom.doc.tape.get();
  strings_ = parser_->dom.doc.string_buf.get();
  return payload(0) <= json_node_limit ? Result::json : Result::beyond_limits;
}

void JsonDocument::shrink() {
  if (parser_->dom.capacity() <= large_text) return;
  parser_ = std::make_unique<Parser>();
  tape_ = nullptr;
  std::string().swap(rewritten_text_);
  std::vector<std::pair<Node, std::uint32_t>>().swap(number_places_);
}

JsonDocument::NumberKind JsonDocument::number_kind(Node node) const {
  switch (tag(node)) {
    case 'l':
      return NumberKind::signed_integer;
    case 'u':
      return NumberKind::unsigned_integer;
    case 'd':
      return NumberKind::real;
    default:
      return NumberKind::extreme;
  }
}

double JsonDocument::real(Node node) const {
  return std::bit_cast<double>(tape_[node + 1]);
}

std::string_view JsonDocument::number_text(Node node) const {
  if (number_kind(node) == NumberKind::extreme) return string(node).substr(number_mark.size());
  if (number_places_.empty()) locate_numbers();
  // Walks ask in document order, so the place is most often the one after the last.
  if (number_hint_ >= number_places_.size() || number_places_[number_hint_].first != node) {
    const auto found =
        std::lower_bound(number_places_.begin(), number_places_.end(), std::pair<Node, std::uint32_t>{node, 0});
    number_hint_ = static_cast<std::size_t>(found - number_places_.begin());
  }
  const std::string_view rest = text_.substr(number_places_[number_hint_++].second);
  return rest.substr(0, json_number_length(rest));
}

// The parser's list of structural characters names the start of every token in document order, and the tape holds the
// same tokens in the same order, without colons and commas.
void JsonDocument::locate_numbers() const {
  const auto& implementation = *parser_->dom.implementation;
  Node node = root();
  for (std::uint32_t i = 0; i < implementation.n_structural_indexes; ++i) {
    const std::uint32_t place = implementation.structural_indexes[i];
    const std::uint64_t token = token_of(text_[place]);
    if (token == number_width) number_places_.emplace_back(node, place);
    node += static_cast<Node>(token);
  }
}

std::optional<JsonDocument::Scalar> JsonDocument::scalar_at(std::size_t place) const {
  if (rewritten_ || had_byte_order_mark_ || payload(0) >= json_node_limit) return std::nullopt;
  const auto& implementation = *parser_->dom.implementation;
  const std::uint32_t* const first = implementation.structural_indexes.get();
  const std::uint32_t* const last = first + implementation.n_structural_indexes;
  const std::uint32_t* token = std::upper_bound(first, last, place);
  if (token == first) return std::nullopt;
  --token;
  // A number ends where punctuation begins, and another digit could stand there.
  if (*token == place && token != first && !is_scalar(token_of(text_[place]))) --token;
  if (!is_scalar(token_of(text_[*token]))) return std::nullopt;
  const std::size_t end = token + 1 == last ? text_.size() : token[1];
  if (end < text_.size() && text_[end] == ':') return std::nullopt;
  return Scalar{.begin = *token, .end = end, .token = static_cast<std::uint32_t>(token - first)};
}

// Tokens are read backwards, and nodes counted from the scalar's until its own is known.
JsonDocument::Node JsonDocument::locate(const Scalar& scalar, std::vector<Step>& way) const {
  const std::uint32_t* const places = parser_->dom.implementation->structural_indexes.get();
  const char* const text = text_.data();
  way.clear();
  std::uint64_t before = 0;  // in its lower half, words between the token and the scalar
  std::size_t closed = 0;
  for (std::uint32_t i = scalar.token; i-- > 0;) {
    const char c = text[places[i]];
    const std::uint64_t token = token_of(c);
    before += token;
    if ((token & bracket_bit) == 0) continue;
    if (c == '}' || c == ']') {
      ++closed;
    } else if (closed > 0) {
      --closed;
    } else {
      way.push_back({.container = static_cast<Node>(before)});
    }
  }
  const Node node = root() + static_cast<Node>(before);
  Node below = node;
  for (Step& step : way) {
    step.container = node - step.container;
    if (type(step.container) == JsonType::object) {
      step.key = below - 1;
    } else {
      for (Node element = first(step.container); element < below; element = next(element)) ++step.index;
    }
    below = step.container;
  }
  return node;
}

}  // namespace understudy::diff
