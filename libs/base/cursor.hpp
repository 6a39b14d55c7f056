#pragma once
#include <cstdint>
#include <string>

#include "base/bytes.hpp"

namespace oct {

/// Reads little-endian values; after a read past the end all are zero and failed() is true.
class Cursor {
 public:
  explicit Cursor(ByteView bytes) : bytes_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::int32_t i32() { return static_cast<std::int32_t>(u32()); }
  std::uint64_t u64() { return number(8); }
  ByteView take(std::size_t size) {
    if (bytes_.size() - at_ < size) {
      failed_ = true;
      at_ = bytes_.size();
      return {};
    }
    at_ += size;
    return bytes_.subspan(at_ - size, size);
  }
  /// Up to a zero byte.
  std::string text() {
    std::string value;
    for (;;) {
      const char c = static_cast<char>(u8());
      if (c == '\0') return value;
      value += c;
    }
  }
  bool failed() const { return failed_; }
  std::size_t position() const { return at_; }

 private:
  std::uint64_t number(std::size_t size) {
    const ByteView bytes = take(size);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
      value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
    return value;
  }

  ByteView bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace oct
