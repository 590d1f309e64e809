// A second reader of heads for the fuzz targets: short, slow, and sharing no code with proxy/http. It reads what our
// writer has written and aborts on anything that another reader could read in another way.
#pragma once

#include <cctype>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace understudy::fuzz {

inline void require(bool condition) {
  if (!condition) std::abort();
}

struct StrictHead {
  std::string start_line;
  std::vector<std::pair<std::string, std::string>> fields;  // names in lower case

  int count(const std::string& name) const {
    int number = 0;
    for (const auto& field : fields) number += field.first == name;
    return number;
  }
  std::string value(const std::string& name) const {
    for (const auto& field : fields) {
      if (field.first == name) return field.second;
    }
    return "";
  }
};

inline StrictHead read_strictly(std::string_view octets) {
  StrictHead head;
  bool first = true;
  for (;;) {
    const std::size_t end = octets.find("\r\n");
    require(end != std::string_view::npos);
    const std::string_view line = octets.substr(0, end);
    octets.remove_prefix(end + 2);
    for (const char c : line) require(static_cast<unsigned char>(c) >= 0x20 ? c != 0x7f : c == '\t');
    if (line.empty()) break;
    if (first) {
      head.start_line = line;
      first = false;
      continue;
    }
    const std::size_t colon = line.find(": ");
    require(colon != std::string_view::npos && colon != 0);
    std::string name(line.substr(0, colon));
    for (char& c : name) {
      require(std::isalnum(static_cast<unsigned char>(c)) ||
              std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    head.fields.emplace_back(name, line.substr(colon + 2));
  }
  require(octets.empty());
  require(!first);
  for (const char* name : {"keep-alive", "proxy-connection", "http2-settings"}) require(head.count(name) == 0);
  const bool to_websocket = head.count("upgrade") == 1 && head.value("upgrade") == "websocket" &&
                            head.count("connection") == 1 && head.value("connection") == "Upgrade";
  require(head.count("upgrade") == 0 || to_websocket);
  require(head.count("content-length") + head.count("transfer-encoding") <= 1);
  require(head.count("transfer-encoding") == 0 || head.value("transfer-encoding") == "chunked");
  require(head.value("content-length").find_first_not_of("0123456789") == std::string::npos);
  return head;
}

}  // namespace understudy::fuzz
