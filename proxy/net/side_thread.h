// A thread beside the plane's loop that does one thing at a time, so that the loop never waits for it (the disk). Used
// by one thread; what the job touches is the job's alone from begin() until is_busy() is false.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace understudy::net {

class SideThread {
 public:
  SideThread() : thread_([this] { run(); }) {}
  // Waits for the job that is under way.
  ~SideThread();
  SideThread(const SideThread&) = delete;
  SideThread& operator=(const SideThread&) = delete;

  bool is_busy() const;
  // Not while it is busy.
  void begin(std::function<void()> job);
  // Blocks until it is not busy.
  void wait();

 private:
  void run();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> job_;  // empty: not busy
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace understudy::net
