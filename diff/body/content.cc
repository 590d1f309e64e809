// Contents before comparison, see the header.
#include "diff/body/content.h"

#include "diff/fields.h"
#include "diff/media_type.h"
#include "diff/text_tools.h"

namespace understudy::diff {

std::string content_coding(const Response& response) {
  std::string buffer;
  const auto coding = joined_value(response.fields, "content-encoding", buffer);
  return coding ? ascii_lower(trimmed(*coding)) : std::string();
}

Content content_of(const Response& response, std::string_view coding, std::string& buffer) {
  if (is_identity(coding)) return {Decoding::decoded, &response.body};
  return {decode(coding, response.body, buffer), &buffer};
}

bool announces_json(const Response& response, std::string_view content) {
  std::string buffer;
  if (const auto type = joined_value(response.fields, "content-type", buffer)) return is_json_media_type(*type);
  const std::string_view text = trimmed(content);
  return text.starts_with('{') || text.starts_with('[');
}

Digester::Kind digested_kind(const Response& response) {
  std::string buffer;
  const auto type = joined_value(response.fields, "content-type", buffer);
  return type && is_json_media_type(*type) && is_identity(content_coding(response)) ? Digester::Kind::json
                                                                                    : Digester::Kind::octets;
}

void release_if_large(std::string& buffer) {
  constexpr std::size_t large = 2 * 1024 * 1024;
  if (buffer.capacity() > large) std::string().swap(buffer);
}

}  // namespace understudy::diff
