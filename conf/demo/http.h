// As much HTTP/1.1 as the demo's service needs: GET, keep-alive, one blocking thread for each connection.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "conf/demo/catalogue.h"

namespace demo {

// Listens on 127.0.0.1 (0: a port that the kernel chooses) and returns the socket; -1 where that fails.
int listen_on_loopback(std::uint16_t port);
std::uint16_t port_of(int listener);

// Answers the requests of one connection until the peer closes it; `get` is called with each target.
void serve(int connection, const std::function<Answer(std::string_view target)>& get);

}  // namespace demo
