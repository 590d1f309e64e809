// Faults of the machine beneath a program that need no privileges: a library for LD_PRELOAD that lets the wall clock
// jump, answers lookups of names below ".test", and lets the files below one directory fail or wait. UNDERSTUDY_MACHINE
// names a directory of the test with
//   state    the words of State, which the test writes and this library reads at every call
//   hosts    "address name" lines: all that is known of names below ".test"
//   events   to which each fault that took effect is appended as a line: process, call, what
//   disk/    the files that fail
// Without it, nothing differs. See machine.py of tests/end_to_end.
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

namespace {

struct State {
  std::atomic<std::int64_t> clock_ahead_s;
  std::atomic<std::int64_t> disk_error;    // errno of whatever would change a file; 0: none
  std::atomic<std::int64_t> disk_room;     // octets that write(2) still takes before that
  std::atomic<std::int64_t> disk_wait_ms;  // of whatever would change a file
  std::atomic<std::int64_t> lookup_wait_ms;
};

std::atomic<State*> state{nullptr};
// Where they are, with room for what is read from /proc; set once, before main().
char disk[512], hosts[512], events[512];

// The function that this one stands before.
template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

__attribute__((constructor)) void begin() {
  const char* directory = std::getenv("UNDERSTUDY_MACHINE");
  if (!directory) return;
  std::snprintf(disk, sizeof disk, "%s/disk/", directory);
  std::snprintf(hosts, sizeof hosts, "%s/hosts", directory);
  std::snprintf(events, sizeof events, "%s/events", directory);
  const int fd =
      next<int(const char*, int, ...)>("open")((std::string(directory) + "/state").c_str(), O_RDWR | O_CLOEXEC);
  void* words = fd < 0 ? MAP_FAILED : ::mmap(nullptr, sizeof(State), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (words == MAP_FAILED) {
    std::fprintf(stderr, "machine_faults: no state in %s\n", directory);
    std::_Exit(2);
  }
  ::close(fd);
  state.store(static_cast<State*>(words));
}

// Keeps errno.
void tell(const char* call, const char* what) {
  const int before = errno;
  char process[17] = {}, line[700];
  prctl(PR_GET_NAME, process);
  const int size = std::snprintf(line, sizeof line, "%s %s %s\n", process, call, what);
  static auto* const real_open = next<int(const char*, int, ...)>("open");
  static auto* const real_write = next<ssize_t(int, const void*, std::size_t)>("write");
  const int fd = real_open(events, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd >= 0) {
    [[maybe_unused]] const ssize_t written = real_write(fd, line, static_cast<std::size_t>(size));
    ::close(fd);
  }
  errno = before;
}

// For so long, or until the test takes the fault back.
void wait(const std::atomic<std::int64_t>& wanted_ms, const char* call, const char* what) {
  if (wanted_ms.load() <= 0) return;
  tell("waits", call);
  const timespec pause{0, 10'000'000};
  for (std::int64_t waited_ms = 0; waited_ms < wanted_ms.load(); waited_ms += 10) nanosleep(&pause, nullptr);
  tell(call, what);
}

// --- the wall clock ------------------------------------------------------------------------------------------------

std::int64_t clock_ahead_s() {
  State* const now = state.load();
  return now ? now->clock_ahead_s.load() : 0;
}

// --- names ---------------------------------------------------------------------------------------------------------

bool is_ours(const char* name) {
  const std::size_t size = name ? std::strlen(name) : 0;
  return state.load() && size > 5 && std::strcmp(name + size - 5, ".test") == 0;
}

std::string address_of(const char* wanted) {
  std::ifstream lines(hosts);
  for (std::string address, name; lines >> address >> name;) {
    if (name == wanted) return address;
  }
  return {};
}

// --- files ---------------------------------------------------------------------------------------------------------

bool is_on_disk(const char* path) {
  return std::strncmp(path, disk, std::strlen(disk)) == 0;
}

// Where a fault is to take effect, waits for as long as it is to; the errno with which the call is then to fail, or 0.
int fault_of(const char* path, const char* call) {
  State* const now = state.load();
  if (!now || (now->disk_error.load() == 0 && now->disk_wait_ms.load() == 0) || !is_on_disk(path)) return 0;
  wait(now->disk_wait_ms, call, path);
  return static_cast<int>(now->disk_error.load());
}

int fault_of(int fd, const char* call) {
  State* const now = state.load();
  if (!now || (now->disk_error.load() == 0 && now->disk_wait_ms.load() == 0)) return 0;
  char link[32], path[512];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = ::readlink(link, path, sizeof path - 1);
  if (size <= 0) return 0;
  path[size] = 0;
  return fault_of(path, call);
}

template <class Result>
Result fail(int error, const char* call) {
  tell(call, std::strerror(error));
  errno = error;
  return static_cast<Result>(-1);
}

// How much of it write(2) takes before the disk is full.
std::size_t taken(std::size_t size) {
  const std::int64_t room = state.load()->disk_room.exchange(0);
  return std::min(size, static_cast<std::size_t>(std::max<std::int64_t>(room, 0)));
}

// A disk without room has files that can be opened; only new ones cannot be made.
bool open_fails(int error, const char* path, int flags) {
  if ((flags & O_CREAT) != 0 && ::access(path, F_OK) != 0) return error != 0;
  return error == EROFS && (flags & O_ACCMODE) != O_RDONLY;
}

mode_t mode_of(int flags, va_list rest) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
}

int open_with(const char* call, const char* path, int flags, mode_t mode) {
  auto* const real = next<int(const char*, int, ...)>(call);
  const bool changes = (flags & (O_WRONLY | O_RDWR | O_CREAT)) != 0;
  const int error = changes ? fault_of(path, call) : 0;
  return open_fails(error, path, flags) ? fail<int>(error, call) : real(path, flags, mode);
}

}  // namespace

#define REAL(name) static auto* const real = next<decltype(name)>(#name)

extern "C" {

// By the kernel: a sanitizer's allocator reads the clock, and dlsym() allocates.
int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int status = static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  if (status == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += clock_ahead_s();
  return status;
}

time_t time(time_t* out) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}

int gettimeofday(timeval* __restrict out, void* __restrict) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  *out = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

int getaddrinfo(const char* __restrict name, const char* __restrict service, const addrinfo* __restrict hints,
                addrinfo** __restrict found) {
  REAL(getaddrinfo);
  if (!is_ours(name)) return real(name, service, hints, found);
  wait(state.load()->lookup_wait_ms, "lookup", name);
  const std::string address = address_of(name);
  tell("lookup", (std::string(name) + " " + (address.empty() ? "none" : address)).c_str());
  return address.empty() ? EAI_AGAIN : real(address.c_str(), service, hints, found);
}

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_with("open", path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_with("open64", path, flags, mode);
}

ssize_t write(int fd, const void* octets, std::size_t size) {
  REAL(write);
  const int error = fault_of(fd, "write");
  if (error == 0) return real(fd, octets, size);
  const std::size_t first = taken(size);
  if (first == 0) return fail<ssize_t>(error, "write");
  tell("write", "in part");
  return real(fd, octets, first);
}

ssize_t pwrite(int fd, const void* octets, std::size_t size, off_t at) {
  REAL(pwrite);
  const int error = fault_of(fd, "pwrite");
  return error ? fail<ssize_t>(error, "pwrite") : real(fd, octets, size, at);
}

ssize_t pwrite64(int fd, const void* octets, std::size_t size, off64_t at) {
  REAL(pwrite64);
  const int error = fault_of(fd, "pwrite64");
  return error ? fail<ssize_t>(error, "pwrite64") : real(fd, octets, size, at);
}

ssize_t writev(int fd, const iovec* parts, int count) {
  REAL(writev);
  const int error = fault_of(fd, "writev");
  return error ? fail<ssize_t>(error, "writev") : real(fd, parts, count);
}

int fsync(int fd) {
  REAL(fsync);
  const int error = fault_of(fd, "fsync");
  return error ? fail<int>(error, "fsync") : real(fd);
}

int fdatasync(int fd) {
  REAL(fdatasync);
  const int error = fault_of(fd, "fdatasync");
  return error ? fail<int>(error, "fdatasync") : real(fd);
}

int ftruncate(int fd, off_t size) noexcept {
  REAL(ftruncate);
  const int error = fault_of(fd, "ftruncate");
  return error ? fail<int>(error, "ftruncate") : real(fd, size);
}

int ftruncate64(int fd, off64_t size) noexcept {
  REAL(ftruncate64);
  const int error = fault_of(fd, "ftruncate64");
  return error ? fail<int>(error, "ftruncate64") : real(fd, size);
}

int unlink(const char* path) noexcept {
  REAL(unlink);
  const int error = fault_of(path, "unlink");
  return error == EROFS ? fail<int>(error, "unlink") : real(path);
}

}  // extern "C"
