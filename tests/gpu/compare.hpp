#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "device/device.hpp"
#include "device/tree_store.hpp"
#include "film/film.hpp"
#include "gpu/scenes.hpp"

namespace oct::test {

/// A device under comparison.
struct Contestant {
  std::string name;
  std::shared_ptr<TreeStore> trees;  ///< its own, so that each device builds
  std::unique_ptr<Device> device;
};

/// Renders every scene on every device, compares films and hits with those of the first, and prints a line
/// for each. The films of the first scene must be the pinned one. Returns how many comparisons failed.
int compare_scenes(std::vector<Contestant>& contestants, const std::vector<GpuScene>& scenes);

/// Compares the functions of kernels/math on the first GPU with those of the CPU. 1 when they differ.
int compare_math();

}  // namespace oct::test
