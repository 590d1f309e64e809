// Files that `understudy diff` compares: a saved body, or a whole response as `curl -i` writes it. Pure but for
// read_file.
#pragma once

#include <string>
#include <string_view>

#include "diff/response.h"

namespace understudy {

// The octets of a file. False: `problem` says why not.
bool read_file(const std::string& path, std::string& octets, std::string& problem);

struct SavedResponse {
  diff::Response response;
  bool has_head = false;  // else `response` is a 200 with what the content looks like as its Content-Type
};

// What starts with "HTTP/" is a head (of HTTP/1.0 or 1.1; "HTTP/2" as curl writes it is taken for 1.1; lines may end in
// LF alone; interim responses are skipped) and a body (chunked or not: curl removes the chunks and keeps the field).
// Anything else is a body. False: `problem` says why not.
bool parse_saved_response(std::string_view octets, SavedResponse& saved, std::string& problem);

}  // namespace understudy
