// Task<T>: a coroutine that starts when it is awaited and resumes its caller when it is done. One world per thread: a
// task, its frame and everything it touches belong to the thread of its Loop. Frames come from thread-local free lists,
// so that a session at steady state allocates nothing.
//
// Why not Asio: at 1 KiB per response a hand-written epoll loop spends 4.9 k user instructions and 4.01 calls a request
// where Asio's coroutines spend 7.0-10.6 k and 4.05-4.97, and its timers take locks. One small runtime for all planes
// is less to read than a library plus its exceptions.
//
// g++ 12 miscompiles some forms of co_await: write `auto r = co_await f(named);` or `co_await x;` as a statement of its
// own, nothing else.
#pragma once

#include <array>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <new>
#include <optional>
#include <utility>

namespace understudy::net {

// Blocks for coroutine frames, recycled per thread in classes of 64 octets up to 8 KiB; larger ones come from the heap
// each time. Here and not in task.cc, because a frame's size is a constant where it is asked for.
struct FreeFrames {
  static constexpr std::size_t granule = 64;
  static constexpr std::size_t largest = 8192;
  static constexpr std::size_t kept_per_class = 4096;  // free ones of each size; more go back to the heap

  struct Class {
    void* first;  // whose first word is the next one, and so on
    std::size_t count;
  };
  std::array<Class, largest / granule + 1> classes;

  static constexpr std::size_t class_of(std::size_t size) { return (size + granule - 1) / granule; }
};
inline constinit thread_local FreeFrames free_frames{};

void* allocate_new_frame(std::size_t size);
void release_to_heap(void* frame) noexcept;

inline void* allocate_frame(std::size_t size) {
  if (size > FreeFrames::largest) return allocate_new_frame(size);
  FreeFrames::Class& free = free_frames.classes[FreeFrames::class_of(size)];
  if (free.first == nullptr) return allocate_new_frame(size);
  --free.count;
  void* const frame = free.first;
  free.first = *static_cast<void**>(frame);
  return frame;
}

inline void release_frame(void* frame, std::size_t size) noexcept {
  if (size > FreeFrames::largest) return release_to_heap(frame);
  FreeFrames::Class& free = free_frames.classes[FreeFrames::class_of(size)];
  if (free.count == FreeFrames::kept_per_class) return release_to_heap(frame);
  new (frame) void*(free.first);
  free.first = frame;
  ++free.count;
}

struct RecycledFrame {
  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* frame, std::size_t size) noexcept { release_frame(frame, size); }
};

template <class T>
class Task;

namespace detail {

struct PromiseBase : RecycledFrame {
  std::coroutine_handle<> continuation = std::noop_coroutine();

  struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) const noexcept {
      return done.promise().continuation;
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {}; }
  // Expected faults are values; an exception that leaves a coroutine is a bug or exhausted memory.
  [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() { return std::move(*value); }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() const noexcept {}
  void take() const noexcept {}
};

}  // namespace detail

template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept {
    handle_.promise().continuation = caller;
    return handle_;
  }
  T await_resume() { return handle_.promise().take(); }

 private:
  Handle handle_;
};

template <class T>
Task<T> detail::Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}

inline Task<void> detail::Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

}  // namespace understudy::net
