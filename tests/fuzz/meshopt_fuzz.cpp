#include "codec/meshopt.hpp"
#include "fuzz/fuzz_target.hpp"

/// Packed data is as many elements as asked for, or an error. The first four bytes say what is asked for.
OCT_FUZZ_TARGET(meshopt) {
  if (input.size() < 4) return;
  const auto byte = [&](std::size_t i) { return std::to_integer<unsigned>(input[i]); };
  const oct::MeshoptLayout layout{byte(0) * 3, byte(1), static_cast<oct::MeshoptMode>(byte(2) % 3),
                                  static_cast<oct::MeshoptFilter>(byte(3) % 4)};
  const auto bytes = oct::decode_meshopt(input.subspan(4), layout);
  if (bytes) OCT_CHECK(bytes->size() == layout.count * layout.stride);
}
