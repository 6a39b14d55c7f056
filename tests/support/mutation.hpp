#pragma once
#include <algorithm>
#include <vector>

#include "base/bytes.hpp"
#include "support/random.hpp"

namespace oct::test {

/// A copy with a few random changes: bits, bytes, extreme values, pieces removed, doubled or moved, the end
/// cut off.
inline Bytes mutate(ByteView sample, Random& random) {
  Bytes bytes(sample.begin(), sample.end());
  const std::uint64_t changes = 1 + random.below(4);
  for (std::uint64_t change = 0; change < changes && !bytes.empty(); ++change) {
    const std::size_t at = random.below(bytes.size());
    const std::size_t length = std::min<std::size_t>(1 + random.below(16), bytes.size() - at);
    const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    const auto last = first + static_cast<std::ptrdiff_t>(length);
    switch (random.below(8)) {
      case 0: bytes[at] ^= static_cast<std::byte>(1u << random.below(8)); break;
      case 1: bytes[at] = static_cast<std::byte>(random.below(256)); break;
      case 2: std::fill(first, last, std::byte{0}); break;
      case 3: std::fill(first, last, std::byte{0xff}); break;
      case 4: bytes.erase(first, last); break;
      case 5: {
        const Bytes piece(first, last);
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(random.below(bytes.size())), piece.begin(),
                     piece.end());
        break;
      }
      case 6: bytes[at] = static_cast<std::byte>("0123456789-.eE[]{},\"/ "[random.below(22)]); break;
      default: bytes.resize(random.below(bytes.size())); break;
    }
  }
  return bytes;
}

/// A copy in which a few digits are other digits: texts stay what they are, but say something else.
inline Bytes mutate_digits(ByteView sample, Random& random) {
  Bytes bytes(sample.begin(), sample.end());
  const auto is_digit = [](std::byte b) { return b >= std::byte{'0'} && b <= std::byte{'9'}; };
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (is_digit(bytes[i])) places.push_back(i);
  }
  const std::uint64_t changes = 1 + random.below(3);
  for (std::uint64_t change = 0; change < changes && !places.empty(); ++change) {
    bytes[places[random.below(places.size())]] = static_cast<std::byte>('0' + random.below(10));
  }
  return bytes;
}

}  // namespace oct::test
