#include "tests/proxy/commands/scripted_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace understudy {

ScriptedServer::ScriptedServer(std::vector<std::string> answers) : answers_(std::move(answers)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size);
  ::listen(listener_, 16);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

ScriptedServer::~ScriptedServer() {
  stop();
}

void ScriptedServer::stop() {
  if (!thread_.joinable()) return;
  ::shutdown(listener_, SHUT_RDWR);  // ends accept()
  thread_.join();
  ::close(listener_);
}

void ScriptedServer::serve() {
  for (std::size_t turn = 0;; ++turn) {
    const int connection = ::accept(listener_, nullptr, nullptr);
    if (connection < 0) return;
    std::string request;
    char buffer[1024];
    ssize_t count = 1;
    while (count > 0 && request.find("\r\n\r\n") == std::string::npos) {
      count = ::recv(connection, buffer, sizeof buffer, 0);
      if (count > 0) request.append(buffer, static_cast<std::size_t>(count));
    }
    requests_.push_back(request);
    const std::string& answer = answers_[std::min(turn, answers_.size() - 1)];
    ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
    ::close(connection);
  }
}

std::string ok_answer(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace understudy
