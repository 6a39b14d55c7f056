#include "scene/gltf_skin.hpp"

#include <fmt/format.h>

#include <cmath>

namespace oct {
namespace {

/// An error holds the reason alone.
Result<std::vector<Matrix4>> read_matrices(const Json& document, const GltfBuffers& buffers, int accessor,
                                           std::size_t count) {
  OCT_TRY_ASSIGN(const GltfAccessor matrices, GltfAccessor::open(document, buffers, accessor));
  if (matrices.component_count() != 16 || !matrices.is_float())
    return fail(ErrorKind::invalid_input, "does not hold matrices of floats");
  if (matrices.count() < count) {
    return fail(ErrorKind::invalid_input,
                fmt::format("has {} matrices for {} joints", matrices.count(), count));
  }
  std::vector<Matrix4> result(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t c = 0; c < 16; ++c) {
      if (c % 4 == 3) continue;  // the last row is 0 0 0 1
      result[i].m[c] = static_cast<double>(matrices.value(i, c));
      if (!std::isfinite(result[i].m[c]))
        return fail(ErrorKind::invalid_input, "holds a value that is not a number");
    }
  }
  return result;
}

}  // namespace

void read_skins(const Json& document, const GltfBuffers& buffers, const GltfNodeTree& tree, Scene& scene,
                ImportLog& log) {
  for (const Json& source : array_in(document, "skins")) {
    SceneSkin& skin = scene.skins.emplace_back();
    skin.name = text_in(source, "name");
    for (const Json& joint : source["joints"])
      skin.joints.push_back(tree.place_of[static_cast<std::size_t>(joint.get<double>())]);
    skin.inverse_binds.resize(skin.joints.size());
    const int index = index_in(source, "inverseBindMatrices");
    if (index < 0) continue;
    Result<std::vector<Matrix4>> matrices = read_matrices(document, buffers, index, skin.joints.size());
    if (matrices) {
      skin.inverse_binds = *std::move(matrices);
      continue;
    }
    log.warn(element_name("skin", scene.skins.size() - 1, skin.name),
             fmt::format("is ignored: inverseBindMatrices: accessor {} {}", index, matrices.error().message));
    skin.joints.clear();
    skin.inverse_binds.clear();
  }
}

}  // namespace oct
