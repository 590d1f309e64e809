#include "proxy/net/task.h"

#include <new>

namespace understudy::net {
namespace {

// Gives the free frames of a thread back when it ends.
struct FramesOfThread {
  ~FramesOfThread() {
    for (FreeFrames::Class& free : free_frames.classes) {
      while (free.first) ::operator delete(std::exchange(free.first, *static_cast<void**>(free.first)));
    }
  }
};

}  // namespace

void* allocate_new_frame(std::size_t size) {
  thread_local FramesOfThread frames;
  [[maybe_unused]] const FramesOfThread* const made = &frames;  // a thread that has frames gives them back
  return ::operator new(size > FreeFrames::largest ? size : FreeFrames::class_of(size) * FreeFrames::granule);
}

void release_to_heap(void* frame) noexcept {
  ::operator delete(frame);
}

}  // namespace understudy::net
