// A server on a port of its own that answers each connection with the next of its scripted answers and closes it, for
// tests of commands that ask a running instance. Its thread ends when the object does.
#pragma once

#include <string>
#include <thread>
#include <vector>

namespace understudy {

class ScriptedServer {
 public:
  // Octets, sent one answer for each connection; the last one is repeated.
  explicit ScriptedServer(std::vector<std::string> answers);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // What it was asked, after stop().
  const std::vector<std::string>& requests() const { return requests_; }
  void stop();

 private:
  void serve();

  std::vector<std::string> answers_;
  std::vector<std::string> requests_;
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
};

// "HTTP/1.1 200 OK" with Content-Length and that body.
std::string ok_answer(const std::string& body);

}  // namespace understudy
