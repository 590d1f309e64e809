#include "proxy/shadow/process.h"

#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

namespace understudy::shadow {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif
#else
constexpr bool is_sanitized = false;
#endif

constexpr std::size_t stack_octets = 512 * 1024;

void lower_priority(const MirrorSettings& mirror) {
  setpriority(PRIO_PROCESS, 0, mirror.niceness);
  if (!mirror.idle_scheduling) return;
  const sched_param parameters{};
  sched_setscheduler(0, SCHED_IDLE, &parameters);
}

void volunteer_for_oom_killer() {
  const int fd = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  [[maybe_unused]] const ssize_t written = ::write(fd, "1000", 4);
  ::close(fd);
}

// The sanitizers' shadow memory counts as data.
void limit_memory(std::uint64_t octets) {
  if (is_sanitized) return;
  const rlimit limit{octets, octets};
  setrlimit(RLIMIT_DATA, &limit);
}

// Of threads to come: what is usual counts as megabytes of data each.
void limit_stacks() {
  if (is_sanitized) return;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack_octets);
  pthread_setattr_default_np(&attributes);
  pthread_attr_destroy(&attributes);
}

// What one thread frees by the ten thousand (a snapshot that is written) is put together at once, not by whoever next
// asks for much; and it is used again whichever thread asks, not kept for one of them, nor given to the kernel at once:
// new pages are dear.
void arrange_memory() {
#ifdef __GLIBC__
  constexpr int kept_octets = 16 << 20;  // that nobody uses, before the kernel gets them back
  constexpr int large_octets = 4 << 20;  // from here on with pages of their own
  mallopt(M_MXFAST, 0);
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_TRIM_THRESHOLD, kept_octets);
  mallopt(M_MMAP_THRESHOLD, large_octets);
#endif
}

}  // namespace

void yield_to_everybody(const MirrorSettings& mirror) {
  arrange_memory();
  limit_stacks();
  lower_priority(mirror);
  volunteer_for_oom_killer();
  limit_memory(mirror.memory_limit);
}

std::uint64_t resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (!file) return 0;
  unsigned long long pages = 0, resident = 0;
  const int read = std::fscanf(file, "%llu %llu", &pages, &resident);
  std::fclose(file);
  return read == 2 ? resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

}  // namespace understudy::shadow
