// Helpers of the tests of diff/, see the header.
#include "tests/diff/support.h"

#include <brotli/encode.h>
#include <simdjson.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>

namespace understudy::diff::test {
namespace {

using simdjson::dom::element;

std::string deflate_all(std::string_view content, int window_bits) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("deflate");
  std::string coded(deflateBound(&stream, static_cast<uLong>(content.size())) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(coded.data());
  stream.avail_out = static_cast<uInt>(coded.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("deflate");
  coded.resize(stream.total_out);
  deflateEnd(&stream);
  return coded;
}

// Writes a JSON value anew.
struct Writer {
  bool indent = false;
  bool reverse = false;
  bool sort = false;
  std::string edit_pointer{};
  std::optional<Edit> edit{};
  std::string edit_text{};
  std::string text{};

  void write(const element& value, const std::string& pointer, std::size_t depth) {
    if (value.is_object()) {
      std::vector<std::pair<std::string_view, element>> members;
      for (const auto member : value.get_object()) members.emplace_back(member.key, member.value);
      if (reverse) std::reverse(members.begin(), members.end());
      if (sort) {
        const std::multimap<std::string_view, element> sorted(members.begin(), members.end());
        members.assign(sorted.begin(), sorted.end());
      }
      const char* separator = "{";
      for (const auto& [key, member] : members) {
        std::string quoted = "\"";
        for (const char c : key) quoted.append(c == '"' || c == '\\' ? "\\" : "").append(1, c);
        quoted += indent ? "\" : " : "\":";
        write_child(member, pointer + "/" + std::string(key), quoted, separator, depth + 1);
      }
      text += separator[0] == '{' ? "{" : "";
      line(depth);
      text += '}';
    } else if (value.is_array()) {
      const char* separator = "[";
      std::size_t index = 0;
      for (const auto child : value.get_array())
        write_child(child, pointer + "/" + std::to_string(index++), "", separator, depth + 1);
      text += separator[0] == '[' ? "[" : "";
      line(depth);
      text += ']';
    } else {
      text += simdjson::minify(value);
    }
  }

  void write_child(const element& child, const std::string& pointer, const std::string& prefix, const char*& separator,
                   std::size_t depth) {
    const bool here = edit && pointer == edit_pointer;
    if (here && *edit == Edit::remove) return;
    text += separator;
    separator = ",";
    line(depth);
    text += prefix;
    if (here && *edit == Edit::replace) {
      text += edit_text;
    } else {
      write(child, pointer, depth);
    }
    if (here && *edit == Edit::insert_behind) text.append(",").append(edit_text);
  }

  void line(std::size_t level) {
    if (indent) text.append("\n").append(level * 2, ' ');
  }
};

std::string written(const std::string& json, Writer writer) {
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(json).get(root) != simdjson::SUCCESS) throw std::runtime_error("not JSON: " + json);
  writer.write(root, "", 0);
  return writer.text;
}

}  // namespace

Response json_response(std::string body) {
  return response_of_type("application/json", std::move(body));
}

Response response_of_type(std::string content_type, std::string body) {
  Response response;
  response.status = 200;
  response.fields = {{"Content-Type", std::move(content_type)}};
  response.body = std::move(body);
  return response;
}

Response coded_response(std::string coding, std::string coded_body) {
  Response response = json_response(std::move(coded_body));
  response.fields.push_back({"Content-Encoding", std::move(coding)});
  return response;
}

std::vector<std::string> names_of(const std::vector<Finding>& findings) {
  std::vector<std::string> names;
  for (const Finding& finding : findings)
    names.push_back(std::string(name_of(finding.difference_class)) + " " + finding.path);
  return names;
}

std::vector<std::string> compare_responses(const Response& primary, const Response& other, const Settings& settings,
                                           bool head_only) {
  Comparer comparer(settings);
  return names_of(comparer.compare(primary, other, {.head_only = head_only}));
}

std::vector<std::string> compare_json(std::string primary, std::string other, const Settings& settings) {
  return names_of(findings_of(std::move(primary), std::move(other), settings));
}

std::vector<Finding> findings_of(std::string primary, std::string other, const Settings& settings) {
  Comparer comparer(settings);
  return comparer.compare(json_response(std::move(primary)), json_response(std::move(other)));
}

std::string gzipped(std::string_view content) {
  return deflate_all(content, 16 + MAX_WBITS);
}
std::string deflated(std::string_view content, bool raw) {
  return deflate_all(content, raw ? -MAX_WBITS : MAX_WBITS);
}

std::string brotli_coded(std::string_view content) {
  std::size_t size = BrotliEncoderMaxCompressedSize(content.size()) + 64;
  std::string coded(size, '\0');
  if (BrotliEncoderCompress(5, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, content.size(),
                            reinterpret_cast<const std::uint8_t*>(content.data()), &size,
                            reinterpret_cast<std::uint8_t*>(coded.data())) == BROTLI_FALSE) {
    throw std::runtime_error("brotli");
  }
  coded.resize(size);
  return coded;
}

std::string zstd_coded(std::string_view content) {
  std::string coded(ZSTD_compressBound(content.size()), '\0');
  const std::size_t size = ZSTD_compress(coded.data(), coded.size(), content.data(), content.size(), 3);
  if (ZSTD_isError(size) != 0) throw std::runtime_error("zstd");
  coded.resize(size);
  return coded;
}

std::string corpus() {
  const char* const given = std::getenv("UNDERSTUDY_CORPUS");
  const std::string folder = given != nullptr ? given : UNDERSTUDY_CORPUS_DEFAULT;
  return std::filesystem::is_directory(folder) ? folder : "";
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::vector<Recording> recordings(const std::string& scenario) {
  std::vector<Recording> result;
  simdjson::dom::parser parser;
  for (const std::string& line : lines_of(corpus() + "/octokit-history/" + scenario + ".ndjson")) {
    const element root = parser.parse(line);
    Recording recording;
    recording.date = std::string(root["date"].get_string().value()).substr(0, 10);
    for (const element exchange : root["exchanges"].get_array()) {
      Recorded recorded;
      recorded.method = std::string(exchange["method"].get_string().value());
      recorded.path = std::string(exchange["path"].get_string().value());
      recorded.response.status = static_cast<int>(exchange["status"].get_int64().value());
      bool is_name = true;
      for (const element text : exchange["rawHeaders"].get_array()) {
        const std::string value(text.get_string().value());
        if (is_name) recorded.response.fields.push_back({value, ""});
        if (!is_name) recorded.response.fields.back().value = value;
        is_name = !is_name;
      }
      const element body = exchange["response"];
      recorded.response.body = body.is_string() ? std::string(body.get_string().value()) : simdjson::minify(body);
      recording.exchanges.push_back(std::move(recorded));
    }
    result.push_back(std::move(recording));
  }
  return result;
}

bool same_request(const Recorded& exchange, const Recorded& other) {
  const auto folded = [](const std::string& path) {
    std::string result;
    for (const char c : path) {
      const bool digit = c >= '0' && c <= '9';
      if (digit && result.ends_with('0')) continue;
      result += digit ? '0' : c;
    }
    return result;
  };
  return exchange.method == other.method && folded(exchange.path) == folded(other.path);
}

std::string reindented(const std::string& json) {
  return written(json, {.indent = true});
}
std::string with_keys_reversed(const std::string& json) {
  return written(json, {.reverse = true});
}
std::string with_keys_sorted(const std::string& json) {
  return written(json, {.sort = true});
}
std::string edited(const std::string& json, const std::string& pointer, Edit edit, const std::string& text) {
  return written(json, {.edit_pointer = pointer, .edit = edit, .edit_text = text});
}

}  // namespace understudy::diff::test
