#include "proxy/admin/har.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "diff/report/json_writer.h"
#include "proxy/control/reasons.h"
#include "proxy/http/field.h"
#include "proxy/http/query.h"
#include "proxy/http/writer.h"
#include "proxy/store/base64.h"
#include "proxy/store/utf8.h"

namespace understudy::admin {
namespace {

using diff::JsonWriter;

std::string_view value_of(const std::vector<diff::Field>& fields, std::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const diff::Field& field) { return http::equals_ignore_case(field.name, name); });
  return found == fields.end() ? std::string_view() : std::string_view(found->value);
}

void write_pair(JsonWriter& json, std::string_view name, std::string_view value) {
  json.begin_object().member("name", name).member("value", value).end_object();
}

void write_fields(JsonWriter& json, const std::vector<diff::Field>& fields) {
  json.key("cookies").begin_array().end_array();
  json.key("headers").begin_array();
  for (const diff::Field& field : fields) write_pair(json, field.name, field.value);
  json.end_array();
}

void write_text(JsonWriter& json, const std::string& octets) {
  if (store::is_utf8(octets)) {
    json.member("text", octets);
  } else {
    json.member("text", store::base64(octets)).member("encoding", "base64");
  }
}

void write_request(JsonWriter& json, const store::ExemplarRequest& request) {
  json.key("request").begin_object();
  json.member("method", request.method).member("url", request.scheme + "://" + request.authority + request.target);
  json.member("httpVersion", "HTTP/1.1");
  write_fields(json, request.fields);
  json.key("queryString").begin_array();
  const auto query = http::parse_query(http::query_of(request.target));
  if (query) {
    for (const auto& [name, value] : *query) write_pair(json, name, value);
  }
  json.end_array().member("headersSize", -1).member("bodySize", request.body.length);
  if (!request.body.octets.empty()) {
    json.key("postData").begin_object().member("mimeType", value_of(request.fields, "content-type"));
    json.key("params").begin_array().end_array();
    write_text(json, request.body.octets);
    json.end_object();
  }
  json.end_object();
}

void write_response(JsonWriter& json, const store::ExemplarResponse& response) {
  json.key("response").begin_object();
  json.member("status", response.status)
      .member("statusText", http::reason_phrase(response.status))
      .member("httpVersion", "HTTP/1.1");
  write_fields(json, response.fields);
  json.key("content").begin_object().member("size",
                                            response.body.decoded ? response.body.octets.size() : response.body.length);
  json.member("mimeType", value_of(response.fields, "content-type"));
  write_text(json, response.body.octets);
  json.end_object();
  json.member("redirectURL", value_of(response.fields, "location"))
      .member("headersSize", -1)
      .member("bodySize", response.body.length);
  if (!response.failure.empty()) json.member("_error", response.failure);
  json.end_object();
}

void write_timings(JsonWriter& json, const store::ExemplarResponse& response) {
  const double total_ms = std::max(0.0, response.duration_s) * 1e3;
  const double wait_ms = std::clamp(response.first_byte_s * 1e3, 0.0, total_ms);
  json.member("time", total_ms).key("cache").begin_object().end_object();
  json.key("timings")
      .begin_object()
      .member("send", 0)
      .member("wait", wait_ms)
      .member("receive", total_ms - wait_ms)
      .end_object();
}

}  // namespace

std::string render_har(const store::Exemplar& exemplar) {
  JsonWriter json;
  json.begin_object().key("log").begin_object().member("version", "1.2");
  json.key("creator").begin_object().member("name", "understudy").member("version", UNDERSTUDY_VERSION).end_object();
  json.key("entries").begin_array();
  for (std::size_t role = 0; role < exemplar.responses.size(); ++role) {
    if (!exemplar.responses[role]) continue;
    json.begin_object()
        .member("startedDateTime", store::utc_time(exemplar.time_us))
        .member("comment", control::role_names[role]);
    write_request(json, exemplar.request);
    write_response(json, *exemplar.responses[role]);
    write_timings(json, *exemplar.responses[role]);
    json.end_object();
  }
  json.end_array().end_object().end_object();
  return json.take();
}

}  // namespace understudy::admin
