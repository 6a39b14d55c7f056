#include <algorithm>

#include "fuzz/fuzz_target.hpp"
#include "wire/codec.hpp"
#include "wire/packet.hpp"

/// Byte 0 says in what pieces the rest arrives.
OCT_FUZZ_TARGET(packet_stream) {
  if (input.empty()) return;
  const std::size_t piece = 1 + std::to_integer<std::size_t>(input[0]) * 16;
  input = input.subspan(1);
  oct::PacketCutter cutter;
  while (!input.empty()) {
    const auto space = cutter.space();
    OCT_CHECK(!space.empty());
    const std::size_t count = std::min({space.size(), input.size(), piece});
    std::copy_n(input.begin(), count, space.begin());
    cutter.written(count);
    input = input.subspan(count);
    while (true) {
      auto packet = cutter.next();
      if (!packet) return;
      if (!packet->has_value()) break;
      (void)oct::decode_render_message(std::move(**packet));
    }
  }
}
