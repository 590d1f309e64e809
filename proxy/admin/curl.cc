#include "proxy/admin/curl.h"

#include <algorithm>

#include "proxy/http/field.h"
#include "proxy/policy/redaction.h"
#include "proxy/store/base64.h"

namespace understudy::admin {
namespace {

// Within single quotes the shell gives every octet but the quote itself its own meaning (POSIX 2.2.2).
std::string quoted(std::string_view text) {
  std::string result = "'";
  for (const char octet : text) result += octet == '\'' ? std::string_view("'\\''") : std::string_view(&octet, 1);
  return result + "'";
}

// A control octet could end a comment line or play with the terminal that the command is pasted into.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char octet) { return static_cast<unsigned char>(octet) >= ' ' && octet != 0x7f; });
}

}  // namespace

std::string render_curl(const store::Exemplar& exemplar, std::string_view origin) {
  const store::ExemplarRequest& request = exemplar.request;
  std::string notes, command = "curl --silent --show-error --include --path-as-is --globoff";
  if (request.method == "HEAD") {
    command += " --head";
  } else {
    command += " --request " + quoted(request.method);
  }
  command += " \\\n  " + quoted(std::string(origin) + request.target);
  if (!request.authority.empty()) command += " \\\n  --header " + quoted("Host: " + request.authority);
  for (const diff::Field& field : request.fields) {
    if (field.value == policy::redacted_text) {
      notes += "# not recorded, add it by hand: " + (is_plain(field.name) ? field.name : std::string("a field")) + "\n";
    } else {
      // curl leaves a field without a value out, unless its name ends in a semicolon.
      command += " \\\n  --header " + quoted(field.value.empty() ? field.name + ";" : field.name + ": " + field.value);
    }
  }
  if (request.body.cut) notes += "# the body was too long to be recorded whole\n";
  if (request.body.octets.empty()) return notes + command + "\n";
  command += " \\\n  --data-binary @-";
  return notes + "printf %s " + quoted(store::base64(request.body.octets)) + " | base64 -d | " + command + "\n";
}

}  // namespace understudy::admin
