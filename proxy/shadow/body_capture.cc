#include "proxy/shadow/body_capture.h"

#include <algorithm>

#include "diff/body/content.h"
#include "diff/body/json_document.h"

namespace understudy::shadow {

BodyCapture::BodyCapture(const Settings& settings, Budget& budget)
    : charge_(budget),
      keep_(settings.mirror.body),
      blocks_(settings.candidate.response_size / diff::BodyDigest::block_size + 1) {}

void BodyCapture::expect(std::uint64_t length, diff::Response& response) {
  if (length > keep_ && !keeps_more(length, response)) turn_to_digest(response);
}

bool BodyCapture::append(std::string_view piece, diff::Response& response) {
  if (!digester_ && size_ + piece.size() > keep_ && !keeps_more(size_ + piece.size(), response)) {
    turn_to_digest(response);
  }
  if (digester_) {
    digester_->update(piece);
  } else {
    if (!charge_.may_grow()) return false;
    charge_.add(piece.size());
    // A body in one piece gets room for the parser, which then reads it in place.
    if (response.body.empty()) response.body.reserve(piece.size() + diff::parser_padding);
    response.body.append(piece);
  }
  size_ += piece.size();
  return true;
}

// JSON is compared by structure up to the size that the parser takes, as long as there is room for it: one half of the
// budget stays for contents of the usual size.
bool BodyCapture::keeps_more(std::uint64_t size, const diff::Response& response) const {
  return size <= diff::json_size_limit && charge_.leaves_half(size - size_) &&
         diff::announces_json(response, response.body);
}

void BodyCapture::finish(bool cut_off, diff::Response& response) {
  if (cut_off && !digester_) turn_to_digest(response);
  if (digester_) response.digest = digester_->finish(cut_off);
  digester_.reset();
}

void BodyCapture::drop(diff::Response& response) {
  response = diff::Response{};
  digester_.reset();
  charge_.clear();
}

void BodyCapture::turn_to_digest(diff::Response& response) {
  digester_.emplace(static_cast<std::size_t>(blocks_), diff::digested_kind(response));
  digester_->update(response.body);
  response.body = std::string();
  charge_.clear();
}

}  // namespace understudy::shadow
