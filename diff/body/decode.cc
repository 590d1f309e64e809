// Content codings through zlib, brotli and zstd, see the header. Each stream decoder appends to a bounded output until
// its input ends.
#include "diff/body/decode.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

// The output of one decoder: grows by doubling up to the limit.
class BoundedOutput {
 public:
  BoundedOutput(std::string& target, std::size_t coded_size)
      : target_(target),
        limit_(std::min(decoded_size_limit, std::max(decoded_ratio_floor, coded_size * decoded_ratio_limit))),
        first_size_(std::max<std::size_t>(4096, coded_size * 4)) {
    target_.clear();
  }
  // Makes room for more; false at the limit.
  bool grow() {
    if (target_.size() >= limit_) return false;
    const std::size_t wanted = std::min(limit_, std::max(first_size_, target_.size() * 2));
    target_.reserve(wanted + parser_padding);
    target_.resize(wanted);
    return true;
  }
  char* next() { return target_.data() + used_; }
  std::size_t room() const { return target_.size() - used_; }
  void wrote(std::size_t count) { used_ += count; }
  void finish() { target_.resize(used_); }

 private:
  std::string& target_;
  std::size_t limit_;
  std::size_t first_size_;
  std::size_t used_ = 0;
};

Decoding decode_one(std::string_view coding, std::string_view coded, std::string& decoded);
Decoding decode_zlib(std::string_view coded, std::string& decoded, int window_bits);
Decoding decode_brotli(std::string_view coded, std::string& decoded);
Decoding decode_zstd(std::string_view coded, std::string& decoded);

std::vector<std::string> codings_of(std::string_view content_encoding) {
  std::vector<std::string> codings;
  while (!content_encoding.empty()) {
    const auto comma = content_encoding.find(',');
    std::string coding = ascii_lower(trimmed(content_encoding.substr(0, comma)));
    if (!coding.empty() && coding != "identity") codings.push_back(std::move(coding));
    content_encoding = comma == std::string_view::npos ? std::string_view{} : content_encoding.substr(comma + 1);
  }
  return codings;
}

}  // namespace

bool is_identity(std::string_view content_encoding) {
  return content_encoding.empty() || codings_of(content_encoding).empty();
}

Decoding decode(std::string_view content_encoding, std::string_view coded, std::string& decoded) {
  const auto codings = codings_of(content_encoding);
  if (coded.empty()) {
    decoded.clear();  // nothing was coded, whatever the field says
    return Decoding::decoded;
  }
  if (codings.size() > content_coding_limit) return Decoding::beyond_limits;
  std::string layer;
  // Codings are listed in the order applied, so the last is removed first.
  for (auto coding = codings.rbegin(); coding != codings.rend(); ++coding) {
    const bool first = coding == codings.rbegin();
    if (!first) layer.swap(decoded);
    const Decoding result = decode_one(*coding, first ? coded : std::string_view(layer), decoded);
    if (result != Decoding::decoded) return result;
  }
  if (codings.empty()) {
    decoded.reserve(coded.size() + parser_padding);
    decoded.assign(coded);
  }
  return Decoding::decoded;
}

namespace {

Decoding decode_one(std::string_view coding, std::string_view coded, std::string& decoded) {
  constexpr int gzip_only = 16 + MAX_WBITS;
  if (coding == "gzip" || coding == "x-gzip") return decode_zlib(coded, decoded, gzip_only);
  if (coding == "br") return decode_brotli(coded, decoded);
  if (coding == "zstd") return decode_zstd(coded, decoded);
  if (coding == "deflate") {
    // RFC 9110 8.4.1.2: the zlib format; some servers send raw deflate, and clients accept both.
    const Decoding result = decode_zlib(coded, decoded, MAX_WBITS);
    return result == Decoding::malformed ? decode_zlib(coded, decoded, -MAX_WBITS) : result;
  }
  return Decoding::unknown;
}

Decoding decode_zlib(std::string_view coded, std::string& decoded, int window_bits) {
  z_stream stream{};
  if (inflateInit2(&stream, window_bits) != Z_OK) return Decoding::malformed;
  const std::unique_ptr<z_stream, int (*)(z_streamp)> guard(&stream, inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(coded.data()));
  stream.avail_in = static_cast<uInt>(coded.size());
  BoundedOutput output(decoded, coded.size());
  for (;;) {
    if (output.room() == 0 && !output.grow()) return Decoding::beyond_limits;
    stream.next_out = reinterpret_cast<Bytef*>(output.next());
    stream.avail_out = static_cast<uInt>(output.room());
    const std::size_t room = output.room();
    const int result = inflate(&stream, Z_NO_FLUSH);
    output.wrote(room - stream.avail_out);
    if (result == Z_STREAM_END) {
      // RFC 1952 2.2: a gzip file is a series of members. What follows that is no member is ignored, as clients do.
      const bool another_member =
          window_bits > MAX_WBITS && stream.avail_in >= 2 && stream.next_in[0] == 0x1F && stream.next_in[1] == 0x8B;
      if (!another_member) break;
      if (inflateReset(&stream) != Z_OK) return Decoding::malformed;
    } else if (result != Z_OK && !(result == Z_BUF_ERROR && stream.avail_out == 0)) {
      return Decoding::malformed;
    } else if (stream.avail_in == 0 && stream.avail_out != 0) {
      return Decoding::malformed;  // the input ends before the stream does
    }
  }
  output.finish();
  return Decoding::decoded;
}

Decoding decode_brotli(std::string_view coded, std::string& decoded) {
  const std::unique_ptr<BrotliDecoderState, void (*)(BrotliDecoderState*)> decoder(
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), BrotliDecoderDestroyInstance);
  if (!decoder) return Decoding::malformed;
  const auto* next_in = reinterpret_cast<const std::uint8_t*>(coded.data());
  std::size_t available_in = coded.size();
  BoundedOutput output(decoded, coded.size());
  for (;;) {
    if (output.room() == 0 && !output.grow()) return Decoding::beyond_limits;
    auto* next_out = reinterpret_cast<std::uint8_t*>(output.next());
    std::size_t available_out = output.room();
    const auto result =
        BrotliDecoderDecompressStream(decoder.get(), &available_in, &next_in, &available_out, &next_out, nullptr);
    output.wrote(output.room() - available_out);
    if (result == BROTLI_DECODER_RESULT_SUCCESS) break;
    if (result != BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) return Decoding::malformed;
  }
  output.finish();
  return Decoding::decoded;
}

Decoding decode_zstd(std::string_view coded, std::string& decoded) {
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  if (!context) return Decoding::malformed;
  // RFC 8878 3.1.1.1.2 with RFC 9659: a window of at most 8 MiB.
  constexpr int window_log = 23;
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, window_log);
  ZSTD_inBuffer input{coded.data(), coded.size(), 0};
  BoundedOutput output(decoded, coded.size());
  std::size_t left = 1;  // 0 at the end of a frame
  while (input.pos < input.size || left != 0) {
    if (output.room() == 0 && !output.grow()) return Decoding::beyond_limits;
    ZSTD_outBuffer buffer{output.next(), output.room(), 0};
    const std::size_t consumed = input.pos;
    left = ZSTD_decompressStream(context.get(), &buffer, &input);
    if (ZSTD_isError(left) != 0) return Decoding::malformed;
    output.wrote(buffer.pos);
    const bool stuck = input.pos == consumed && buffer.pos == 0;
    if (left != 0 && input.pos == input.size && (stuck || buffer.pos < buffer.size)) return Decoding::malformed;
  }
  output.finish();
  return Decoding::decoded;
}

}  // namespace
}  // namespace understudy::diff
