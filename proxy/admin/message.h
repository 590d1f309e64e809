// A request and a response of the operators' API as values, between server.cc (which knows sockets) and the handlers
// (which do not).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace understudy::admin {

struct Request {
  std::string method;
  std::string target;         // origin-form
  std::string authorization;  // the field's value, empty where there is none
  std::string body{};
  std::string host{};  // the fields' values
  std::string origin{};
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;  // of a HEAD as well: server.cc leaves it out, and its length in
};

// Problem details (RFC 9457). `detail`: what is wrong and what to do, one sentence.
Response problem(int status, std::string_view detail);

}  // namespace understudy::admin
