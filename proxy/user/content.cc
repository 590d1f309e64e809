// Heads and content in buffers, see the header.
#include "proxy/user/content.h"

#include <algorithm>
#include <cstring>

#include "proxy/http/writer.h"
#include "proxy/user/workspace.h"

namespace understudy::user {

char* room_for_head(http::Buffer& buffer) {
  if (buffer.empty()) return buffer.prepare(first_read);
  return buffer.prepare(buffer.room() < first_read / 8 ? small_read : 1);
}

bool asks_for_head(std::string_view octets) {
  octets.remove_prefix(std::min(octets.find_first_not_of("\r\n"), octets.size()));
  return octets.starts_with("HEAD ");
}

std::string_view gather_content(http::BodyReader& body, std::string_view octets, std::size_t& consumed) {
  consumed = 0;
  char* first = nullptr;
  std::size_t gathered = 0;
  while (consumed < octets.size() && body.state() == http::BodyReader::State::more) {
    const http::BodyReader::Step step = body.consume(octets.substr(consumed));
    consumed += step.consumed;
    if (step.data.empty()) continue;
    char* const found = const_cast<char*>(step.data.data());
    if (!first) first = found;
    if (first + gathered != found) std::memmove(first + gathered, found, step.data.size());
    gathered += step.data.size();
  }
  return {first, gathered};
}

void frame_chunk(http::Buffer& before, http::Buffer& after, std::string_view content, const http::BodyReader& body) {
  if (!content.empty()) {
    char* room = before.prepare(http::chunk_header_max);
    before.commit(http::write_chunk_header(content.size(), room));
    after.append("\r\n");
  }
  if (body.state() == http::BodyReader::State::done) http::write_last_chunk(after, body.trailers());
}

}  // namespace understudy::user
