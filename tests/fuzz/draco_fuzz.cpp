#include "codec/draco.hpp"
#include "fuzz/fuzz_target.hpp"

/// A Draco stream has corners that name its vertices, and attributes of all of them, or is an error.
OCT_FUZZ_TARGET(draco) {
  using oct::NumberKind;
  const oct::DracoAttribute wanted[] = {
      {0, NumberKind::real, 3}, {1, NumberKind::int16, 2}, {2, NumberKind::uint8, 4}};
  for (std::size_t count = 0; count <= 3; count += 3) {
    const auto mesh = oct::decode_draco(input, std::span(wanted, count));
    if (!mesh) continue;
    OCT_CHECK(mesh->corners.size() % 3 == 0 && mesh->attributes.size() == count);
    for (const std::uint32_t corner : mesh->corners) OCT_CHECK(corner < mesh->vertex_count);
    if (count == 0) continue;
    OCT_CHECK(mesh->attributes[0].size() == mesh->vertex_count * 12);
    OCT_CHECK(mesh->attributes[1].size() == mesh->vertex_count * 4);
    OCT_CHECK(mesh->attributes[2].size() == mesh->vertex_count * 4);
  }
}
