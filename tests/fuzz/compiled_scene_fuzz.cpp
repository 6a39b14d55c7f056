#include <cstring>

#include "fuzz/fuzz_target.hpp"
#include "render_data/compiled_scene_file.hpp"
#include "render_data/validate.hpp"

/// Whatever a compiled scene holds, reading it gives valid render data or an error. The checksum of its head is made
/// right, so that what lies behind it is tried, too.
OCT_FUZZ_TARGET(compiled_scene) {
  constexpr std::uint64_t kRoom = 8 << 20;
  oct::ThreadPool pool(1);
  const auto check = [&](oct::ByteView bytes) {
    const auto scene = oct::read_compiled_scene(bytes, kRoom, pool);
    OCT_CHECK(!scene || oct::validate(scene->data).has_value());
  };
  check(input);
  oct::Bytes file(input.begin(), input.end());
  if (file.size() < 20) return;
  const auto head = oct::load<std::uint64_t>(file.data() + 12);
  if (head < 32 || head > file.size()) return;
  const oct::Digest digest = oct::sha256(oct::ByteView(file).first(head - 32));
  std::memcpy(file.data() + head - 32, &digest, 32);
  check(file);
}
