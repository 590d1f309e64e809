// A growable stretch of octets, filled at the end and consumed at the front: what is read from and written to
// connections goes through these. Keeps what it has allocated. One owner, one thread.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace understudy::http {

//   storage_   0 ........ begin_ ######## end_ ........ capacity_
//              consumed           view()       room()
class Buffer {
 public:
  Buffer() = default;
  ~Buffer() { count(0); }
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    swap(other);
    return *this;
  }

  std::string_view view() const { return {storage_.get() + begin_, end_ - begin_}; }
  const char* begin() const { return storage_.get() + begin_; }
  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }
  std::size_t capacity() const { return capacity_; }
  // What all buffers of this thread hold.
  static std::size_t octets_of_thread() { return octets_of_thread_; }

  // At least `size` octets of room behind the end; what they hold is undefined. Views into the buffer are void after
  // it.
  char* prepare(std::size_t size) {
    if (capacity_ - end_ < size) make_room(size);
    return storage_.get() + end_;
  }
  std::size_t room() const { return capacity_ - end_; }
  // The first `size` octets of the room have been filled.
  void commit(std::size_t size) {
    assert(size <= capacity_ - end_);
    end_ += size;
  }

  void append(std::string_view octets) {
    if (octets.empty()) return;
    std::memcpy(prepare(octets.size()), octets.data(), octets.size());
    end_ += octets.size();
  }
  void append(char octet) {
    *prepare(1) = octet;
    ++end_;
  }

  void consume(std::size_t size) {
    assert(size <= end_ - begin_);
    begin_ += size;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  void clear() { begin_ = end_ = 0; }

  // Gives the storage back if the buffer is empty and holds more than `bound` octets: for connections that go idle.
  void release_above(std::size_t bound) {
    if (!empty() || capacity_ <= bound) return;
    storage_.reset();
    count(0);
  }

 private:
  void swap(Buffer& other) noexcept {
    std::swap(storage_, other.storage_);
    std::swap(capacity_, other.capacity_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
  }

  void make_room(std::size_t size) {
    const std::size_t held = end_ - begin_;
    if (capacity_ - held >= size && begin_ >= held) {  // moving to the front costs less than it frees
      std::memcpy(storage_.get(), storage_.get() + begin_, held);
    } else {
      const std::size_t capacity = std::max(held + size, capacity_ * 2);
      auto storage = std::make_unique_for_overwrite<char[]>(capacity);
      if (held != 0) std::memcpy(storage.get(), storage_.get() + begin_, held);
      storage_ = std::move(storage);
      count(capacity);
    }
    begin_ = 0;
    end_ = held;
  }

  void count(std::size_t capacity) {
    octets_of_thread_ += capacity - capacity_;
    capacity_ = capacity;
  }

  static inline constinit thread_local std::size_t octets_of_thread_ = 0;

  std::unique_ptr<char[]> storage_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace understudy::http
