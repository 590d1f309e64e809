#include "tests/tools/content.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace understudy::tools {

namespace {

std::uint64_t mix(std::uint64_t x) {  // splitmix64
  x += 0x9e3779b97f4a7c15ull;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

// Eight printable bytes: each of '@'..'_' ('@' + 5 bits).
std::uint64_t word_at(std::uint64_t seed, std::uint64_t index) {
  return (mix(seed + index) & 0x1f1f1f1f1f1f1f1full) | 0x4040404040404040ull;
}

}  // namespace

std::uint64_t seed_of(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325ull;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return mix(hash);
}

void fill_content(std::uint64_t seed, std::uint64_t offset, char* out, std::size_t size) {
  for (; offset % 8 == 0 && size >= 8; offset += 8, out += 8, size -= 8) {
    const std::uint64_t word = word_at(seed, offset / 8);
    std::memcpy(out, &word, 8);
  }
  while (size > 0) {
    const std::uint64_t word = word_at(seed, offset / 8);
    const std::size_t skip = offset % 8;
    const std::size_t length = std::min(size, 8 - skip);
    std::memcpy(out, reinterpret_cast<const char*>(&word) + skip, length);
    out += length;
    offset += length;
    size -= length;
  }
}

bool content_matches(std::uint64_t seed, std::uint64_t offset, std::string_view bytes) {
  char expected[4096];
  while (!bytes.empty()) {
    const std::size_t length = std::min(bytes.size(), sizeof expected);
    fill_content(seed, offset, expected, length);
    if (std::memcmp(expected, bytes.data(), length) != 0) return false;
    bytes.remove_prefix(length);
    offset += length;
  }
  return true;
}

std::string json_document(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  const std::uint64_t seed = seed_of(path);
  std::uint64_t wanted = 300;
  if (path.starts_with("/json/")) std::from_chars(path.data() + 6, path.data() + path.size(), wanted);

  std::string json = "{\"path\":\"";
  for (const char c : path) json += (c == '"' || c == '\\') ? '_' : c;
  json += "\",\"id\":" + std::to_string(seed >> 12) + ",\"active\":" + ((seed & 1) != 0 ? "true" : "false") +
          ",\"items\":[";
  for (std::uint64_t i = 0; i == 0 || json.size() + 60 < wanted; ++i) {
    const std::uint64_t value = mix(seed + i);
    if (i > 0) json += ',';
    json += "{\"sku\":\"" + hexadecimal(value) + "\",\"count\":" + std::to_string(value % 100) +
            ",\"price\":" + std::to_string(value % 10000) + "." + std::to_string(value % 9 + 1) + "}";
  }
  return json + "]}";
}

std::string hexadecimal(std::uint64_t value) {
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; value >>= 4) text[i] = "0123456789abcdef"[value & 15];
  return text;
}

std::string upload_receipt(std::uint64_t length, std::uint64_t xxh3) {
  return "{\"length\":" + std::to_string(length) + ",\"xxh3\":\"" + hexadecimal(xxh3) + "\"}";
}

}  // namespace understudy::tools
