#pragma once
#include <vector>

#include "scene/gltf_model.hpp"

// What extensions hold, as tinygltf has it. The document has been checked (check_gltf_properties), so that members
// have their types.

namespace oct {

/// nullptr when the element has no such extension.
const tinygltf::Value* find_extension(const tinygltf::ExtensionMap& extensions, const char* name);

double number_of(const tinygltf::Value& object, const char* name, double otherwise);

/// As many numbers as `otherwise` has.
std::vector<double> numbers_of(const tinygltf::Value& object, const char* name,
                               std::vector<double> otherwise);

}  // namespace oct
