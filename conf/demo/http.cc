#include "conf/demo/http.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ctime>

namespace demo {

namespace {

constexpr std::size_t longest_head = 16 << 10;

std::string http_date() {
  const std::time_t time = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&time, &utc);
  char text[40];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return text;
}

bool send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::string response(const Answer& answer) {
  return "HTTP/1.1 " + std::to_string(answer.status) + (answer.status == 200 ? " OK" : " Error") +
         "\r\nDate: " + http_date() +
         "\r\nServer: shop\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(answer.json.size()) +
         "\r\n\r\n" + answer.json;
}

}  // namespace

int listen_on_loopback(std::uint16_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || listen(listener, 512) != 0)
    return -1;
  return listener;
}

std::uint16_t port_of(int listener) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
  return ntohs(address.sin_port);
}

void serve(int connection, const std::function<Answer(std::string_view target)>& get) {
  const int on = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  std::string input;
  char piece[4096];
  for (;;) {
    const auto end = input.find("\r\n\r\n");
    if (end == std::string::npos) {
      const ssize_t count = recv(connection, piece, sizeof piece, 0);
      if (count <= 0 || input.size() > longest_head) break;
      input.append(piece, static_cast<std::size_t>(count));
      continue;
    }
    const std::string_view line = std::string_view(input).substr(0, input.find("\r\n"));
    if (!line.starts_with("GET ") || line.rfind(' ') <= 4) break;
    const Answer answer = get(line.substr(4, line.rfind(' ') - 4));
    if (!send_all(connection, response(answer))) break;
    input.erase(0, end + 4);
  }
  close(connection);
}

}  // namespace demo
