#include "base/process_limits.hpp"

#include <algorithm>
#include <exception>
#include <thread>

#if defined(_WIN32)
#include <cstdio>
#else
#include <pthread.h>
#include <sys/resource.h>
#endif

namespace oct {

#if defined(_WIN32)

std::optional<std::uint64_t> open_files_limit() {
  const int limit = _getmaxstdio();
  return limit > 0 ? std::optional(static_cast<std::uint64_t>(limit)) : std::nullopt;
}

void raise_process_limits() {
  _setmaxstdio(2048);  // the most that every runtime takes; stacks are as the linker was told
}

void with_enough_stack(const std::function<void()>& run) {
  run();
}

#else

namespace {

constexpr rlim_t kLeastStack = 2u << 20, kUsualStack = 8u << 20;

void raise_open_files() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == files.rlim_max) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

bool is_less(rlim_t limit, rlim_t bytes) {
  return limit != RLIM_INFINITY && limit < bytes;
}

/// That of the main thread grows up to the limit as it is then.
void raise_own_stack() {
  rlimit stack{};
  if (getrlimit(RLIMIT_STACK, &stack) != 0 || !is_less(stack.rlim_cur, kLeastStack)) return;
  stack.rlim_cur = stack.rlim_max == RLIM_INFINITY ? kUsualStack : std::min(stack.rlim_max, kUsualStack);
  setrlimit(RLIMIT_STACK, &stack);
}

/// The C library took it from the limit when the program began.
void raise_stack_of_threads() {
#if defined(__GLIBC__)
  pthread_attr_t attributes;
  std::size_t bytes = 0;
  if (pthread_getattr_default_np(&attributes) != 0) return;
  if (pthread_attr_getstacksize(&attributes, &bytes) == 0 && bytes < kLeastStack &&
      pthread_attr_setstacksize(&attributes, kUsualStack) == 0)
    pthread_setattr_default_np(&attributes);
  pthread_attr_destroy(&attributes);
#endif
}

}  // namespace

std::optional<std::uint64_t> open_files_limit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return files.rlim_cur;
}

void raise_process_limits() {
  raise_open_files();
  raise_own_stack();
  raise_stack_of_threads();
}

void with_enough_stack(const std::function<void()>& run) {
  rlimit stack{};
  if (getrlimit(RLIMIT_STACK, &stack) != 0 || !is_less(stack.rlim_cur, kLeastStack)) return run();
  std::exception_ptr thrown;
  std::thread([&] {
    try {
      run();
    } catch (...) {
      thrown = std::current_exception();
    }
  }).join();
  if (thrown) std::rethrow_exception(thrown);
}

#endif

}  // namespace oct
