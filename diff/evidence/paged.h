// An array that takes memory only where it is used, a page at a time: neither its making nor its growth ever touches
// much at once, as a vector or a hash table does when it makes room. Entries begin as Entry() and stay where they are.
// Values only. Callers: evidence.h, repetition.h, gate.h.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace understudy::diff {

template <class Entry, std::size_t entries_of_page>
class Paged {
 public:
  Entry& operator[](std::size_t place) {
    const std::size_t page = place / entries_of_page;
    if (page >= pages_.size()) pages_.resize(page + 1);
    if (!pages_[page]) pages_[page] = std::make_unique<Page>();
    return (*pages_[page])[place % entries_of_page];
  }

 private:
  using Page = std::array<Entry, entries_of_page>;
  std::vector<std::unique_ptr<Page>> pages_;
};

}  // namespace understudy::diff
