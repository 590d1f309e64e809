// conf/understudy.toml is what newcomers start from: it says what the program does by default, and names every key.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "proxy/config.h"

namespace understudy {
namespace {

const char* const example_path = "conf/understudy.toml";  // tests run in the project's root

std::string read_example() {
  std::ifstream file(example_path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// "section.key" of every line "key = …", also of commented ones ("# key = …" and "# [section]").
std::set<std::string> keys_of(const std::string& toml) {
  std::set<std::string> keys;
  std::istringstream lines(toml);
  std::string section;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# ")) line.erase(0, 2);
    if (line.starts_with('[')) section = line.substr(1, line.find(']') - 1);
    const std::size_t name_end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
    const std::size_t equals = line.find_first_not_of(' ', name_end);
    if (name_end != 0 && name_end != std::string::npos && equals != std::string::npos && line[equals] == '=') {
      keys.insert(section + '.' + line.substr(0, name_end));
    }
  }
  return keys;
}

TEST(ConfigExample, SaysTheDefaults) {
  const LoadedConfig example = load_config(example_path, {});
  ASSERT_TRUE(example.errors.empty()) << example.errors[0].to_string();
  EXPECT_EQ(dump_config(example.settings), dump_config(load_config("", {}).settings));
  EXPECT_TRUE(example.settings == load_config("", {}).settings);
}

TEST(ConfigExample, NamesEveryKey) {
  Overrides with_secondary;
  with_secondary.secondary = "http://127.0.0.1:9003";
  const std::set<std::string> known = keys_of(dump_config(load_config("", with_secondary).settings));
  EXPECT_GT(known.size(), 70u);
  EXPECT_EQ(keys_of(read_example()), known);
}

// Uncommenting what is commented out gives a good configuration too.
TEST(ConfigExample, ItsCommentedKeysAreRight) {
  std::istringstream lines(read_example());
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    const bool is_key = line.starts_with("# ") && !keys_of("[x]\n" + line).empty();
    if (is_key || line.starts_with("# [")) line.erase(0, 2);
    text += line + '\n';
  }
  const LoadedConfig loaded = parse_config(text, example_path, {});
  for (const ConfigError& error : loaded.errors) ADD_FAILURE() << error.to_string();
  EXPECT_TRUE(loaded.settings.secondary.configured);
}

}  // namespace
}  // namespace understudy
