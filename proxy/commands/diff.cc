// `understudy diff A B`: two saved bodies or responses, compared as the shadow plane compares them.
#include <string>
#include <vector>

#include "diff/compare.h"
#include "diff/report/escape.h"
#include "diff/report/json_writer.h"
#include "proxy/commands/commands.h"
#include "proxy/commands/exit_status.h"
#include "proxy/commands/output.h"
#include "proxy/commands/saved_response.h"
#include "proxy/http/field.h"

namespace understudy {
namespace {

constexpr std::size_t line_limit = 1'000;  // columns; a pointer and two short values fit

bool load(const std::string& path, SavedResponse& saved) {
  std::string octets;
  std::string problem;
  if (!read_file(path, octets, problem)) {
    complain(path + ": cannot be read: " + problem + "; name a saved body or response");
    return false;
  }
  if (!parse_saved_response(octets, saved, problem)) {
    complain(path + ": is no HTTP response: " + problem + "; save it with curl -i, or the body alone");
    return false;
  }
  return true;
}

std::string padded(std::string_view text, std::size_t width) {
  std::string result(text);
  if (result.size() < width) result.append(width - result.size(), ' ');
  return result + ' ';
}

std::string place_of(const diff::Finding& finding) {
  if (!finding.primary_pointer.empty()) return finding.primary_pointer;
  return finding.other_pointer.empty() ? finding.path : finding.other_pointer;
}

// One line for each difference: severity, class, place, and the two values where there are any.
std::string render_text(const std::vector<diff::Finding>& findings) {
  std::string text;
  for (const diff::Finding& finding : findings) {
    std::string line = padded(diff::name_of(diff::severity_of(finding.difference_class)), 8) +
                       padded(diff::name_of(finding.difference_class), 15) + place_of(finding);
    if (!finding.primary_value.empty() || !finding.other_value.empty()) {
      line += "  " + (finding.primary_value.empty() ? "(nothing)" : finding.primary_value) + " -> " +
              (finding.other_value.empty() ? "(nothing)" : finding.other_value);
    }
    text += diff::escaped_for_terminal(line, line_limit) + '\n';
  }
  return text;
}

std::string render_json(const std::vector<diff::Finding>& findings) {
  diff::JsonWriter json;
  json.begin_object().key("same").value(findings.empty()).key("differences").begin_array();
  for (const diff::Finding& finding : findings) {
    json.begin_object();
    json.key("path").value(finding.path);
    json.key("class").value(diff::name_of(finding.difference_class));
    json.key("severity").value(diff::name_of(diff::severity_of(finding.difference_class)));
    json.key("primary_pointer").value(finding.primary_pointer);
    json.key("other_pointer").value(finding.other_pointer);
    json.key("primary_value").value(finding.primary_value);
    json.key("other_value").value(finding.other_value);
    json.end_object();
  }
  json.end_array().end_object();
  return json.take() + '\n';
}

// So that a body alone can be compared with the body of a whole response.
void take_for_body_of(const diff::Response& whole, diff::Response& body_alone) {
  body_alone.status = whole.status;
  body_alone.fields.clear();
  for (const diff::Field& field : whole.fields) {
    if (http::equals_ignore_case(field.name, "content-type")) body_alone.fields.push_back(field);
  }
}

}  // namespace

int diff_files(const DiffRequest& request) {
  Format format{};
  if (!read_format(request.format, "patch", format)) return exit_usage;
  SavedResponse primary;
  SavedResponse other;
  const bool loaded = load(request.primary, primary);
  if (!load(request.other, other) || !loaded) return exit_usage;
  diff::Settings settings;
  settings.headers = primary.has_head && other.has_head;
  if (!primary.has_head && other.has_head) take_for_body_of(other.response, primary.response);
  if (!other.has_head && primary.has_head) take_for_body_of(primary.response, other.response);
  const bool head_only = primary.response.body.empty() && other.response.body.empty();
  const std::vector<diff::Finding> findings =
      diff::Comparer(settings).compare(primary.response, other.response, {.head_only = head_only});
  const std::string text = format == Format::json ? render_json(findings) : render_text(findings);
  if (!write_output(text, {})) return exit_usage;
  return findings.empty() ? exit_good : exit_different;
}

}  // namespace understudy
