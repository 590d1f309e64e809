#include "tests/tools/message_reader.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace understudy::tools {

namespace {

constexpr std::size_t longest_head = 1 << 20;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool parse_field(std::string_view line, std::vector<std::pair<std::string, std::string>>& fields) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  fields.emplace_back(lower(line.substr(0, colon)), std::string(trim(line.substr(colon + 1))));
  return true;
}

bool parse_number(std::string_view text, int base, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return !text.empty() && error == std::errc{} && end == text.data() + text.size();
}

bool parse_head(MessageHead& head) {
  std::string_view rest = head.raw;
  bool first = true;
  while (!rest.empty()) {
    const auto end = std::min(rest.find("\r\n"), rest.size());
    const std::string_view line = rest.substr(0, end);
    if (first) {
      head.start_line = line;
    } else if (!parse_field(line, head.fields)) {
      return false;
    }
    first = false;
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  return !first;
}

}  // namespace

std::string_view MessageHead::field(std::string_view name) const {
  for (const auto& [field_name, value] : fields)
    if (field_name == name) return value;
  return {};
}

std::string_view MessageHead::method() const {
  return std::string_view(start_line).substr(0, start_line.find(' '));
}

std::string_view MessageHead::target() const {
  const auto begin = std::min(start_line.find(' ') + 1, start_line.size());
  return std::string_view(start_line).substr(begin, start_line.rfind(' ') - begin);
}

int MessageHead::status() const {
  std::uint64_t value = 0;
  return start_line.starts_with("HTTP/1.") && parse_number(std::string_view(start_line).substr(9, 3), 10, value)
             ? static_cast<int>(value)
             : 0;
}

bool MessageHead::wants_close() const {
  const std::string connection = lower(field("connection"));
  if (connection.find("close") != std::string::npos) return true;
  return start_line.find("HTTP/1.0") != std::string::npos && connection.find("keep-alive") == std::string::npos;
}

std::size_t MessageReader::feed(std::string_view bytes, Handler& handler) {
  std::size_t used = 0;
  while (used < bytes.size() && state_ != State::whole && state_ != State::failed) {
    const std::string_view rest = bytes.substr(used);
    switch (state_) {
      case State::head:
        used += read_head(rest, handler);
        break;
      case State::sized:
      case State::chunk:
      case State::until_close: {
        const std::size_t length = state_ == State::until_close
                                       ? rest.size()
                                       : static_cast<std::size_t>(std::min<std::uint64_t>(left_, rest.size()));
        used += length;
        left_ -= state_ == State::until_close ? 0 : length;
        handler.on_body(rest.substr(0, length));
        if (left_ == 0 && state_ == State::sized) finish(handler);
        if (left_ == 0 && state_ == State::chunk) state_ = State::chunk_end;
        break;
      }
      case State::chunk_size:
        if (!take_line(rest, used)) break;
        if (!parse_number(std::string_view(line_).substr(0, line_.find(';')), 16, left_)) {
          state_ = State::failed;
        } else {
          state_ = left_ == 0 ? State::trailers : State::chunk;
        }
        line_.clear();
        break;
      case State::chunk_end:
        if (!take_line(rest, used)) break;
        state_ = line_.empty() ? State::chunk_size : State::failed;
        line_.clear();
        break;
      case State::trailers:
        if (!take_line(rest, used)) break;
        if (line_.empty()) {
          finish(handler);
        } else if (!parse_field(line_, trailers_)) {
          state_ = State::failed;
        }
        line_.clear();
        break;
      case State::whole:
      case State::failed:
        break;
    }
  }
  return used;
}

std::size_t MessageReader::read_head(std::string_view bytes, Handler& handler) {
  const std::size_t before = head_.raw.size();
  head_.raw.append(bytes.substr(0, longest_head));
  const auto end = head_.raw.find("\r\n\r\n", before < 3 ? 0 : before - 3);
  if (end == std::string::npos) {
    if (head_.raw.size() > longest_head) state_ = State::failed;
    return bytes.size();
  }
  const std::size_t used = end + 4 - before;
  head_.raw.resize(end);
  if (!parse_head(head_)) {
    state_ = State::failed;
    return used;
  }
  choose_framing(handler);
  return used;
}

void MessageReader::choose_framing(Handler& handler) {
  const int status = kind_ == Kind::responses ? head_.status() : 200;
  if (status == 0) {
    state_ = State::failed;
    return;
  }
  if (status < 200) {  // an interim response: told, and the final one is still to come
    handler.on_head(head_);
    head_ = {};
    return;
  }
  const std::string_view length = head_.field("content-length");
  chunked_ = lower(head_.field("transfer-encoding")) == "chunked";
  left_ = 0;
  if (no_content_ || status == 204 || status == 304) {
    chunked_ = false;
    state_ = State::sized;
  } else if (chunked_) {
    state_ = State::chunk_size;
  } else if (!length.empty()) {
    state_ = parse_number(length, 10, left_) ? State::sized : State::failed;
  } else {
    state_ = kind_ == Kind::responses ? State::until_close : State::sized;
  }
  if (state_ == State::failed) return;
  handler.on_head(head_);
  if (state_ == State::sized && left_ == 0) finish(handler);
}

// Adds to line_ up to CRLF; true when the line is whole (then without its CRLF). A bare LF ends the message as
// ill-formed.
bool MessageReader::take_line(std::string_view bytes, std::size_t& used) {
  const auto end = bytes.find('\n');
  const std::size_t length = end == std::string_view::npos ? bytes.size() : end + 1;
  line_.append(bytes.substr(0, length));
  used += length;
  if (line_.size() > longest_head) state_ = State::failed;
  if (end == std::string_view::npos) return false;
  if (!line_.ends_with("\r\n")) {
    state_ = State::failed;
    return false;
  }
  line_.resize(line_.size() - 2);
  return true;
}

void MessageReader::finish(Handler& handler) {
  state_ = State::whole;
  handler.on_end();
}

void MessageReader::end_of_stream(Handler& handler) {
  if (state_ == State::until_close) finish(handler);
}

void MessageReader::next() {
  state_ = State::head;
  no_content_ = false;
  chunked_ = false;
  head_.start_line.clear();
  head_.fields.clear();
  head_.raw.clear();
  trailers_.clear();
  line_.clear();
}

}  // namespace understudy::tools
