// Octets between the two connections of an exchange: where they are read to, and the framing of content (RFC 9112 6,
// 7). Callers: Session.
#pragma once

#include <cstddef>
#include <string_view>

#include "proxy/http/buffer.h"
#include "proxy/http/framing.h"

namespace understudy::user {

// Where the next octets of a head go: what drips in does not make the buffer grow.
char* room_for_head(http::Buffer& buffer);

// Whether a head that is refused before it is parsed is one of HEAD, which is answered without content.
bool asks_for_head(std::string_view octets);

// Content that stands in `octets` and belongs to the body, moved together so that no chunk line stands between (in
// place: the reader only ever drops octets). `consumed` = how much of `octets` is used up; the content stays valid as
// long as they do.
std::string_view gather_content(http::BodyReader& body, std::string_view octets, std::size_t& consumed);

// Our own chunk around `content` (RFC 9112 7.1): its header goes behind `before`, what follows it into `after`.
void frame_chunk(http::Buffer& before, http::Buffer& after, std::string_view content, const http::BodyReader& body);

}  // namespace understudy::user
