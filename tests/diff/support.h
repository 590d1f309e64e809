// What the tests of diff/ share: responses, comparisons as lists of "class path", content coders, the corpus.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "diff/compare.h"
#include "diff/finding.h"
#include "diff/response.h"
#include "diff/settings.h"

namespace understudy::diff::test {

Response json_response(std::string body);
Response response_of_type(std::string content_type, std::string body);
Response coded_response(std::string coding, std::string coded_body);

// The findings as "class path", in order.
std::vector<std::string> names_of(const std::vector<Finding>& findings);
std::vector<std::string> compare_responses(const Response& primary, const Response& other,
                                           const Settings& settings = {}, bool head_only = false);
std::vector<std::string> compare_json(std::string primary, std::string other, const Settings& settings = {});
std::vector<Finding> findings_of(std::string primary, std::string other, const Settings& settings = {});

using Names = std::vector<std::string>;

std::string gzipped(std::string_view content);
std::string deflated(std::string_view content, bool raw);
std::string brotli_coded(std::string_view content);
std::string zstd_coded(std::string_view content);

// The folder of the public test data, "" where it is missing.
std::string corpus();
std::string read_file(const std::string& path);
std::vector<std::string> lines_of(const std::string& path);

// One recorded exchange of corpus/octokit-history.
struct Recorded {
  std::string method;
  std::string path;
  Response response;
};
struct Recording {
  std::string date;
  std::vector<Recorded> exchanges;
};
std::vector<Recording> recordings(const std::string& scenario);
inline const std::vector<std::string> scenarios{"errors",   "get-content", "get-organization", "get-root",
                                                "git-refs", "markdown",    "release-assets"};
// Whether two recorded exchanges are the same request: method and path, digits folded.
bool same_request(const Recorded& exchange, const Recorded& other);

// The JSON text written anew: with spaces and line ends, with the keys of every object reversed or sorted.
std::string reindented(const std::string& json);
std::string with_keys_reversed(const std::string& json);
std::string with_keys_sorted(const std::string& json);

// The JSON text with one change at the member or element at `pointer` (RFC 6901, plain keys): its value replaced by
// `text`, itself removed, or `text` (a member or an element) put behind it.
enum class Edit { replace, remove, insert_behind };
std::string edited(const std::string& json, const std::string& pointer, Edit edit, const std::string& text = "");

}  // namespace understudy::diff::test
