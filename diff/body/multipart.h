// Multipart contents (RFC 2046 5.1): their parts without the boundaries between them, which a sender makes up for each
// message. Caller: body.cc.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace understudy::diff {

// Boundaries of one content, those of multiparts within it as well.
inline constexpr std::size_t multipart_boundary_limit = 64;

// `content`, its delimiter lines written with numbers in place of the boundaries: equal for contents that differ in
// nothing else. `boundary` is that of its media type; those of parts that are multipart themselves are read from their
// Content-Type, where that stands in one line.
std::string without_boundaries(std::string_view content, std::string_view boundary);

}  // namespace understudy::diff
