// bench_diff: MB/s (10^6 octets of both bodies a second of processor time) of the comparison of two JSON texts in
// memory, beside what its parser costs by itself.
//   bench_diff PRIMARY OTHER SECONDS     measures each engine for so long, and prints one line of JSON: for each engine
//   the median over slices bench_diff --write FOLDER            writes the bodies of json_bodies.h there, and prints a
//   line of JSON for each
// The engines:
//   understudy   Comparer::compare, as the shadow plane calls it: responses in, findings out
//   parse        simdjson's DOM of both texts, and nothing else
//   reference    that, and the smallest walk in step over both that finds a changed value: no paths, no rendering, no
//                order of keys, no pairing of elements
// They take turns of a few milliseconds, so that the machine's other work falls on all alike.
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bench/tools/json_bodies.h"
#include "diff/body/decode.h"
#include "diff/compare.h"

namespace understudy::bench {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr double slice_s = 0.005;

struct Engine {
  const char* name;
  std::function<std::size_t()> compare;  // the number of differences
  std::size_t calls_a_slice = 1;
  std::vector<double> slices;  // seconds a call
};

std::size_t differences(element primary, element other) {
  const element_type type = primary.type();
  if (type != other.type()) return 1;
  switch (type) {
    case element_type::OBJECT: {
      const simdjson::dom::object object = primary.get_object().value_unsafe();
      const simdjson::dom::object other_object = other.get_object().value_unsafe();
      auto i = object.begin();
      auto j = other_object.begin();
      std::size_t count = 0;
      for (; i != object.end() && j != other_object.end(); ++i, ++j) {
        count += i.key() == j.key() ? differences(i.value(), j.value()) : 1;
      }
      return count + (i != object.end() || j != other_object.end() ? 1 : 0);
    }
    case element_type::ARRAY: {
      const simdjson::dom::array array = primary.get_array().value_unsafe();
      const simdjson::dom::array other_array = other.get_array().value_unsafe();
      auto i = array.begin();
      auto j = other_array.begin();
      std::size_t count = 0;
      for (; i != array.end() && j != other_array.end(); ++i, ++j) count += differences(*i, *j);
      return count + (i != array.end() || j != other_array.end() ? 1 : 0);
    }
    case element_type::STRING:
      return primary.get_string().value_unsafe() == other.get_string().value_unsafe() ? 0 : 1;
    case element_type::INT64:
      return primary.get_int64().value_unsafe() == other.get_int64().value_unsafe() ? 0 : 1;
    case element_type::UINT64:
      return primary.get_uint64().value_unsafe() == other.get_uint64().value_unsafe() ? 0 : 1;
    case element_type::DOUBLE:
      return primary.get_double().value_unsafe() == other.get_double().value_unsafe() ? 0 : 1;
    case element_type::BOOL:
      return primary.get_bool().value_unsafe() == other.get_bool().value_unsafe() ? 0 : 1;
    case element_type::NULL_VALUE:
      break;
  }
  return 0;
}

class Parsers {
 public:
  std::pair<element, element> parse(const simdjson::padded_string& primary, const simdjson::padded_string& other) {
    std::pair<element, element> roots;
    if (primary_.parse(primary).get(roots.first) != simdjson::SUCCESS ||
        other_.parse(other).get(roots.second) != simdjson::SUCCESS)
      throw std::runtime_error("not JSON");
    return roots;
  }

 private:
  simdjson::dom::parser primary_;
  simdjson::dom::parser other_;
};

// Processor time: what else the machine does then costs caches, and no time.
double now_s() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double seconds_of(const Engine& engine, std::size_t calls, std::size_t& found) {
  const double start_s = now_s();
  for (std::size_t i = 0; i < calls; ++i) found += engine.compare();
  return now_s() - start_s;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

diff::Response json_response(std::string_view body) {
  diff::Response response;
  response.status = 200;
  response.fields = {{"Content-Type", "application/json; charset=utf-8"}};
  response.body.reserve(body.size() + diff::parser_padding);  // as the shadow plane's capture
  response.body = body;
  return response;
}

void measure(const std::string& primary_text, const std::string& other_text, double duration) {
  const diff::Response primary = json_response(primary_text);
  const diff::Response other = json_response(other_text);
  const simdjson::padded_string primary_padded(primary_text);
  const simdjson::padded_string other_padded(other_text);
  diff::Comparer comparer{diff::Settings{}};
  Parsers parsers;
  std::array<Engine, 3> engines{Engine{"understudy", [&] { return comparer.compare(primary, other).size(); }, 1, {}},
                                Engine{"parse",
                                       [&] {
                                         const auto [root, other_root] = parsers.parse(primary_padded, other_padded);
                                         return std::size_t{root.type() != other_root.type()};
                                       },
                                       1,
                                       {}},
                                Engine{"reference",
                                       [&] {
                                         const auto [root, other_root] = parsers.parse(primary_padded, other_padded);
                                         return differences(root, other_root);
                                       },
                                       1,
                                       {}}};

  const std::size_t expected = primary_text == other_text ? 0 : 1;
  for (Engine& engine : engines) {
    std::size_t found = 0;
    seconds_of(engine, 1, found);  // allocates what it keeps
    if (engine.name != std::string_view("parse") && found != expected)
      std::cerr << "bench_diff: " << engine.name << " finds " << found << " differences, not " << expected << "\n";
    while (seconds_of(engine, engine.calls_a_slice, found) < slice_s) engine.calls_a_slice *= 2;
  }
  const double end_s = now_s() + duration * static_cast<double>(engines.size());
  std::size_t found = 0;
  do {
    for (Engine& engine : engines)
      engine.slices.push_back(seconds_of(engine, engine.calls_a_slice, found) /
                              static_cast<double>(engine.calls_a_slice));
  } while (now_s() < end_s);

  const double octets = static_cast<double>(primary_text.size() + other_text.size());
  std::string line = "{\"octets\":" + std::to_string(primary_text.size());
  for (Engine& engine : engines) {
    const auto middle = engine.slices.begin() + static_cast<std::ptrdiff_t>(engine.slices.size() / 2);
    std::nth_element(engine.slices.begin(), middle, engine.slices.end());
    line += ",\"" + std::string(engine.name) + "\":" + std::to_string(octets / *middle / 1e6);
  }
  std::cout << line << ",\"found\":" << found << "}\n";
}

void write_bodies(const std::filesystem::path& folder) {
  std::size_t number = 0;
  for (const JsonBody& body : json_bodies(corpus_folder())) {
    const std::string stem = std::to_string(number++);
    std::ofstream(folder / (stem + ".json"), std::ios::binary) << body.text;
    std::ofstream(folder / (stem + "-changed.json"), std::ios::binary) << body.changed;
    std::cout << "{\"name\":\"" << body.name << "\",\"made_of\":\"" << body.made_of << "\",\"primary\":\"" << stem
              << ".json\",\"changed\":\"" << stem << "-changed.json\"}\n";
  }
}

}  // namespace
}  // namespace understudy::bench

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  try {
    if (words.size() == 2 && words[0] == "--write") {
      understudy::bench::write_bodies(words[1]);
    } else if (words.size() == 3) {
      understudy::bench::measure(understudy::bench::read_file(words[0]), understudy::bench::read_file(words[1]),
                                 std::stod(words[2]));
    } else {
      std::cerr << "usage: bench_diff PRIMARY OTHER SECONDS | bench_diff --write FOLDER\n";
      return 2;
    }
  } catch (const std::exception& error) {
    std::cerr << "bench_diff: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
