#include <cmath>

#include "device/device.hpp"
#include "render_data/rebuilder.hpp"
#include "render_data/validate.hpp"
#include "support/a_scene.hpp"
#include "support/compiled.hpp"
#include "support/random.hpp"

using namespace oct;
using namespace oct::test;

namespace {

const RenderData& small_data() {
  static const RenderData data = [] {
    Scene scene = a_scene();
    scene.meshes[0] = a_sheet(3);
    scene.meshes[1].colors.assign(4, {1, 0.5f, 0, 1});
    scene.meshes[1].tangents.assign(4, {1, 0, 0, 1});
    return compiled(scene, small_film());
  }();
  return data;
}

/// A word that tends to be wrong where a word matters.
u32 nasty_word(Random& random) {
  constexpr u32 kWords[] = {0,          1,          2,          0x7fffffff, 0x80000000, 0xfffffffe,
                            0xffffffff, 0x7f800000, 0xff800000, 0x7fc00000, 0x3f800000, 0xbf800000,
                            0x00000001, 0x7f7fffff, 100,        65536};
  return random.chance(0.5) ? kWords[random.below(std::size(kWords))] : static_cast<u32>(random.next());
}

/// Overwrites a word, flips a bit, copies a word from elsewhere, or changes the length of a random array.
void corrupt(RenderData& data, Random& random) {
  const std::uint64_t chosen = random.below(kRenderDataArrayCount);
  std::uint64_t next = 0;
  RenderData::each(data, [&](const char*, auto& array) {
    if (next++ != chosen || array.empty()) return;
    auto* const words = reinterpret_cast<std::byte*>(array.edit().data());
    const std::size_t count = array.size() * sizeof(array[0]) / sizeof(u32);
    const std::size_t at = random.below(count) * sizeof(u32);
    const std::uint64_t kind = random.below(10);
    if (kind < 5) {
      const u32 word = nasty_word(random);
      std::memcpy(words + at, &word, sizeof word);
    } else if (kind < 7) {
      words[at + random.below(4)] ^= static_cast<std::byte>(1u << random.below(8));
    } else if (kind < 9) {
      std::memmove(words + at, words + random.below(count) * sizeof(u32), sizeof(u32));
    } else {
      array.edit().resize(random.below(2 * array.size() + 1));
    }
  });
}

/// Follows every link as kernels do, with checked access; true when all numbers met are finite.
bool can_be_walked(const RenderData& data) {
  bool finite = true;
  const auto meet = [&](float x) { finite = finite && std::isfinite(x); };
  for (const Instance& instance : data.instances) {
    const Mesh& mesh = data.meshes.at(instance.mesh);
    const Material& material = data.materials.at(instance.material);
    for (u32 t = 0; t < mesh.triangle_count; ++t) {
      for (const u32 corner : data.triangles.at(mesh.first_triangle + t).v) {
        meet(data.positions.at(mesh.first_vertex + corner).x);
        if (mesh.first_normal != kNone) (void)data.normals.at(mesh.first_normal + corner);
        if (mesh.first_tangent != kNone) meet(data.tangents.at(mesh.first_tangent + corner).w);
        for (const u32 first_uv : mesh.first_uv) {
          if (first_uv != kNone) meet(data.uvs.at(first_uv + corner).y);
        }
        if (mesh.first_color != kNone) meet(data.colors.at(mesh.first_color + corner).w);
      }
      if (instance.first_light != kNone) meet(data.lights.at(instance.first_light + t).area);
    }
    for (const u32 slot : {material.base_color_texture, material.metallic_roughness_texture,
                           material.normal_texture, material.emission_texture, material.transmission_texture,
                           material.specular_texture, material.specular_color_texture}) {
      if (slot == kNone) continue;
      const TextureImage& image = data.texture_images.at(data.texture_slots.at(slot).image);
      const u64 words = image.format == TexelFormat::rgb32_float   ? 3
                        : image.format >= TexelFormat::rgba16_srgb ? 2
                                                                   : 1;
      (void)data.texels.at(image.first_word + words * image.width * image.height - 1);
    }
  }
  for (const Material& material : data.materials)
    if (material.layers != kNone) meet(data.material_layers.at(material.layers).volume.dispersion);
  for (const MaterialLayers& layers : data.material_layers) {
    for (const u32 slot :
         {layers.clearcoat.texture, layers.clearcoat.roughness_texture, layers.clearcoat.normal_texture,
          layers.sheen.color_texture, layers.sheen.roughness_texture, layers.anisotropy.texture,
          layers.iridescence.texture, layers.iridescence.thickness_texture,
          layers.diffuse_transmission.texture, layers.diffuse_transmission.color_texture}) {
      if (slot != kNone) (void)data.texture_slots.at(slot);
    }
  }
  for (const AliasEntry& entry : data.light_alias) meet(data.lights.at(entry.alias).select_probability);
  for (const Light& light : data.lights) {
    if (light.kind == LightKind::area) {
      (void)data.triangles.at(data.meshes.at(data.instances.at(light.instance).mesh).first_triangle +
                              light.primitive);
    }
  }
  const Environment& environment = data.environments.at(0);
  if (environment.image != kNone) (void)data.texture_images.at(environment.image);
  for (const AliasEntry& entry : data.environment_alias) meet(data.environment_density.at(entry.alias));
  return finite && data.cameras.size() == 1 && data.settings.size() == 1;
}

}  // namespace

TEST_CASE("corrupted render data is refused, or can be walked without harm", "[render_data]") {
  int refused = 0;
  for (std::uint64_t seed = 1; seed <= 20000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    RenderData data = small_data();
    const std::uint64_t faults = 1 + random.below(3);
    for (std::uint64_t i = 0; i < faults; ++i) corrupt(data, random);
    if (validate(data)) {
      REQUIRE(can_be_walked(data));
    } else {
      ++refused;
    }
  }
  CHECK(refused > 5000);
  CHECK(refused < 19500);
}

TEST_CASE("a device survives whatever is valid", "[render_data]") {
  auto device = make_cpu_device({.threads = 1});
  REQUIRE(device);
  int rendered = 0;
  for (std::uint64_t seed = 1; seed <= 4000 && rendered < 400; ++seed) {
    CAPTURE(seed);
    Random random(seed * 0x9e3779b97f4a7c15u);
    auto data = std::make_shared<RenderData>(small_data());
    const std::uint64_t faults = 1 + random.below(6);
    for (std::uint64_t i = 0; i < faults; ++i) corrupt(*data, random);
    if (!validate(*data)) continue;
    ++rendered;
    ProgressCounter progress{0};
    REQUIRE((*device)->upload(0, data, {}, progress));
    std::size_t sums = 0;
    const auto sink = [&](const FilmContribution& contribution) { sums += contribution.sums.size(); };
    REQUIRE((*device)->render(0, {1, {{0, 0, 1}}}, {}, progress, sink));
    CHECK(sums > 0);
  }
  CHECK(rendered > 100);
}

TEST_CASE("a corrupted manifest or chunk never gives other data than was meant", "[render_data]") {
  const ChunkedScene scene(std::make_shared<const RenderData>(small_data()));
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    Manifest manifest = scene.manifest();
    const bool spoiled = random.chance(0.5);
    if (spoiled) {
      ArrayInfo& array = manifest.arrays[random.below(manifest.arrays.size())];
      ChunkId& id = manifest.chunks[random.below(manifest.chunks.size())];
      switch (random.below(4)) {
        case 0: array.count = random.chance(0.5) ? nasty_word(random) : random.next(); break;
        case 1: array.element_bytes = nasty_word(random); break;
        case 2: id.bytes[random.below(20)] ^= static_cast<u8>(1 + random.below(255)); break;
        default: id = manifest.chunks[random.below(manifest.chunks.size())]; break;
      }
    }
    auto rebuilder = Rebuilder::make(manifest, 1 << 24);
    if (!rebuilder) continue;
    for (const ChunkId& id : rebuilder->wanted()) {
      const auto chunk = scene.find(id);
      if (!chunk) continue;
      Bytes content(chunk->content.begin(), chunk->content.end());
      if (random.chance(0.1)) {
        content[random.below(content.size())] ^= std::byte{4};
        REQUIRE_FALSE(rebuilder->accept(id, content));
      } else {
        const auto accepted =
            rebuilder->accept(id, content);  // a spoiled manifest may ask for another length
        REQUIRE((accepted || spoiled));
      }
    }
    if (!rebuilder->complete()) continue;
    const auto data = rebuilder->finish();
    if (data) REQUIRE(hash(*data) == hash(manifest));
  }
}
