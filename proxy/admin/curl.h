// An exemplar's request as a curl command for a shell, to repeat it against the candidate. Pure.
#pragma once

#include <string>
#include <string_view>

#include "proxy/store/exemplar.h"

namespace understudy::admin {

// `origin`: "http://127.0.0.1:9002", where the request is to go. Every octet of the exemplar stands in quotes or in
// base64: nothing of it reaches the shell as a word of its own.
std::string render_curl(const store::Exemplar& exemplar, std::string_view origin);

}  // namespace understudy::admin
