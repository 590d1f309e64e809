// llhttp is linked in two builds where the processor may have SSE 4.2: they must take the same octets in the same way.
#include <gtest/gtest.h>
#include <llhttp.h>

#include <random>
#include <string>
#include <vector>

#ifdef UNDERSTUDY_LLHTTP_SSE42
extern "C" int llhttp__internal_execute_sse42(llhttp_t* parser, const char* begin, const char* end);

namespace understudy::http {
namespace {

using Execute = int (*)(llhttp_t*, const char*, const char*);

// What one build says of `head`: each name and value with where it begins, the error and where it stands.
std::string read_by(Execute execute, llhttp_type_t type, const std::string& head) {
  struct Told {
    const char* begin;
    std::string text;
    void add(char kind, const char* at, std::size_t length) {
      text += kind + std::to_string(at - begin) + "+" + std::to_string(length) + " ";
    }
  } told{head.data(), {}};
  llhttp_settings_t settings;
  llhttp_settings_init(&settings);
  settings.on_url = [](llhttp_t* parser, const char* at, std::size_t length) {
    static_cast<Told*>(parser->data)->add('u', at, length);
    return 0;
  };
  settings.on_header_field = [](llhttp_t* parser, const char* at, std::size_t length) {
    static_cast<Told*>(parser->data)->add('n', at, length);
    return 0;
  };
  settings.on_header_value = [](llhttp_t* parser, const char* at, std::size_t length) {
    static_cast<Told*>(parser->data)->add('v', at, length);
    return 0;
  };
  settings.on_headers_complete = [](llhttp_t*) -> int { return HPE_PAUSED; };
  llhttp_t parser;
  llhttp_init(&parser, type, &settings);
  parser.data = &told;
  const int error = execute(&parser, head.data(), head.data() + head.size());
  const char* const at = llhttp_get_error_pos(&parser);
  return told.text + "error " + std::to_string(error) + " at " + (at ? std::to_string(at - head.data()) : "none");
}

TEST(LlhttpBuilds, agree_on_every_octet_at_every_place_of_a_head) {
  if (!__builtin_cpu_supports("sse4.2")) GTEST_SKIP() << "this processor has no SSE 4.2";
  const std::string request =
      "GET /orders/7?a=b HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
      "X-A-Rather-Long-Name-Of-A-Field: and a value that is longer than thirty-two octets\r\nX: y\r\n\r\n";
  const std::string response =
      "HTTP/1.1 200 OK\r\nServer: a-server/1.0 (with a comment)\r\nContent-Length: 12\r\nETag: "
      "\"0123456789abcdef\"\r\n\r\n";
  for (const auto& [type, head] : {std::pair{HTTP_REQUEST, request}, std::pair{HTTP_RESPONSE, response}}) {
    ASSERT_NE(read_by(llhttp__internal_execute, type, head).find("error " + std::to_string(HPE_PAUSED)),
              std::string::npos);
    for (std::size_t i = 0; i < head.size(); ++i) {
      for (int octet = 0; octet < 256; ++octet) {
        std::string changed = head;
        changed[i] = static_cast<char>(octet);
        ASSERT_EQ(read_by(llhttp__internal_execute, type, changed),
                  read_by(llhttp__internal_execute_sse42, type, changed))
            << "octet " << octet << " at " << i;
      }
    }
  }
}

}  // namespace
}  // namespace understudy::http
#endif
