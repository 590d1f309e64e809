// One blocking HTTP request, for commands that ask a running instance. On the caller's thread; nothing else waits for
// it.
#pragma once

#include <chrono>
#include <string>

#include "proxy/settings.h"

namespace understudy {

struct HttpAnswer {
  int status = 0;
  std::string body;
  std::string error;  // not empty: there is no whole answer, and this says why
};

// `target` is origin-form. `token`, where not empty, goes into Authorization. `timeout` is for all of it; a signal that
// is caught ends it too.
HttpAnswer http_get(const Url& url, const std::string& target, const std::string& token,
                    std::chrono::milliseconds timeout);
// The same with POST, and no content.
HttpAnswer http_post(const Url& url, const std::string& target, const std::string& token,
                     std::chrono::milliseconds timeout);

}  // namespace understudy
