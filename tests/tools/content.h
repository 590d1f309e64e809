// What the test origin sends and the test client therefore expects: content that follows from its name alone, so that
// either end can make or check any part of it without keeping it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace understudy::tools {

std::uint64_t seed_of(std::string_view name);

// Bytes [offset, offset + size) of the endless content with this seed. Every byte is printable.
void fill_content(std::uint64_t seed, std::uint64_t offset, char* out, std::size_t size);
bool content_matches(std::uint64_t seed, std::uint64_t offset, std::string_view bytes);

// The JSON document at this request target; about 300 bytes, or about N where the path begins with /json/N/.
std::string json_document(std::string_view target);

// The whole content's XXH3 as 16 hexadecimal digits.
std::string hexadecimal(std::uint64_t value);

// The answer to an upload: {"length":n,"xxh3":"..."}.
std::string upload_receipt(std::uint64_t length, std::uint64_t xxh3);

}  // namespace understudy::tools
