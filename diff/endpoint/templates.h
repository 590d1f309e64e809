// Known path templates ("/orders/{id}/items"), matched segment by segment: a literal segment wins over a placeholder,
// and a branch that leads nowhere is left again. Pure. Caller: namer.cc.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace understudy::diff {

class PathTemplates {
 public:
  // "/orders/{id}" or "GET /orders/{id}". A placeholder stands for one whole segment that is not empty, or for the
  // middle of one: "v{n}.json".
  void add(std::string_view text);

  // The template ("/orders/{id}", without method) that `path` (no query) of a request with `method` belongs to.
  std::optional<std::string_view> match(std::string_view method, std::string_view path) const;

 private:
  struct Placeholder {
    std::string prefix;
    std::string suffix;
    std::size_t node;
  };
  struct Node {
    std::map<std::string, std::size_t, std::less<>> literals;   // segment -> index of a node
    std::vector<Placeholder> placeholders;                      // the one with most fixed text first
    std::map<std::string, std::string, std::less<>> templates;  // method ("" = any) -> the template that ends here
  };
  std::size_t child_for(std::size_t node, std::string_view segment);
  const std::string* find(std::size_t node, std::string_view method, std::string_view rest) const;

  std::vector<Node> nodes_ = std::vector<Node>(1);  // nodes_[0] is the root
};

}  // namespace understudy::diff
