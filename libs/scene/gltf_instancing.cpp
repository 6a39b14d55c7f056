#include "scene/gltf_instancing.hpp"

#include <fmt/format.h>

#include "scene/matrix4.hpp"
#include "scene/placement.hpp"

namespace oct {
namespace {

constexpr const char* kInstancing = "EXT_mesh_gpu_instancing";

/// One of the three attributes; nothing if the file leaves it out.
using Attribute = std::optional<GltfAccessor>;

class InstanceReader {
 public:
  InstanceReader(const Json& attributes, const Json& document, const GltfBuffers& buffers,
                 const std::string& element, ImportLog& log)
      : attributes_(attributes), document_(document), buffers_(buffers), element_(element), log_(log) {}

  /// An error holds the reason alone.
  Result<std::vector<Transform>> read(std::size_t most) {
    OCT_TRY_ASSIGN(const Attribute translation, open("TRANSLATION", 3));
    OCT_TRY_ASSIGN(const Attribute rotation, open("ROTATION", 4));
    OCT_TRY_ASSIGN(const Attribute scale, open("SCALE", 3));
    if (!count_) return fail(ErrorKind::invalid_input, "it has no TRANSLATION, ROTATION or SCALE");
    if (*count_ > most) return fail(ErrorKind::invalid_input, fmt::format("it asks for {} copies", *count_));
    std::vector<Transform> places;
    places.reserve(*count_);
    for (std::size_t i = 0; i < *count_; ++i) {
      std::array<double, 4> turn = values_at<4>(rotation, i, {0, 0, 0, 1});
      if (!make_unit(turn)) turn = {0, 0, 0, 1};
      const Matrix4 matrix =
          matrix_of_trs(values_at<3>(translation, i, {0, 0, 0}), turn, values_at<3>(scale, i, {1, 1, 1}));
      if (const std::optional<Transform> place = placement_of(rows_of(matrix))) {
        places.push_back(*place);
      } else {
        log_.mend(element_, fmt::format("{}: a copy whose place is not a number is left out", kInstancing));
      }
    }
    return places;
  }

 private:
  Result<Attribute> open(const char* name, std::size_t components) {
    const int index = index_in(attributes_, name);
    if (index < 0) return Attribute();
    Result<GltfAccessor> accessor = GltfAccessor::open(document_, buffers_, index);
    const auto bad = [&](const std::string& reason) {
      return fail(ErrorKind::invalid_input, fmt::format("{}: accessor {} {}", name, index, reason));
    };
    if (!accessor) return bad(accessor.error().message);
    if (accessor->component_count() != components)
      return bad(fmt::format("must have {} components", components));
    if (count_ && *count_ != accessor->count())
      return bad(fmt::format("has {} elements, another attribute has {}", accessor->count(), *count_));
    count_ = accessor->count();
    return Attribute(*std::move(accessor));
  }

  template <std::size_t N>
  static std::array<double, N> values_at(const Attribute& attribute, std::size_t i,
                                         const std::array<double, N>& otherwise) {
    if (!attribute) return otherwise;
    std::array<double, N> values{};
    for (std::size_t c = 0; c < N; ++c) values[c] = static_cast<double>(attribute->value(i, c));
    return values;
  }

  const Json& attributes_;
  const Json& document_;
  const GltfBuffers& buffers_;
  const std::string& element_;
  ImportLog& log_;
  std::optional<std::size_t> count_;
};

}  // namespace

std::optional<std::vector<Transform>> read_gpu_instances(const Json& node, std::size_t most,
                                                         const Json& document, const GltfBuffers& buffers,
                                                         const std::string& element, ImportLog& log) {
  const Json* extension = find_extension(node, kInstancing);
  if (extension == nullptr) return std::nullopt;
  Result<std::vector<Transform>> places =
      InstanceReader((*extension)["attributes"], document, buffers, element, log).read(most);
  if (places) return *std::move(places);
  log.warn(element,
           fmt::format("its copies are not shown, only one: {}: {}", kInstancing, places.error().message));
  return std::nullopt;
}

}  // namespace oct
