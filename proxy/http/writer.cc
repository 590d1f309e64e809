#include "proxy/http/writer.h"

#include <charconv>
#include <cstring>

namespace understudy::http {
namespace {

constexpr std::string_view crlf = "\r\n";
constexpr std::string_view upgrade_to_websocket = "Connection: Upgrade\r\nUpgrade: websocket\r\n";

char* put(char* at, std::string_view text) {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

void append_field(Buffer& out, std::string_view name, std::string_view value) {
  const std::size_t size = name.size() + 2 + value.size() + 2;
  char* at = put(out.prepare(size), name);
  at = put(at, ": ");
  at = put(at, value);
  put(at, crlf);
  out.commit(size);
}

// Lines that stood one after the other in the head, each of them as we would write it, are copied in one piece.
class FieldLines {
 public:
  explicit FieldLines(Buffer& out) : out_(out) {}
  void add(const Field& field) {
    // Whoever gave the field another value gave it another place: nothing but a line that still stands as it came.
    if (!field.as_written || field.value.data() != field.name.data() + field.name.size() + 2) {
      end();
      append_field(out_, field.name, field.value);
      return;
    }
    if (field.name.data() != next_) {
      end();
      begin_ = field.name.data();
    }
    next_ = field.value.data() + field.value.size() + crlf.size();
  }
  void end() {
    if (begin_ != next_) out_.append({begin_, static_cast<std::size_t>(next_ - begin_)});
    begin_ = next_ = nullptr;
  }

 private:
  Buffer& out_;
  const char* begin_ = nullptr;
  const char* next_ = nullptr;
};

void append_number(Buffer& out, std::uint64_t number) {
  char* at = out.prepare(20);
  out.commit(static_cast<std::size_t>(std::to_chars(at, at + 20, number).ptr - at));
}

void append_content_length(Buffer& out, std::uint64_t length) {
  out.append("Content-Length: ");
  append_number(out, length);
  out.append(crlf);
}

void append_framing(Buffer& out, Framing framing, std::uint64_t content_length) {
  if (framing == Framing::content_length) append_content_length(out, content_length);
  if (framing == Framing::chunked) out.append("Transfer-Encoding: chunked\r\n");
}

void append_status_line(Buffer& out, int status, std::string_view reason) {
  constexpr std::string_view version = "HTTP/1.1 ";
  const std::size_t size = version.size() + 4 + reason.size() + crlf.size();
  char* at = put(out.prepare(size), version);
  *at++ = static_cast<char>('0' + status / 100);
  *at++ = static_cast<char>('0' + status / 10 % 10);
  *at++ = static_cast<char>('0' + status % 10);
  *at++ = ' ';
  if (!reason.empty()) at = put(at, reason);  // an empty one may be no place at all
  put(at, crlf);
  out.commit(size);
}

// An HTTP/1.1 connection persists unless told otherwise, an HTTP/1.0 one only if told so (RFC 9112 9.3).
void append_connection(Buffer& out, int client_minor_version, bool close) {
  if (close) {
    out.append("Connection: close\r\n");
  } else if (client_minor_version == 0) {
    out.append("Connection: keep-alive\r\n");
  }
}

void append_response_fields(Buffer& out, const ResponseHead& head) {
  FieldLines lines(out);
  for (const Field& field : head.fields) {
    if (is_end_to_end(field) && field.id != FieldId::content_length) lines.add(field);
  }
  lines.end();
  out.append(head.minor_version == 0 ? "Via: 1.0 understudy\r\n" : "Via: 1.1 understudy\r\n");
}

}  // namespace

void write_request_head(Buffer& out, const ForwardedRequest& request, bool expect_continue) {
  constexpr std::string_view version_and_host = " HTTP/1.1\r\nHost: ";
  const std::size_t size = request.method().size() + 1 + request.target().size() + version_and_host.size() +
                           request.authority().size() + crlf.size();
  char* at = put(out.prepare(size), request.method());
  *at++ = ' ';
  at = put(at, request.target());
  at = put(at, version_and_host);
  at = put(at, request.authority());
  put(at, crlf);
  out.commit(size);
  FieldLines lines(out);
  for (const Field& field : request.fields()) lines.add(field);
  lines.end();
  append_framing(out, request.framing(), request.content_length());
  if (request.websocket()) {
    out.append(upgrade_to_websocket);
  } else if (request.te_trailers()) {
    out.append("Connection: TE\r\nTE: trailers\r\n");
  }
  if (expect_continue) out.append("Expect: 100-continue\r\n");
  out.append(crlf);
}

void write_response_head(Buffer& out, const ResponseHead& head, const ResponseFraming& framing) {
  append_status_line(out, head.status, head.reason);
  append_response_fields(out, head);
  if (framing.framing != Framing::none) {
    append_framing(out, framing.framing, head.content_length > 0 ? static_cast<std::uint64_t>(head.content_length) : 0);
  } else if (head.content_length >= 0 && head.status != 204) {
    append_content_length(
        out, static_cast<std::uint64_t>(head.content_length));  // of HEAD and 304: what a GET would have brought
  }
  append_connection(out, framing.client_minor_version, framing.close || framing.framing == Framing::until_close);
  out.append(crlf);
}

void write_interim_response(Buffer& out, const ResponseHead& head) {
  append_status_line(out, head.status, head.reason);
  append_response_fields(out, head);
  out.append(crlf);
}

void write_switch_to_websocket(Buffer& out, const ResponseHead& head) {
  append_status_line(out, head.status, head.reason);
  append_response_fields(out, head);
  out.append(upgrade_to_websocket);
  out.append(crlf);
}

void write_continue(Buffer& out) {
  out.append("HTTP/1.1 100 Continue\r\n\r\n");
}

void write_last_chunk(Buffer& out, std::span<const Field> trailers) {
  out.append("0\r\n");
  for (const Field& field : trailers) append_field(out, field.name, field.value);
  out.append(crlf);
}

void write_own_response_head(Buffer& out, const OwnResponse& response) {
  append_status_line(out, response.status, reason_phrase(response.status));
  append_field(out, "Content-Type", response.content_type);
  for (const Field& field : response.fields) append_field(out, field.name, field.value);
  append_content_length(out, response.content_length);
  append_connection(out, response.client_minor_version, response.close);
  out.append(crlf);
}

void write_error_response(Buffer& out, int status, std::string_view detail, int client_minor_version, bool close,
                          bool head_request) {
  // "404 Not Found: detail\n"
  const std::string_view phrase = reason_phrase(status);
  const std::size_t length = 3 + 1 + phrase.size() + (detail.empty() ? 0 : 2 + detail.size()) + 1;
  write_own_response_head(
      out, {.status = status, .content_length = length, .client_minor_version = client_minor_version, .close = close});
  if (head_request) return;
  append_number(out, static_cast<std::uint64_t>(status));
  out.append(' ');
  out.append(phrase);
  if (!detail.empty()) out.append(": ");
  out.append(detail);
  out.append('\n');
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

}  // namespace understudy::http
