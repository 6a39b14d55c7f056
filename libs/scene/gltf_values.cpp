#include "scene/gltf_values.hpp"

namespace oct {

const tinygltf::Value* find_extension(const tinygltf::ExtensionMap& extensions, const char* name) {
  const auto found = extensions.find(name);
  return found != extensions.end() && found->second.IsObject() ? &found->second : nullptr;
}

double number_of(const tinygltf::Value& object, const char* name, double otherwise) {
  if (!object.Has(name)) return otherwise;
  const tinygltf::Value& value = object.Get(name);
  return value.IsNumber() ? value.GetNumberAsDouble() : otherwise;
}

std::vector<double> numbers_of(const tinygltf::Value& object, const char* name,
                               std::vector<double> otherwise) {
  if (!object.Has(name)) return otherwise;
  const tinygltf::Value& array = object.Get(name);
  if (!array.IsArray() || array.ArrayLen() != otherwise.size()) return otherwise;
  for (std::size_t i = 0; i < otherwise.size(); ++i) {
    const tinygltf::Value& value = array.Get(i);
    if (value.IsNumber()) otherwise[i] = value.GetNumberAsDouble();
  }
  return otherwise;
}

}  // namespace oct
