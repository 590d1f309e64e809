#include "proxy/http/parser.h"

#include <llhttp.h>

#include <algorithm>

#include "proxy/http/characters.h"
#include "proxy/http/head_rules.h"

#ifdef UNDERSTUDY_LLHTTP_SSE42
extern "C" int llhttp__internal_execute_sse42(llhttp_t* parser, const char* begin, const char* end);
#endif

namespace understudy::http {
namespace {

// What llhttp's callbacks fill. The head is one stretch of octets, so each name, value and target arrives in one piece.
struct Spans {
  std::string_view target;
  std::vector<Field>* fields = nullptr;
};

Spans& spans(llhttp_t* parser) {
  return *static_cast<Spans*>(parser->data);
}

int on_url(llhttp_t* parser, const char* at, std::size_t length) {
  spans(parser).target = {at, length};
  return HPE_OK;
}

int on_field_name(llhttp_t* parser, const char* at, std::size_t length) {
  spans(parser).fields->emplace_back().name = {at, length};
  return HPE_OK;
}

int on_field_value(llhttp_t* parser, const char* at, std::size_t length) {
  spans(parser).fields->back().value = {at, length};
  return HPE_OK;
}

int on_head_complete(llhttp_t*) {
  return HPE_PAUSED;
}  // what follows is not llhttp's: see framing.h

const llhttp_settings_t settings = [] {
  llhttp_settings_t result;
  llhttp_settings_init(&result);
  result.on_url = on_url;
  result.on_header_field = on_field_name;
  result.on_header_value = on_field_value;
  result.on_headers_complete = on_head_complete;
  return result;
}();

// What llhttp_execute() calls, in the build that suits the processor.
int (*const execute)(llhttp_t*, const char*, const char*) =
#ifdef UNDERSTUDY_LLHTTP_SSE42
    __builtin_cpu_supports("sse4.2") ? llhttp__internal_execute_sse42 :
#endif
                                     llhttp__internal_execute;

struct Outcome {
  llhttp_errno_t error = HPE_OK;
  const char* reason = "";
  std::string_view target;
};

// HPE_PAUSED: `octets` is one whole head.
Outcome run(llhttp_type_t type, std::string_view octets, std::vector<Field>& fields) {
  Spans found{.target = {}, .fields = &fields};
  llhttp_t parser;
  llhttp_init(&parser, type, &settings);
  parser.data = &found;
  fields.clear();
  const auto error = static_cast<llhttp_errno_t>(execute(&parser, octets.data(), octets.data() + octets.size()));
  if (error == HPE_OK) return {HPE_USER, "head without an end", {}};
  if (error == HPE_PAUSED) {
    if (llhttp_get_error_pos(&parser) != octets.data() + octets.size()) return {HPE_USER, "octets after the head", {}};
    return {error, "", found.target};
  }
  const char* reason = llhttp_get_error_reason(&parser);
  return {error, reason != nullptr ? reason : "", {}};
}

std::string_view first_line(std::string_view octets) {
  return octets.substr(0, octets.find('\r'));
}

bool is_version(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) && text[6] == '.' && is_digit(text[7]);
}

// Tells a method or version that is merely not ours from a line that is not HTTP at all.
HeadError refuse_request_line(const Outcome& outcome, std::string_view octets) {
  const std::string_view line = first_line(octets);
  const std::size_t first_space = line.find(' ');
  const std::size_t last_space = line.rfind(' ');
  const bool well_formed =
      first_space != last_space && is_token(line.substr(0, first_space)) && is_version(line.substr(last_space + 1));
  if (well_formed) {
    const std::string_view version = line.substr(last_space + 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0") return {505, "HTTP version not supported"};
    if (outcome.error == HPE_INVALID_METHOD) return {501, "method not supported"};
  }
  return {400, outcome.reason};
}

}  // namespace

HeadError parse_request_head(std::string_view octets, RequestHead& head) {
  head.method = head.target = {};  // also of a head that is refused, nothing of the one before it may stay
  const Outcome outcome = run(HTTP_REQUEST, octets, head.fields);
  if (outcome.error != HPE_PAUSED) return refuse_request_line(outcome, octets);
  // llhttp also takes RTSP, ICE and HTTP of other versions, and any number of spaces.
  const char* after_target = outcome.target.data() + outcome.target.size();
  std::string_view version =
      first_line({after_target, static_cast<std::size_t>(octets.data() + octets.size() - after_target)});
  version.remove_prefix(std::min(version.find_first_not_of(' '), version.size()));
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return refuse_request_line({HPE_INVALID_VERSION, "malformed request line", {}}, octets);
  }
  head.minor_version = version.back() - '0';
  head.method = octets.substr(0, octets.find(' '));
  head.target = outcome.target;
  return apply_request_rules(head);
}

HeadError parse_response_head(std::string_view octets, std::string_view request_method, ResponseHead& head,
                              bool websocket_asked) {
  // "HTTP/1.1 200" and then SP or the end of the line: the first thirteen octets are fixed (RFC 9112 4).
  const std::string_view line = first_line(octets);
  const bool versioned = line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ");
  if (!versioned || line.size() < 12 || (line.size() > 12 && line[12] != ' ')) return {502, "malformed status line"};
  head.status = 0;
  for (const char c : line.substr(9, 3)) {
    if (c < '0' || c > '9') return {502, "malformed status code"};
    head.status = head.status * 10 + (c - '0');
  }
  const Outcome outcome = run(HTTP_RESPONSE, octets, head.fields);
  if (outcome.error != HPE_PAUSED) return {502, outcome.reason};
  head.minor_version = line[7] - '0';
  head.reason = line.size() > 13 ? line.substr(13) : std::string_view();
  // llhttp takes any octet but CR and LF here.
  if (!std::all_of(head.reason.begin(), head.reason.end(), is_field_value_octet))
    return {502, "control octet in the reason phrase"};
  return apply_response_rules(head, request_method, websocket_asked);
}

bool llhttp_is_strict() {
  return LLHTTP_STRICT_MODE != 0;
}

}  // namespace understudy::http
