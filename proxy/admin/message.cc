#include "proxy/admin/message.h"

#include "diff/report/json_writer.h"
#include "proxy/http/writer.h"

namespace understudy::admin {

Response problem(int status, std::string_view detail) {
  diff::JsonWriter json;
  json.begin_object()
      .member("type", "about:blank")
      .member("title", http::reason_phrase(status))
      .member("status", status);
  json.member("detail", detail).end_object();
  return {status, "application/problem+json", {}, json.take()};
}

}  // namespace understudy::admin
