#include "codec/draco.hpp"

#include "support/codec_samples.hpp"
#include "unit/codec/reason.hpp"

using namespace oct;
using namespace oct::test;

namespace {

const std::vector<DracoAttribute> kAll{
    {0, NumberKind::real, 3}, {1, NumberKind::real, 2}, {2, NumberKind::uint8, 4}};

/// Positions of the corners of both triangles.
std::vector<float> positions_of(const DracoMesh& mesh) {
  std::vector<float> positions;
  for (const std::uint32_t corner : mesh.corners) {
    for (std::size_t c = 0; c < 3; ++c)
      positions.push_back(load<float>(mesh.attributes[0].data() + (corner * 3 + c) * 4));
  }
  return positions;
}

}  // namespace

TEST_CASE("a mesh packed by Draco comes out with its corners and attributes", "[codec]") {
  for (const DracoMethod method : {DracoMethod::sequential, DracoMethod::edgebreaker}) {
    const auto mesh = decode_draco(sample_draco(method), kAll);
    REQUIRE(mesh.has_value());
    CHECK(mesh->vertex_count == 4);
    REQUIRE(mesh->corners.size() == 6);
    // the two triangles may come in another order, and begin at another corner: their area and heights do not
    float area = 0;
    float heights = 0;
    const std::vector<float> p = positions_of(*mesh);
    for (std::size_t t = 0; t < 2; ++t) {
      const float* a = p.data() + 9 * t;
      area += ((a[3] - a[0]) * (a[7] - a[1]) - (a[6] - a[0]) * (a[4] - a[1])) / 2;
      heights += a[2] + a[5] + a[8];
    }
    CHECK(area == Approx(1).epsilon(0.002));
    CHECK(heights == Approx(0.5).epsilon(0.002));
    for (std::size_t v = 0; v < 4; ++v) {
      const std::byte* position = mesh->attributes[0].data() + v * 12;
      const std::byte* uv = mesh->attributes[1].data() + v * 8;
      CHECK(load<float>(uv) == Approx(load<float>(position)).margin(0.002));
      CHECK(load<float>(uv + 4) == Approx(load<float>(position + 4)).margin(0.002));
      const bool last = load<float>(uv) > 0.5f && load<float>(uv + 4) > 0.5f;
      CHECK(std::to_integer<int>(mesh->attributes[2][v * 4 + 3]) == (last ? 128 : 255));
    }
  }
}

TEST_CASE("values of a Draco attribute come as the numbers that are asked for", "[codec]") {
  const std::vector<DracoAttribute> wanted{{2, NumberKind::real, 4}, {0, NumberKind::real, 2}};
  const auto mesh = decode_draco(sample_draco(DracoMethod::sequential), wanted);
  REQUIRE(mesh.has_value());
  CHECK(mesh->attributes[0].size() == 64);
  CHECK(mesh->attributes[1].size() == 32);
  float alpha = 0;
  for (std::size_t v = 0; v < 4; ++v) alpha += load<float>(mesh->attributes[0].data() + v * 16 + 12);
  CHECK(alpha == Approx(3 + 128.0 / 255));  // normalized
}

TEST_CASE("Draco data that is wrong is an error", "[codec]") {
  const std::vector<DracoAttribute> missing{{7, NumberKind::real, 3}};
  const Bytes whole = sample_draco(DracoMethod::edgebreaker);
  CHECK(reason_of(decode_draco(whole, missing)) == "has no attribute 7");
  CHECK(reason_of(decode_draco({}, kAll)) == "is not a mesh of Draco 2.2");
  for (std::size_t size = 0; size + 12 < whole.size(); ++size)
    CHECK_FALSE(decode_draco(ByteView(whole).first(size), kAll).has_value());
  Bytes huge(whole.begin(), whole.begin() + 11);
  huge[8] = std::byte{0};  // sequential: a billion faces
  for (const int byte : {0xff, 0xff, 0xff, 0xff, 0x03, 4, 0}) huge.push_back(static_cast<std::byte>(byte));
  CHECK(reason_of(decode_draco(huge, kAll)) == "is cut off");
}
