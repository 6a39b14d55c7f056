#include "shade/texture.hpp"

#include <cmath>
#include <vector>

#include "render_data/render_data.hpp"
#include "shade_support.hpp"
#include "support/catch.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// A 3 x 2 image of floats, each texel different: red = column, green = row, blue = 10.
RenderData a_float_image(Wrap wrap, bool nearest = false) {
  RenderData data;
  for (u32 y = 0; y < 2; ++y)
    for (u32 x = 0; x < 3; ++x)
      for (const float value : {static_cast<float>(x * x + 1), static_cast<float>(y), 10.0f})
        data.texels.edit().push_back(bits_of(value));
  data.texture_images.edit().push_back({3, 2, TexelFormat::rgb32_float, 0, 0});
  data.texture_slots.edit().push_back({0, 0, wrap, wrap, nearest ? 1u : 0u, {1, 0, 0, 0, 1, 0}});
  return data;
}

/// A point without a triangle around it, at which only the first two sets are looked up.
TexturePoint looked_up_at(Vec2 uv0, Vec2 uv1 = {0, 0}) {
  return {uv0, uv1, {1, 0, 0}, kNone, kNone};
}

/// Index that an endless row of `size` texels has at `i`.
int tiled(int i, int size, Wrap wrap) {
  if (wrap == Wrap::clamp_to_edge) return std::min(std::max(i, 0), size - 1);
  const int period = wrap == Wrap::repeat ? size : 2 * size;
  const int within = ((i % period) + period) % period;
  return within < size ? within : period - 1 - within;
}

/// Bilinear value of the image of a_float_image at uv, in double.
Vec2 bilinear(double s, double t, Wrap wrap) {
  const double x = s * 3 - 0.5, y = t * 2 - 0.5;
  const int x0 = static_cast<int>(std::floor(x)), y0 = static_cast<int>(std::floor(y));
  const auto red = [&](int i) {
    const int column = tiled(i, 3, wrap);
    return column * column + 1.0;
  };
  const double fx = x - x0, fy = y - y0;
  return {static_cast<float>(red(x0) * (1 - fx) + red(x0 + 1) * fx),
          static_cast<float>(tiled(y0, 2, wrap) * (1 - fy) + tiled(y0 + 1, 2, wrap) * fy)};
}

}  // namespace

TEST_CASE("the mean of chance texels is the bilinear value, for every way to repeat", "[shade]") {
  Uniform uniform(1);
  for (const Wrap wrap : {Wrap::repeat, Wrap::clamp_to_edge, Wrap::mirrored_repeat}) {
    const RenderData data = a_float_image(wrap);
    const RenderDataView view = view_of(data);
    for (int i = 0; i < 200; ++i) {
      const Vec2 uv = {8 * uniform() - 4, 8 * uniform() - 4};
      Vec3 mean = {0, 0, 0};
      constexpr int kSide = 64;
      for (int k = 0; k < kSide * kSide; ++k) {
        const Vec2 u = {(static_cast<float>(k % kSide) + 0.5f) / kSide,
                        (static_cast<float>(k / kSide) + 0.5f) / kSide};
        const Vec4 texel = sample_texture(view, 0, looked_up_at(uv), u);
        mean += Vec3{texel.x, texel.y, texel.z} * (1.0f / (kSide * kSide));
      }
      const Vec2 expected = bilinear(static_cast<double>(uv.x), static_cast<double>(uv.y), wrap);
      INFO("wrap " << static_cast<int>(wrap) << " uv " << uv.x << " " << uv.y);
      CHECK(mean.x == Approx(expected.x).margin(5.0 / kSide));
      CHECK(mean.y == Approx(expected.y).margin(1.0 / kSide));
      CHECK(mean.z == Approx(10));
    }
  }
}

TEST_CASE("a nearest lookup takes the texel under the point", "[shade]") {
  for (const Wrap wrap : {Wrap::repeat, Wrap::clamp_to_edge, Wrap::mirrored_repeat}) {
    const RenderData data = a_float_image(wrap, true);
    const RenderDataView view = view_of(data);
    Uniform uniform(2);
    for (int i = 0; i < 2000; ++i) {
      const Vec2 uv = {8 * uniform() - 4, 8 * uniform() - 4};
      const Vec4 texel = sample_texture(view, 0, looked_up_at(uv), uniform.pair());
      const int column = tiled(static_cast<int>(std::floor(uv.x * 3)), 3, wrap);
      const int row = tiled(static_cast<int>(std::floor(uv.y * 2)), 2, wrap);
      INFO("wrap " << static_cast<int>(wrap) << " uv " << uv.x << " " << uv.y);
      CHECK(texel.x == static_cast<float>(column * column + 1));
      CHECK(texel.y == static_cast<float>(row));
    }
  }
}

TEST_CASE("any coordinate stays in the image", "[shade]") {
  const float bad[] = {0.0f,   -0.0f, 1.0f,      -1e-30f,    0.99999994f,          1e10f,
                       -1e10f, 3e38f, kInfinity, -kInfinity, kInfinity - kInfinity};
  for (const Wrap wrap : {Wrap::repeat, Wrap::clamp_to_edge, Wrap::mirrored_repeat})
    for (const float s : bad)
      for (const u32 size : {1u, 2u, 7u, 16384u})
        for (const float u : {0.0f, 0.5f, 0.99999994f})
          for (const bool nearest : {false, true})
            CHECK(choose_texel(wrap_coordinate(s, wrap), size, wrap, nearest, u) < size);
}

TEST_CASE("the slot's matrix moves coordinates and its set chooses them", "[shade]") {
  RenderData data = a_float_image(Wrap::repeat, true);
  data.texture_slots.edit()[0].uv_set = 1;
  const float rows[6] = {0, 1, 0.25f, 1, 0, 0};  // s = v + 1/4, t = u
  std::copy(rows, rows + 6, data.texture_slots.edit()[0].m);
  const Vec4 texel = sample_texture(view_of(data), 0, looked_up_at({0.9f, 0.9f}, {0.6f, 0.2f}), {0.5f, 0.5f});
  CHECK(texel.x == 2.0f);  // s = 0.45: column 1
  CHECK(texel.y == 1.0f);  // t = 0.6: row 1
}

TEST_CASE("each of four sets of coordinates is looked up where its triangle says", "[shade]") {
  RenderData data = a_float_image(Wrap::repeat, true);
  data.triangles = {{{0, 1, 2}}};
  data.meshes.edit().push_back({0, 3, 0, 1, kNone, kNone, {0, 3, 6, 9}, kNone});
  data.instances.edit().push_back({});
  // the corner with weight 1 lies in column 0, 1, 2 of the image's upper row, then in the middle of its lower one
  data.uvs = {{0, 0}, {0.1f, 0.2f}, {0, 0}, {0, 0}, {0.5f, 0.2f}, {0, 0},
              {0, 0}, {0.9f, 0.2f}, {0, 0}, {0, 0}, {0.5f, 0.7f}, {0, 0}};
  const RenderDataView view = view_of(data);
  const TexturePoint at = texture_point(view, 0, 0, {0, 1, 0});
  const float red[] = {1, 2, 5, 2};
  const float green[] = {0, 0, 0, 1};
  for (u32 set = 0; set < kUvSets; ++set) {
    INFO("set " << set);
    data.texture_slots.edit()[0].uv_set = set;
    const Vec4 texel = sample_texture(view_of(data), 0, at, {0.5f, 0.5f});
    CHECK(texel.x == red[set]);
    CHECK(texel.y == green[set]);
  }
  data.meshes.edit()[0].first_uv[3] = kNone;
  CHECK(texture_coordinates(view_of(data), at, 3).x == 0);
}

TEST_CASE("sRGB decodes within a millionth of its definition", "[shade]") {
  CHECK(linear_from_srgb(0.0f) == 0.0f);
  CHECK(linear_from_srgb(1.0f) == 1.0f);
  for (int i = 1; i < 65535; ++i) {
    const float encoded = static_cast<float>(i) * (1.0f / 65535.0f);
    const double e = static_cast<double>(encoded);
    const double expected = e <= 0.04045 ? e / 12.92 : std::pow((e + 0.055) / 1.055, 2.4);
    if (std::abs(static_cast<double>(linear_from_srgb(encoded)) - expected) > 1e-6 * expected) FAIL(i);
    if (linear_from_srgb(encoded) < linear_from_srgb(static_cast<float>(i - 1) * (1.0f / 65535.0f)))
      FAIL("not monotone at " << i);
  }
}

TEST_CASE("texels of every format decode to what was stored", "[shade]") {
  RenderData data;
  data.texels = {0x80ff4000u, 0xffff0000u, 0x80004000u};
  data.texture_images.edit().push_back({1, 1, TexelFormat::rgba8_srgb, 0, 0});
  data.texture_images.edit().push_back({1, 1, TexelFormat::rgba8_linear, 0, 0});
  data.texture_images.edit().push_back({1, 1, TexelFormat::rgba16_linear, 0, 1});
  const RenderDataView view = view_of(data);
  const Vec4 srgb = decode_texel(view, data.texture_images[0], 0, 0);
  CHECK(srgb.x == 0.0f);
  CHECK(srgb.y == Approx(0.0512694).epsilon(1e-5));
  CHECK(srgb.z == 1.0f);
  CHECK(srgb.w == Approx(128 / 255.0));
  CHECK(decode_texel(view, data.texture_images[1], 0, 0).y == Approx(64 / 255.0));
  const Vec4 wide = decode_texel(view, data.texture_images[2], 0, 0);
  CHECK(wide.x == 0.0f);
  CHECK(wide.y == 1.0f);
  CHECK(wide.z == Approx(0x4000 / 65535.0));
  CHECK(wide.w == Approx(0x8000 / 65535.0));
}

TEST_CASE("filtered alpha is the mean of chance texels", "[shade]") {
  RenderData data;
  for (const u32 alpha : {0u, 64u, 128u, 255u, 200u, 10u}) data.texels.edit().push_back(alpha << 24);
  data.texture_images.edit().push_back({3, 2, TexelFormat::rgba8_srgb, 0, 0});
  data.texture_slots.edit().push_back({0, 0, Wrap::repeat, Wrap::mirrored_repeat, 0, {1, 0, 0, 0, 1, 0}});
  const RenderDataView view = view_of(data);
  Uniform uniform(5);
  for (int i = 0; i < 50; ++i) {
    const Vec2 uv = {4 * uniform() - 2, 4 * uniform() - 2};
    double mean = 0;
    constexpr int kSide = 64;
    for (int k = 0; k < kSide * kSide; ++k) {
      const Vec2 u = {(static_cast<float>(k % kSide) + 0.5f) / kSide,
                      (static_cast<float>(k / kSide) + 0.5f) / kSide};
      mean += static_cast<double>(sample_texture(view, 0, looked_up_at(uv), u).w) / (kSide * kSide);
    }
    CHECK(static_cast<double>(filtered_alpha(view, 0, looked_up_at(uv))) == Approx(mean).margin(0.02));
  }
}
