#include "proxy/control/shared_memory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

namespace understudy::control {
namespace {

constexpr std::size_t page = 4096;

struct Memory {
  explicit Memory(std::size_t size) : fd(create_shared_memory("test", size)), readable(read_only_descriptor(fd)) {}
  ~Memory() {
    ::close(fd);
    ::close(readable);
  }
  int fd;
  int readable;
};

TEST(SharedMemory, starts_as_zeros_and_knows_its_size) {
  const Memory memory(3 * page);
  EXPECT_EQ(size_of_memory(memory.fd), 3 * page);
  const Mapping mapping(memory.fd, 0, 3 * page, Mapping::Access::read);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(mapping.data()), 3 * page), std::string(3 * page, '\0'));
}

TEST(SharedMemory, cannot_change_its_size_nor_lose_that_seal) {
  const Memory memory(page);
  for (const int fd : {memory.fd, memory.readable}) {
    EXPECT_NE(::ftruncate(fd, 0), 0);
    EXPECT_NE(::ftruncate(fd, 2 * page), 0);
    EXPECT_NE(::fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
  }
  EXPECT_EQ(size_of_memory(memory.fd), page);
}

TEST(SharedMemory, has_mode_0400_and_closes_on_exec) {
  const Memory memory(page);
  struct stat status{};
  ASSERT_EQ(::fstat(memory.fd, &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0400u);
  EXPECT_EQ(::fcntl(memory.fd, F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(::fcntl(memory.readable, F_GETFD), FD_CLOEXEC);
}

TEST(SharedMemory, cannot_be_written_through_the_readers_descriptor) {
  const Memory memory(page);
  EXPECT_EQ(::write(memory.readable, "x", 1), -1);
  EXPECT_EQ(::mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_SHARED, memory.readable, 0), MAP_FAILED);
  EXPECT_THROW(Mapping(memory.readable, 0, page, Mapping::Access::write), std::system_error);
  // A readable mapping cannot be turned into a writable one either.
  const Mapping mapping(memory.readable, 0, page, Mapping::Access::read);
  EXPECT_NE(::mprotect(mapping.data(), page, PROT_READ | PROT_WRITE), 0);
}

TEST(SharedMemory, shows_the_reader_what_the_writer_stores) {
  const Memory memory(page);
  const Shared<int> written(memory.fd, Mapping::Access::write);
  const Shared<const int> read(memory.readable, Mapping::Access::read);
  *written = 42;
  EXPECT_EQ(*read, 42);
}

TEST(Mapping, of_more_than_there_is_is_refused) {
  const Memory memory(page);
  EXPECT_THROW(Mapping(memory.fd, 0, 2 * page, Mapping::Access::read), std::system_error);
  EXPECT_THROW(Mapping(memory.fd, page, page, Mapping::Access::read), std::system_error);
}

TEST(Mapping, twice_in_a_row_lets_a_span_run_over_the_end) {
  const Memory memory(3 * page);
  const Mapping mapping(memory.fd, page, 2 * page, Mapping::Access::write, 2);
  EXPECT_EQ(mapping.size(), 2 * page);
  std::memcpy(mapping.data() + 2 * page - 2, "span", 4);
  EXPECT_EQ(std::memcmp(mapping.data(), "an", 2), 0);
  EXPECT_EQ(std::memcmp(mapping.data() + 2 * page - 2, "sp", 2), 0);
  const Mapping whole(memory.fd, 0, 3 * page, Mapping::Access::read);
  EXPECT_EQ(std::memcmp(whole.data() + page, "an", 2), 0);
}

TEST(Mapping, moves_and_is_unmapped_once) {
  const Memory memory(page);
  Mapping first(memory.fd, 0, page, Mapping::Access::write);
  std::byte* address = first.data();
  Mapping second(std::move(first));
  EXPECT_EQ(second.data(), address);
  Mapping third;
  third = std::move(second);
  EXPECT_EQ(third.data(), address);
  *third.data() = std::byte{7};
}

}  // namespace
}  // namespace understudy::control
