#include <fmt/format.h>

#include "base/escaped.hpp"
#include "base/file.hpp"
#include "scene/import_gltf.hpp"
#include "scene/import_image.hpp"
#include "scene/import_log.hpp"
#include "scene/import_obj.hpp"
#include "scene/scene.hpp"
#include "scene/scene_files.hpp"

namespace oct {
namespace {

/// What memory holds bounds it.
constexpr std::uint64_t kAnySize = ~std::uint64_t{0};

Unexpected about(const std::string& path, Error error) {
  error.message = fmt::format("{}: {}", escaped(file_name(path)), error.message);
  return fail(std::move(error));
}

Result<RawBytes> read_input(const std::string& path, std::uint64_t most) {
  Result<RawBytes> bytes = read_users_file(path, most);
  if (!bytes) return about(path, std::move(bytes.error()));
  return bytes;
}

}  // namespace

bool is_scene_name(const std::string& path) {
  const std::string extension = file_extension(path);
  return extension == ".gltf" || extension == ".glb" || extension == ".obj";
}

Result<ImportedScene> import_scene(const std::string& path, const ImportOptions& options) {
  if (!is_scene_name(path)) {
    return fail(
        ErrorKind::invalid_input,
        fmt::format("{}: files of this kind are not supported; .gltf, .glb and .obj are", file_name(path)));
  }
  OCT_TRY_ASSIGN(const RawBytes bytes, read_input(path, kAnySize));
  return file_extension(path) == ".obj" ? import_obj(bytes, file_name(path), folder_of(path), options)
                                        : import_gltf(bytes, file_name(path), folder_of(path), options);
}

Result<SceneImage> read_environment(const std::string& path) {
  OCT_TRY_ASSIGN(const RawBytes bytes, read_input(path, kMostPictureBytes));
  Result<SceneImage> image = decode_float_image(bytes);
  if (!image) return about(path, std::move(image.error()));
  image->name = file_name(path);
  return image;
}

void set_environment(SceneImage image, Scene& scene) {
  if (!scene.environment) scene.environment.emplace();
  scene.environment->image = scene.images.size();
  scene.images.push_back(std::move(image));
}

Result<void> import_environment(const std::string& path, Scene& scene) {
  OCT_TRY_ASSIGN(SceneImage image, read_environment(path));
  set_environment(std::move(image), scene);
  return {};
}

}  // namespace oct
