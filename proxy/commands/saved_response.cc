// Saved bodies and responses. See saved_response.h.
#include "proxy/commands/saved_response.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "diff/body/decode.h"
#include "proxy/http/framing.h"
#include "proxy/http/head_scan.h"
#include "proxy/http/parser.h"

namespace understudy {
namespace {

// The head as it would stand on the wire, with its empty line; what it took is removed from `rest`.
std::string take_head(std::string_view& rest) {
  std::string head;
  while (!rest.empty()) {
    const std::size_t line_feed = rest.find('\n');
    std::string_view line = rest.substr(0, line_feed);
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (head.empty() && (line.starts_with("HTTP/2 ") || line.starts_with("HTTP/3 "))) {
      head = "HTTP/1.1";
      line.remove_prefix(6);
    }
    head += line;
    head += "\r\n";
    if (line.empty()) break;
  }
  return head;
}

bool parse_head(const std::string& text, http::ResponseHead& head, std::string& problem) {
  http::HeadLimits limits;
  limits.head_bytes = 16u << 20;
  limits.fields = 10'000;
  limits.blank_lines = 0;
  http::HeadScanner scanner;
  const http::HeadScanner::State state = scanner.scan(text, limits);
  if (state != http::HeadScanner::State::complete) {
    problem = state == http::HeadScanner::State::need_more ? "the head has no empty line at its end" : scanner.reason();
    return false;
  }
  const http::HeadError error = http::parse_response_head(scanner.head(text), "GET", head);
  problem = error.reason;
  return error.ok();
}

std::vector<diff::Field> copy_fields(std::span<const http::Field> fields) {
  std::vector<diff::Field> copies;
  for (const http::Field& field : fields) copies.push_back({std::string(field.name), std::string(field.value)});
  return copies;
}

// True if all of `saved` is one chunked body, which is then in `response`.
bool remove_chunks(std::string_view saved, diff::Response& response) {
  http::BodyReader reader;
  reader.start(http::Framing::chunked, 0, http::ChunkedLimits());
  std::string content;
  while (!saved.empty() && reader.state() == http::BodyReader::State::more) {
    const http::BodyReader::Step step = reader.consume(saved);
    content += step.data;
    saved.remove_prefix(step.consumed);
  }
  if (reader.state() != http::BodyReader::State::done || !saved.empty()) return false;
  response.body = std::move(content);
  response.trailers = copy_fields(reader.trailers());
  return true;
}

// `curl --compressed` saves the decoded content under the coded response's head.
void drop_coding_that_is_gone(diff::Response& response) {
  const auto is_coding = [](const diff::Field& field) {
    return http::equals_ignore_case(field.name, "content-encoding");
  };
  const auto coding = std::find_if(response.fields.begin(), response.fields.end(), is_coding);
  if (coding == response.fields.end() || response.body.empty()) return;
  std::string decoded;
  if (diff::decode(coding->value, response.body, decoded) == diff::Decoding::malformed) response.fields.erase(coding);
}

std::string_view guess_media_type(std::string_view body) {
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  const bool is_json = first != std::string_view::npos && (body[first] == '{' || body[first] == '[');
  return is_json ? "application/json" : "";
}

}  // namespace

bool parse_saved_response(std::string_view octets, SavedResponse& saved, std::string& problem) {
  diff::Response& response = saved.response;
  saved.has_head = octets.starts_with("HTTP/");
  if (!saved.has_head) {
    response.status = 200;
    response.body = octets;
    const std::string_view type = guess_media_type(octets);
    if (!type.empty()) response.fields.push_back({"Content-Type", std::string(type)});
    return true;
  }
  std::string text;
  http::ResponseHead head;
  do {
    text = take_head(octets);
    if (!parse_head(text, head, problem)) return false;
  } while (head.status < 200);
  response.status = head.status;
  response.fields = copy_fields(head.fields);
  if (head.framing != http::Framing::chunked || !remove_chunks(octets, response)) response.body = octets;
  drop_coding_that_is_gone(response);
  return true;
}

bool read_file(const std::string& path, std::string& octets, std::string& problem) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) {
    problem = std::strerror(errno);
    return false;
  }
  char buffer[64 * 1024];
  std::size_t count;
  while ((count = std::fread(buffer, 1, sizeof buffer, file.get())) > 0) octets.append(buffer, count);
  if (std::ferror(file.get())) problem = std::strerror(errno);
  return problem.empty();
}

}  // namespace understudy
