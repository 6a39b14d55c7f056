#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "scene/scene.hpp"

namespace oct {

/// Meshes of a scene as they are at one moment: those that keep their shape are the scene's own.
class PosedMeshes {
 public:
  const SceneMesh& operator[](std::size_t index) const { return *meshes_[index]; }
  std::size_t size() const { return meshes_.size(); }

  /// Returns the place. A shared mesh must outlive this.
  std::size_t share(const SceneMesh& mesh);
  std::size_t add(SceneMesh mesh);

 private:
  std::vector<const SceneMesh*> meshes_;
  std::vector<std::shared_ptr<const SceneMesh>> own_;
};

/// A scene at one moment: everything stands in the world, and no node, skin, morph target or animation is left.
/// It looks into the scene that it was made from.
struct PosedScene {
  std::string name;
  std::span<const SceneImage> images;
  std::vector<SceneMaterial> materials;  ///< emission strength multiplied in
  PosedMeshes meshes;                    ///< the scene's, then the bent ones
  std::vector<SceneInstance> instances;  ///< those that are shown
  std::vector<SceneLight> lights;        ///< those that shine; strength multiplied in
  std::vector<SceneCamera> cameras;      ///< all, in the scene's order
  std::optional<SceneEnvironment> environment;
  std::vector<std::string> warnings;  ///< what could not be shown
};

/// The one way to see a scene: a pure function, with the same bits on every computer.
PosedScene pose(const Scene& scene, const PoseOptions& moment = {});
PosedScene pose(Scene&& gone, const PoseOptions& moment = {}) = delete;

/// complete_scene() of one that is posed already: `posed`, made from `scene`, gets the same, and is what pose() would make
/// of it now.
SceneAdditions complete_scene(Scene& scene, PosedScene& posed, NeutralLight light = NeutralLight::automatic);

}  // namespace oct
