#include "base/file_lock.hpp"

#include <fmt/format.h>

#include <thread>

#if defined(_WIN32)
#include <windows.h>
#else
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#endif

namespace oct {
namespace {

constexpr milliseconds kPause(10);

enum class Attempt { done, busy, failed };

#if defined(_WIN32)

Attempt attempt(const std::filesystem::path& path, std::intptr_t& handle) {
  // no sharing: who has it open has the lock
  const HANDLE file = CreateFileW(path.c_str(), GENERIC_READ | GENERIC_WRITE, 0, nullptr, OPEN_ALWAYS,
                                  FILE_ATTRIBUTE_NORMAL, nullptr);
  if (file != INVALID_HANDLE_VALUE) {
    handle = reinterpret_cast<std::intptr_t>(file);
    return Attempt::done;
  }
  return GetLastError() == ERROR_SHARING_VIOLATION ? Attempt::busy : Attempt::failed;
}

void release(std::intptr_t handle) {
  CloseHandle(reinterpret_cast<HANDLE>(handle));
}

#else

Attempt attempt(const std::filesystem::path& path, std::intptr_t& handle) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return Attempt::failed;
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) {
    handle = file;
    return Attempt::done;
  }
  const bool busy = errno == EWOULDBLOCK || errno == EINTR;
  ::close(file);
  return busy ? Attempt::busy : Attempt::failed;
}

void release(std::intptr_t handle) {
  ::close(static_cast<int>(handle));
}

#endif

}  // namespace

Result<FileLock> FileLock::take(const std::filesystem::path& path, Duration patience) {
  const Instant deadline = steady_now() + patience;
  while (true) {
    std::intptr_t handle = kNone;
    const Attempt result = attempt(path, handle);
    if (result == Attempt::done) return FileLock(handle);
    const std::u8string name = path.u8string();
    const std::string text(name.begin(), name.end());
    if (result == Attempt::failed)
      return fail(ErrorKind::output, fmt::format("{}: cannot be locked", text), "check its folder's rights");
    if (steady_now() >= deadline)
      return fail(ErrorKind::unavailable, fmt::format("{}: another program holds it", text));
    std::this_thread::sleep_for(kPause);
  }
}

FileLock::~FileLock() {
  if (handle_ != kNone) release(handle_);
}

}  // namespace oct
