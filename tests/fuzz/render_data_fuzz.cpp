#include <algorithm>
#include <cstring>

#include "compile/compile.hpp"
#include "device/device.hpp"
#include "fuzz/fuzz_target.hpp"
#include "render_data/validate.hpp"
#include "support/a_scene.hpp"

namespace {

constexpr std::size_t kEditHeaderBytes = 4;

oct::RenderData good_render_data() {
  oct::Scene scene = oct::test::a_scene();
  scene.meshes[0] = oct::test::a_sheet(3);
  scene.meshes[1].colors.assign(4, {1, 0.5f, 0, 1});
  scene.meshes[1].tangents.assign(4, {1, 0, 0, 1});
  oct::CompileOptions options;
  options.width = options.height = 16;
  options.samples_per_pixel = 16;
  oct::ThreadPool pool(1);
  return oct::compile(scene, options, pool).value();
}

/// Byte 0: array; bytes 1, 2: first word; byte 3: number of bytes, which follow. Returns what is left of the
/// input.
oct::ByteView edit_once(oct::RenderData& data, oct::ByteView input) {
  const auto byte = [&](std::size_t i) { return std::to_integer<std::size_t>(input[i]); };
  const std::size_t chosen = byte(0) % oct::kRenderDataArrayCount;
  const std::size_t word = byte(1) | byte(2) << 8;
  const oct::ByteView rest = input.subspan(kEditHeaderBytes);
  const oct::ByteView bytes = rest.first(std::min(byte(3), rest.size()));
  std::size_t next = 0;
  oct::RenderData::each(data, [&](const char*, auto& array) {
    if (next++ != chosen || array.empty()) return;
    const std::size_t size = array.size() * sizeof(array[0]);
    const std::size_t at = word * sizeof(oct::u32) % size;
    std::memcpy(reinterpret_cast<std::byte*>(array.edit().data()) + at, bytes.data(),
                std::min(bytes.size(), size - at));
  });
  return rest.subspan(bytes.size());
}

}  // namespace

/// What a hostile master may send: render data that was changed in a few places is refused, or a device
/// renders it.
OCT_FUZZ_TARGET(render_data) {
  static const oct::RenderData good = good_render_data();
  static const std::unique_ptr<oct::Device> device = oct::make_cpu_device({.threads = 1}).value();
  auto data = std::make_shared<oct::RenderData>(good);
  for (int edits = 0; edits < 8 && input.size() > kEditHeaderBytes; ++edits) input = edit_once(*data, input);
  if (!oct::validate(*data)) return;
  oct::ProgressCounter progress{0};
  OCT_CHECK(device->upload(0, data, {}, progress).has_value());
  std::size_t contributions = 0;
  const auto sink = [&](const oct::FilmContribution&) { ++contributions; };
  OCT_CHECK(device->render(0, {1, {{0, 0, 1}}}, {}, progress, sink).has_value());
  OCT_CHECK(contributions == 1);
}
