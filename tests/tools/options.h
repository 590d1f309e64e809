// "--name value" command lines of the test tools.
#pragma once

#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <vector>

namespace understudy::tools {

class CommandLine {
 public:
  // Ends the process with status 2 on an argument that is not one of `known`.
  CommandLine(int argc, char** argv, const std::vector<std::string>& known) {
    for (int i = 1; i < argc; ++i) {
      const std::string name = argv[i];
      bool found = false;
      for (const std::string& one : known) found = found || name == "--" + one;
      if (!found || i + 1 == argc) {
        std::cerr << argv[0] << ": " << name << (found ? " needs a value" : " is unknown") << "; known:";
        for (const std::string& one : known) std::cerr << " --" << one;
        std::cerr << "\n";
        std::exit(2);
      }
      values_[name.substr(2)].push_back(argv[++i]);
    }
  }

  std::string text(const std::string& name, const std::string& otherwise) const {
    const auto found = values_.find(name);
    return found == values_.end() ? otherwise : found->second.back();
  }
  double number(const std::string& name, double otherwise) const {
    const auto found = values_.find(name);
    return found == values_.end() ? otherwise : std::stod(found->second.back());
  }
  std::vector<std::string> all(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::vector<std::string>{} : found->second;
  }

 private:
  std::map<std::string, std::vector<std::string>> values_;
};

}  // namespace understudy::tools
