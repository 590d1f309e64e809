#include "proxy/http/head_rules.h"

#include <limits>
#include <optional>

#include "proxy/http/authority.h"
#include "proxy/http/characters.h"

namespace understudy::http {
namespace {

constexpr std::uint64_t max_length = std::numeric_limits<std::int64_t>::max();
constexpr int max_connection_options = 32;  // each is held against every field

// Fields that both kinds of message have in common, gathered in one pass.
struct Common {
  int content_lengths = 0;
  std::string_view content_length;
  int transfer_encodings = 0;
  std::string_view transfer_encoding;
  bool close = false;
  bool keep_alive = false;
  bool nominates = false;  // Connection names fields
  bool upgrade = false;    // … and Upgrade among them
  int upgrades = 0;
  bool websocket = false;  // the value of Upgrade is "websocket"
};

// Connection, Upgrade and framing fields; true if `field` was one of them.
bool note_common(const Field& field, Common& common) {
  switch (field.id) {
    case FieldId::content_length:
      ++common.content_lengths;
      common.content_length = field.value;
      return true;
    case FieldId::transfer_encoding:
      ++common.transfer_encodings;
      common.transfer_encoding = field.value;
      return true;
    case FieldId::connection: {
      std::string_view rest = field.value;
      std::string_view option;
      while (next_list_element(rest, option)) {
        if (equals_ignore_case(option, "close")) {
          common.close = true;
        } else if (equals_ignore_case(option, "keep-alive")) {
          common.keep_alive = true;
        } else if (equals_ignore_case(option, "upgrade")) {
          common.upgrade = true;  // a hop-by-hop field with or without this
        } else if (!option.empty()) {
          common.nominates = true;
        }
      }
      return true;
    }
    case FieldId::upgrade:
      ++common.upgrades;
      common.websocket = equals_ignore_case(field.value, "websocket");
      return true;
    default:
      return false;
  }
}

// One protocol, the one we know, and said so in both fields (RFC 9110 7.8).
bool names_websocket(const Common& common) {
  return common.upgrade && common.upgrades == 1 && common.websocket;
}

// Framing and routing do not bend to Connection: what they say has been acted on already, and we write our own.
bool may_be_nominated(FieldId id) {
  return id != FieldId::host && id != FieldId::content_length && id != FieldId::transfer_encoding;
}

// Marks the fields that Connection names. False: too many options.
bool mark_nominated(std::vector<Field>& fields) {
  int options = 0;
  for (const Field& connection : fields) {
    if (connection.id != FieldId::connection) continue;
    std::string_view rest = connection.value;
    std::string_view option;
    while (next_list_element(rest, option)) {
      if (++options > max_connection_options) return false;
      for (Field& field : fields) {
        if (may_be_nominated(field.id) && equals_ignore_case(field.name, option)) field.nominated = true;
      }
    }
  }
  return true;
}

// Digits alone, at most 2^63-1.
std::optional<std::uint64_t> parse_length(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (max_length - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

// Why a transfer coding is not the one we know. Known grammar with another coding before a final "chunked" is 501, the
// rest is 400 (RFC 9112 6.1, 6.3).
HeadError refuse_transfer_encoding(std::string_view value) {
  std::string_view rest = value;
  std::string_view coding;
  bool chunked_before = false;
  bool is_chunked = false;
  while (next_list_element(rest, coding)) {
    chunked_before |= is_chunked;
    is_chunked = equals_ignore_case(coding, "chunked");
    if (coding.empty()) return {400, "malformed Transfer-Encoding"};
  }
  if (is_chunked && !chunked_before) return {501, "transfer coding not supported"};
  return {400, "final transfer coding is not chunked"};
}

// Message framing as far as it is the same for both kinds (RFC 9112 6.1, 6.2): exactly one "chunked", or exactly one
// length, never both.
HeadError parse_framing(const Common& common, int minor_version, bool& chunked, std::int64_t& length) {
  chunked = common.transfer_encodings != 0;
  length = -1;
  if (chunked) {
    if (common.transfer_encodings > 1) return {400, "several Transfer-Encoding fields"};
    if (!equals_ignore_case(common.transfer_encoding, "chunked"))
      return refuse_transfer_encoding(common.transfer_encoding);
    if (common.content_lengths != 0) return {400, "both Content-Length and Transfer-Encoding"};
    if (minor_version == 0) return {400, "Transfer-Encoding in HTTP/1.0"};
  } else if (common.content_lengths != 0) {
    if (common.content_lengths > 1) return {400, "several Content-Length fields"};
    const std::optional<std::uint64_t> parsed = parse_length(common.content_length);
    if (!parsed) return {400, "malformed Content-Length"};
    length = static_cast<std::int64_t>(*parsed);
  }
  return {};
}

// The value is a view that llhttp gives without white space before it, but with what stands behind it. Both views point
// into a whole head, so that ':' follows the name, and white space or CRLF the value (an empty value's view stands
// behind its CRLF, and is never as we write it).
void prepare(Field& field) {
  while (!field.value.empty() && is_white_space(field.value.back())) field.value.remove_suffix(1);
  field.id = classify_field(field.name);
  const char* const name_end = field.name.data() + field.name.size();
  field.as_written =
      field.value.data() == name_end + 2 && name_end[1] == ' ' && field.value.data()[field.value.size()] == '\r';
}

bool starts_with_ignore_case(std::string_view text, std::string_view prefix) {
  return equals_ignore_case(text.substr(0, prefix.size()), prefix);
}

// Brings any of the target's forms (RFC 9112 3.2) to origin-form or "*"; an absolute-form's authority is kept in
// `authority`.
HeadError normalize_target(RequestHead& head, std::string_view& authority) {
  std::string_view& target = head.target;
  if (head.method == "CONNECT") return {501, "CONNECT not supported"};
  if (target.find('#') != std::string_view::npos) return {400, "fragment in the target"};
  if (target.starts_with('/')) return {};
  if (target == "*") return head.method == "OPTIONS" ? HeadError{} : HeadError{400, "asterisk-form without OPTIONS"};
  if (starts_with_ignore_case(target, "http://")) {
    target.remove_prefix(7);
  } else if (starts_with_ignore_case(target, "https://")) {
    target.remove_prefix(8);
  } else {
    return {400, "malformed target"};
  }
  const std::size_t end = target.find_first_of("/?");
  authority = target.substr(0, end);
  if (!is_valid_authority(authority)) return {400, "malformed authority in the target"};
  target = end == std::string_view::npos ? std::string_view() : target.substr(end);
  if (target.empty()) {
    target = head.method == "OPTIONS" ? "*" : "/";
  } else if (target.front() == '?') {
    head.rewritten_target.assign(1, '/').append(target);
    target = head.rewritten_target;
  }
  return {};
}

bool has_list_element(std::string_view list, std::string_view name) {
  std::string_view element;
  while (next_list_element(list, element)) {
    if (equals_ignore_case(element.substr(0, element.find(';')), name)) return true;
  }
  return false;
}

}  // namespace

HeadError apply_request_rules(RequestHead& head) {
  Common common;
  int hosts = 0;
  std::string_view host;
  std::string_view max_forwards;
  bool expects = false;
  bool expects_other = false;
  head.te_trailers = false;
  for (Field& field : head.fields) {
    prepare(field);
    if (field.id == FieldId::other || note_common(field, common)) continue;
    switch (field.id) {
      case FieldId::host:
        ++hosts;
        host = field.value;
        break;
      case FieldId::expect:
        expects = true;
        expects_other |= !equals_ignore_case(field.value, "100-continue");
        break;
      case FieldId::te:
        head.te_trailers |= has_list_element(field.value, "trailers");
        break;
      case FieldId::max_forwards:
        max_forwards = field.value;
        break;
      default:
        break;
    }
  }

  std::string_view target_authority;
  if (const HeadError error = normalize_target(head, target_authority); !error.ok()) return error;
  if (hosts > 1) return {400, "several Host fields"};
  if (hosts == 0 && head.minor_version != 0) return {400, "no Host field"};
  if (hosts == 1 && !is_valid_authority(host)) return {400, "malformed Host"};
  head.authority = target_authority.empty() ? host : target_authority;

  bool chunked = false;
  std::int64_t length = -1;
  if (const HeadError error = parse_framing(common, head.minor_version, chunked, length); !error.ok()) return error;
  head.framing = chunked ? Framing::chunked : length >= 0 ? Framing::content_length : Framing::none;
  head.content_length = length > 0 ? static_cast<std::uint64_t>(length) : 0;

  if (common.nominates && !mark_nominated(head.fields)) return {400, "too many Connection options"};
  head.keep_alive = !common.close && (head.minor_version != 0 || common.keep_alive);

  head.websocket =
      names_websocket(common) && head.minor_version != 0 && head.method == "GET" && head.framing == Framing::none;

  // A server ignores the expectation of an HTTP/1.0 client, and one without content asks for nothing (RFC 9110 10.1.1).
  if (expects_other && head.minor_version != 0) return {417, "expectation not supported"};
  head.expect_continue = expects && head.minor_version != 0 && (chunked || length > 0);

  head.max_forwards = -1;
  if (!max_forwards.empty() && (head.method == "OPTIONS" || head.method == "TRACE")) {
    const std::optional<std::uint64_t> parsed = parse_length(max_forwards);
    if (parsed) head.max_forwards = static_cast<std::int64_t>(*parsed);
  }
  return {};
}

HeadError apply_response_rules(ResponseHead& head, std::string_view request_method, bool websocket_asked) {
  if (head.status < 100 || head.status > 599) return {502, "status code out of range"};
  Common common;
  for (Field& field : head.fields) {
    prepare(field);
    note_common(field, common);
  }
  const bool may_switch = websocket_asked && head.minor_version != 0 && names_websocket(common);
  if (head.status == 101 && !may_switch) return {502, "unasked switch of protocols"};
  bool chunked = false;
  if (const HeadError error = parse_framing(common, head.minor_version, chunked, head.content_length); !error.ok()) {
    return {502, error.reason};
  }
  if (common.nominates && !mark_nominated(head.fields)) return {502, "too many Connection options"};

  // RFC 9112 6.3, in its order: these have no content whatever their fields say.
  const bool no_content = head.status < 200 || head.status == 204 || head.status == 304 || request_method == "HEAD";
  head.framing = no_content                 ? Framing::none
                 : chunked                  ? Framing::chunked
                 : head.content_length >= 0 ? Framing::content_length
                                            : Framing::until_close;
  head.keep_alive =
      head.framing != Framing::until_close && !common.close && (head.minor_version != 0 || common.keep_alive);
  return {};
}

}  // namespace understudy::http
