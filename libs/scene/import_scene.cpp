#include <fmt/format.h>

#include "base/escaped.hpp"
#include "base/file.hpp"
#include "scene/import_gltf.hpp"
#include "scene/import_image.hpp"
#include "scene/import_log.hpp"
#include "scene/import_obj.hpp"
#include "scene/scene.hpp"
#include "scene/uri.hpp"

namespace oct {
namespace {

Result<Bytes> read_input(const std::string& path) {
  Result<Bytes> bytes = read_named_file("", path);
  if (bytes) return bytes;
  return fail(ErrorKind::invalid_input,
              fmt::format("{}: {}", escaped(file_name(path)), bytes.error().message));
}

}  // namespace

Result<ImportedScene> import_scene(const std::string& path) {
  const std::string extension = file_extension(path);
  const bool is_gltf = extension == ".gltf" || extension == ".glb";
  if (!is_gltf && extension != ".obj") {
    return fail(
        ErrorKind::invalid_input,
        fmt::format("{}: files of this kind are not supported; .gltf, .glb and .obj are", file_name(path)));
  }
  OCT_TRY_ASSIGN(const Bytes bytes, read_input(path));
  return is_gltf ? import_gltf(bytes, file_name(path), folder_of(path))
                 : import_obj(bytes, file_name(path), folder_of(path));
}

Result<void> import_environment(const std::string& path, Scene& scene) {
  OCT_TRY_ASSIGN(const Bytes bytes, read_input(path));
  Result<SceneImage> image = decode_float_image(bytes);
  if (!image)
    return fail(ErrorKind::invalid_input, fmt::format("{}: {}", file_name(path), image.error().message));
  image->name = file_name(path);
  if (!scene.environment) scene.environment.emplace();
  scene.environment->image = scene.images.size();
  scene.images.push_back(*std::move(image));
  return {};
}

}  // namespace oct
