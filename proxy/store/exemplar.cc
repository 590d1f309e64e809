// Exemplars to JSON and to compressed octets. The way back is exemplar_decode.cc.
#include "proxy/store/exemplar.h"

#include <zstd.h>

#include <algorithm>
#include <charconv>
#include <ctime>

#include "diff/body/decode.h"
#include "diff/report/json_writer.h"
#include "diff/text_tools.h"
#include "proxy/control/reasons.h"
#include "proxy/store/base64.h"
#include "proxy/store/utf8.h"

namespace understudy::store {
namespace {

using diff::JsonWriter;

std::string content_encoding_of(const std::vector<diff::Field>& fields) {
  std::string codings;
  for (const diff::Field& field : fields) {
    if (diff::ascii_lower(field.name) == "content-encoding") codings += (codings.empty() ? "" : ", ") + field.value;
  }
  return codings;
}

// Without its content coding where that can be removed, and no longer than the limit.
ExemplarBody presentable(const ExemplarBody& body, const std::string& content_encoding) {
  ExemplarBody shown = body;
  if (!body.cut && !body.decoded && !diff::is_identity(content_encoding)) {
    shown.decoded = diff::decode(content_encoding, body.octets, shown.octets) == diff::Decoding::decoded;
    if (!shown.decoded) shown.octets = body.octets;
  }
  if (shown.octets.size() > exemplar_body_limit) {
    shown.octets.resize(exemplar_body_limit);
    shown.cut = true;
  }
  return shown;
}

void write_body(JsonWriter& json, const ExemplarBody& body) {
  json.begin_object().key("length").value(body.length);
  if (body.cut) json.key("cut").value(true);
  if (body.decoded) json.key("decoded").value(true);
  // A text that was cut may end in the middle of a character.
  std::string_view text = body.octets;
  if (body.cut) text = text.substr(0, whole_characters(text));
  if (is_utf8(text)) {
    json.key("text").value(text);
  } else {
    json.key("base64").value(base64(body.octets));
  }
  json.end_object();
}

void write_fields(JsonWriter& json, const std::vector<diff::Field>& fields) {
  json.begin_array();
  for (const diff::Field& field : fields) {
    json.begin_object().key("name").value(field.name).key("value").value(field.value).end_object();
  }
  json.end_array();
}

void write_request(JsonWriter& json, const ExemplarRequest& request) {
  json.begin_object();
  json.key("method")
      .value(request.method)
      .key("scheme")
      .value(request.scheme)
      .key("authority")
      .value(request.authority);
  json.key("target").value(request.target);
  json.key("fields");
  write_fields(json, request.fields);
  json.key("body");
  write_body(json, presentable(request.body, "identity"));
  json.end_object();
}

void write_response(JsonWriter& json, const ExemplarResponse& response) {
  json.begin_object();
  if (!response.failure.empty()) json.key("failure").value(response.failure);
  if (response.status != 0) {
    json.key("status").value(response.status).key("fields");
    write_fields(json, response.fields);
    json.key("trailers");
    write_fields(json, response.trailers);
    json.key("body");
    write_body(json, presentable(response.body, content_encoding_of(response.fields)));
  }
  json.key("timings").begin_object();
  if (response.first_byte_s >= 0) json.key("first_byte_s").value(response.first_byte_s);
  if (response.duration_s >= 0) json.key("duration_s").value(response.duration_s);
  json.end_object().end_object();
}

void write_findings(JsonWriter& json, control::Role role, const std::vector<diff::Finding>& findings) {
  const std::size_t count = std::min(findings.size(), exemplar_findings_limit);
  for (std::size_t i = 0; i < count; ++i) {
    const diff::Finding& finding = findings[i];
    json.begin_object();
    json.key("role").value(control::role_names[static_cast<std::size_t>(role)]);
    json.key("path").value(finding.path).key("class").value(diff::name_of(finding.difference_class));
    json.key("severity").value(diff::name_of(diff::severity_of(finding.difference_class)));
    json.key("primary_pointer").value(finding.primary_pointer).key("pointer").value(finding.other_pointer);
    json.key("primary_value").value(finding.primary_value).key("value").value(finding.other_value);
    json.end_object();
  }
}

}  // namespace

std::optional<std::uint64_t> parse_exemplar_id(std::string_view text) {
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || id == 0) return std::nullopt;
  return id;
}

std::string utc_time(std::int64_t time_us) {
  const std::int64_t us = ((time_us % 1'000'000) + 1'000'000) % 1'000'000;
  const auto seconds = static_cast<std::time_t>((time_us - us) / 1'000'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  const std::size_t size = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
  const std::string fraction = std::to_string(1'000'000 + us).substr(1);
  return std::string(text, size) + "." + fraction + "Z";
}

std::string encode_json(const Exemplar& exemplar) {
  JsonWriter json;
  json.begin_object();
  json.key("id").value(std::to_string(exemplar.id));
  json.key("time").value(utc_time(exemplar.time_us)).key("time_us").value(exemplar.time_us);
  json.key("endpoint").value(exemplar.endpoint);
  json.key("request");
  write_request(json, exemplar.request);
  json.key("responses").begin_object();
  for (std::size_t role = 0; role < exemplar.responses.size(); ++role) {
    if (!exemplar.responses[role]) continue;
    json.key(control::role_names[role]);
    write_response(json, *exemplar.responses[role]);
  }
  json.end_object();
  json.key("differences").begin_array();
  write_findings(json, control::Role::candidate, exemplar.candidate_findings);
  write_findings(json, control::Role::secondary, exemplar.secondary_findings);
  json.end_array().end_object();
  return json.take();
}

std::string encode(const Exemplar& exemplar) {
  const std::string json = encode_json(exemplar);
  std::string blob(ZSTD_compressBound(json.size()), '\0');
  const std::size_t size = ZSTD_compress(blob.data(), blob.size(), json.data(), json.size(), 1);
  blob.resize(ZSTD_isError(size) ? 0 : size);
  return blob;
}

}  // namespace understudy::store
