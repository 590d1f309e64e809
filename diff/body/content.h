// What a response's content is, before it is compared or learnt from. Callers: body.cc, enumeration.cc,
// proxy/shadow/body_capture.cc.
#pragma once

#include <string>
#include <string_view>

#include "diff/body/decode.h"
#include "diff/body/digest.h"
#include "diff/response.h"

namespace understudy::diff {

// Content-Encoding in lower case; "" where there is none.
std::string content_coding(const Response& response);

// The content with its codings removed: the body itself, or `buffer`.
struct Content {
  Decoding decoding;
  const std::string* octets;  // only if decoded
};
Content content_of(const Response& response, std::string_view coding, std::string& buffer);

// Whether `content` of `response` is to be read as JSON: by its media type, or by its first octet where there is none.
bool announces_json(const Response& response, std::string_view content);

// How a content that is too large to keep is digested: the octets of a coded one say nothing of its layout.
Digester::Kind digested_kind(const Response& response);

// Buffers are kept from call to call; one rare large content is no reason to hold its memory for ever.
void release_if_large(std::string& buffer);

}  // namespace understudy::diff
