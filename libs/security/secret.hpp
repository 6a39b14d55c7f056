#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.hpp"

namespace oct {

/// Overwrites memory that held a secret; never optimised away.
void cleanse(std::span<std::byte> bytes);
void cleanse(std::span<std::uint8_t> bytes);
/// All of a text's memory; it is empty afterwards.
void cleanse(std::string& text);

/// Unpredictable bytes of the operating system, fit for keys and nonces. Any thread.
void fill_random(std::span<std::uint8_t> bytes);

/// Compares in a time that depends on the lengths alone.
bool equal_in_constant_time(ByteView a, ByteView b);

/// N secret bytes, wiped when they end. There is no way to print them by accident: no formatter, no stream
/// operator, no text.
template <std::size_t N>
class Secret {
 public:
  Secret() = default;
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  ~Secret() { cleanse(std::span(bytes_)); }

  std::span<std::uint8_t, N> bytes() { return bytes_; }
  std::span<const std::uint8_t, N> bytes() const { return bytes_; }
  ByteView view() const { return std::as_bytes(std::span(bytes_)); }

  friend bool operator==(const Secret& a, const Secret& b) {
    return equal_in_constant_time(a.view(), b.view());
  }

 private:
  std::array<std::uint8_t, N> bytes_{};
};

}  // namespace oct
