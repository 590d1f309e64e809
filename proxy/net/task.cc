#include "proxy/net/task.h"

#include <array>
#include <new>

namespace understudy::net {
namespace {

constexpr std::size_t granule = 64;
constexpr std::size_t largest = 8192;
constexpr std::size_t kept_per_class = 4096;  // free frames kept for each size; more go back to the heap

struct FreeFrame {
  FreeFrame* next;
};

struct FreeLists {
  std::array<FreeFrame*, largest / granule + 1> heads{};
  std::array<std::size_t, largest / granule + 1> counts{};

  ~FreeLists() {
    for (FreeFrame* head : heads) {
      while (head) ::operator delete(std::exchange(head, head->next));
    }
  }
};

FreeLists& lists() {
  thread_local FreeLists instance;
  return instance;
}

std::size_t class_of(std::size_t size) {
  return (size + granule - 1) / granule;
}

}  // namespace

void* allocate_frame(std::size_t size) {
  const std::size_t index = class_of(size);
  if (size > largest) return ::operator new(size);
  FreeLists& free = lists();
  if (FreeFrame* frame = free.heads[index]) {
    free.heads[index] = frame->next;
    --free.counts[index];
    return frame;
  }
  return ::operator new(index * granule);
}

void release_frame(void* frame, std::size_t size) noexcept {
  const std::size_t index = class_of(size);
  if (size > largest || lists().counts[index] >= kept_per_class) return ::operator delete(frame);
  FreeLists& free = lists();
  free.heads[index] = new (frame) FreeFrame{free.heads[index]};
  ++free.counts[index];
}

}  // namespace understudy::net
