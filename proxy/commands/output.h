// Formats and the places that results go to. For proxy/commands/.
#pragma once

#include <string>
#include <string_view>

namespace understudy {

enum class Format { text, json };

// A value of --format; `later` lists, separated by blanks, those that the contract names and this edition lacks. False:
// complained about.
bool read_format(std::string_view text, std::string_view later, Format& format);

// Writes all of `text` to the file, or to stdout where `path` is empty. False: complained about.
bool write_output(std::string_view text, const std::string& path);

}  // namespace understudy
