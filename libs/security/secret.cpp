#include "security/secret.hpp"

#include "base/check.hpp"

#if defined(_WIN32)
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
// after windows.h
#include <bcrypt.h>
#else
#include <string.h>
#include <sys/random.h>

#include <cerrno>
#endif

namespace oct {

void cleanse(std::span<std::byte> bytes) {
  if (bytes.empty()) return;
#if defined(_WIN32)
  SecureZeroMemory(bytes.data(), bytes.size());
#else
  explicit_bzero(bytes.data(), bytes.size());
#endif
}

void cleanse(std::span<std::uint8_t> bytes) {
  cleanse(std::as_writable_bytes(bytes));
}

void cleanse(std::string& text) {
  text.resize(text.capacity());  // stays within its memory
  cleanse(std::as_writable_bytes(std::span(text.data(), text.size())));
  text.clear();
}

void fill_random(std::span<std::uint8_t> bytes) {
#if defined(_WIN32)
  OCT_CHECK(BCryptGenRandom(nullptr, bytes.data(), static_cast<ULONG>(bytes.size()),
                            BCRYPT_USE_SYSTEM_PREFERRED_RNG) >= 0);
#else
  while (!bytes.empty()) {
    const ssize_t got = getrandom(bytes.data(), bytes.size(), 0);
    OCT_CHECK(got > 0 || errno == EINTR);
    if (got > 0) bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
#endif
}

bool equal_in_constant_time(ByteView a, ByteView b) {
  if (a.size() != b.size()) return false;
  volatile std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference = difference | static_cast<std::uint8_t>(a[i] ^ b[i]);
  return difference == 0;
}

}  // namespace oct
