// Bodies from the corpus or made up, see the header.
#include "bench/tools/json_bodies.h"

#include <simdjson.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace understudy::bench {
namespace {

struct Size {
  const char* name;
  std::size_t octets;
};
constexpr std::array sizes{Size{"1 KiB", 1 << 10}, Size{"16 KiB", 16 << 10}, Size{"1 MiB", 1 << 20}};

struct Object {
  std::string text;
  std::string id;  // as written in it; empty: it has none
};

// Each kind of object stands in it once, in the order of the recordings.
std::vector<Object> recorded_objects(const std::filesystem::path& file) {
  std::vector<Object> objects;
  std::set<std::string> seen;
  simdjson::dom::parser parser;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    simdjson::dom::array exchanges;
    if (parser.parse(line)["exchanges"].get(exchanges) != simdjson::SUCCESS) continue;
    for (const simdjson::dom::element exchange : exchanges) {
      simdjson::dom::object object;
      if (exchange["response"].get(object) != simdjson::SUCCESS) continue;
      std::uint64_t id = 0;
      const bool has_id = object["id"].get(id) == simdjson::SUCCESS;
      std::string text = simdjson::minify(object);
      const bool has_time = text.find("\"created_at\":\"") != std::string::npos;
      if (has_time && seen.insert(text).second) objects.push_back({std::move(text), has_id ? std::to_string(id) : ""});
    }
  }
  return objects;
}

// The object with an id of its own, in its URLs as well.
std::string with_other_id(const Object& object, std::size_t number) {
  std::string text = object.text;
  if (object.id.empty()) return text;
  std::string id = std::to_string(std::stoull(object.id) + number);
  id.resize(object.id.size(), '0');
  for (std::size_t at = text.find(object.id); at != std::string::npos; at = text.find(object.id, at + id.size()))
    text.replace(at, id.size(), id);
  return text;
}

// A list of them, repeated with other ids, of about so many octets.
std::string list_of(const std::vector<Object>& objects, std::size_t octets) {
  std::string text = "[";
  for (std::size_t i = 0; text.size() < octets; ++i) {
    const std::string object = with_other_id(objects[i % objects.size()], i / objects.size());
    if (i > 0 && text.size() + object.size() / 2 > octets) break;
    if (i > 0) text += ',';
    text += object;
  }
  return text + "]";
}

std::vector<Object> made_up_objects() {
  std::vector<Object> objects;
  for (int i = 0; i < 16; ++i) {
    const std::string id = std::to_string(505874924095815680 + i * 1000000);
    objects.push_back({"{\"id\":" + id + ",\"customer\":{\"name\":\"Example\",\"email\":\"c" + id +
                           "@shop.example\"},\"total\":" + std::to_string(i) + ".25,\"items\":[{\"sku\":\"A-" + id +
                           "\",\"count\":2},{\"sku\":\"B-" + id +
                           "\",\"count\":1}],\"paid\":true,\"note\":null,\"created_at\":\"2026-11-21T09:00:00Z\"}",
                       id});
  }
  return objects;
}

// The first time of creation at or behind the middle gets another last second.
std::string with_one_value_changed(std::string text) {
  constexpr std::string_view key = "\"created_at\":\"";
  std::size_t at = text.find(key, text.size() / 2);
  if (at == std::string::npos) at = text.rfind(key);
  if (at == std::string::npos) throw std::logic_error("no created_at in the body");
  char& second = text[text.find('"', at + key.size()) - 2];
  second = second == '7' ? '3' : '7';
  return text;
}

}  // namespace

std::string corpus_folder() {
  const char* const given = std::getenv("UNDERSTUDY_CORPUS");
  return given != nullptr ? given : UNDERSTUDY_CORPUS_DEFAULT;
}

std::vector<JsonBody> json_bodies(const std::string& corpus) {
  const std::filesystem::path history = std::filesystem::path(corpus) / "octokit-history";
  const std::vector<Object> organizations = recorded_objects(history / "get-organization.ndjson");
  const std::vector<Object> releases = recorded_objects(history / "release-assets.ndjson");
  const bool real = !organizations.empty() && !releases.empty();
  const std::vector<Object> made_up = real ? std::vector<Object>{} : made_up_objects();

  std::vector<JsonBody> bodies;
  for (const Size& size : sizes) {
    JsonBody body;
    body.name = size.name;
    if (!real) {
      body.made_of = "made-up orders (no corpus)";
      body.text = list_of(made_up, size.octets);
    } else if (&size == &sizes.front()) {
      body.made_of = "a real organization of GitHub";
      body.text = organizations.front().text;
    } else {
      body.made_of = "real repositories, releases and assets of GitHub";
      body.made_of += size.octets > 64 * 1024 ? ", some repeated with other ids" : "";
      body.text = list_of(releases, size.octets);
    }
    body.changed = with_one_value_changed(body.text);
    bodies.push_back(std::move(body));
  }
  return bodies;
}

}  // namespace understudy::bench
