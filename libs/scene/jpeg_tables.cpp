#include "scene/jpeg_tables.hpp"

namespace oct {
namespace {

unsigned byte_at(ByteView file, std::size_t at) {
  return at < file.size() ? std::to_integer<unsigned>(file[at]) : 0;
}

/// The tables of a segment that begin in [at, end): class and place, 16 counts, as many values. A last one
/// that reaches beyond the segment is read there too, as a decoder does before it notices.
bool are_sane_tables(ByteView file, std::size_t at, std::size_t end) {
  constexpr std::size_t kCounts = 16;
  while (at < end) {
    std::size_t codes = 0;
    for (std::size_t i = 1; i <= kCounts; ++i) codes += byte_at(file, at + i);
    if (codes > 256) return false;
    at += 1 + kCounts + codes;
  }
  return true;
}

bool is_restart(unsigned marker) {
  return marker >= 0xd0 && marker <= 0xd7;
}

/// Behind the next marker at or after `at`: 0xff and something else than a stuffed 0, more 0xff, or a
/// restart.
std::size_t behind_next_marker(ByteView file, std::size_t at) {
  for (; at + 1 < file.size(); ++at) {
    const unsigned next = byte_at(file, at + 1);
    if (byte_at(file, at) == 0xff && next != 0 && next != 0xff && !is_restart(next)) return at + 2;
  }
  return file.size();
}

}  // namespace

bool has_sane_jpeg_tables(ByteView file) {
  constexpr unsigned kHuffmanTables = 0xc4;
  constexpr unsigned kStart = 0xd8;
  constexpr unsigned kEnd = 0xd9;
  std::size_t at = behind_next_marker(file, 0);
  while (at < file.size()) {
    const unsigned marker = byte_at(file, at - 1);
    if (marker != kStart && marker != kEnd) {
      const std::size_t length = byte_at(file, at) << 8 | byte_at(file, at + 1);
      if (length < 2) return true;  // the decoder refuses it here
      const std::size_t end = at + length < file.size() ? at + length : file.size();
      if (marker == kHuffmanTables && !are_sane_tables(file, at + 2, end)) return false;
      at = end;
    }
    at = behind_next_marker(file, at);
  }
  return true;
}

}  // namespace oct
