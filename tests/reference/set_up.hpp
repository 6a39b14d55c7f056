#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "reference/comparison.hpp"
#include "scene/scene.hpp"

// The set-ups of the reference pictures: NAME.json (scene, camera, environment, sun, resolution, bounces) and
// NAME.exr, the linear picture. They are no part of the project; they are looked for in the folder
// `references` of OCT_SHARED_DIR, or of ../shared.

namespace oct::test {

/// Whether the set-up is there; says so when it is not.
bool reference_exists(const std::string& name);

/// What a test changes in the imported scene, its lights included, and in its camera, to show that the
/// comparison notices.
using ChangeSetUp = std::function<void(Scene& scene, SceneCamera& camera)>;

/// Renders a set-up on the CPU with `samples` samples per pixel (OCT_REFERENCE_SAMPLES overrides them, for a
/// quick look), and loads its picture. OCT_KEEP_PICTURES names a folder that gets ours as PNG and EXR, unless
/// the set-up is changed. Fails the test when anything cannot be read.
Pictures render_reference(const std::string& name, std::uint32_t samples, const ChangeSetUp& change = {});

}  // namespace oct::test
