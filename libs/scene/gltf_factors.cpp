#include "scene/gltf_factors.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace oct {

float GltfFactors::share(double value, const char* name) const {
  if (value > 1) log_.mend(element_, fmt::format("{} must be at most 1, got {}; it becomes 1", name, value));
  return std::min(at_least(0, value, name), 1.0f);
}

float GltfFactors::at_least(double least, double value, const char* name) const {
  if (value < least) {
    log_.mend(element_,
              fmt::format("{} must be at least {}, got {}; it becomes {}", name, least, value, least));
  }
  return static_cast<float>(std::max(value, least));
}

Vec3 GltfFactors::shares(const std::vector<double>& values, const char* name) const {
  const float red = share(values[0], name);
  const float green = share(values[1], name);
  const float blue = share(values[2], name);
  return {red, green, blue};
}

Vec3 GltfFactors::not_negative(const std::vector<double>& values, const char* name) const {
  const float red = at_least(0, values[0], name);
  const float green = at_least(0, values[1], name);
  const float blue = at_least(0, values[2], name);
  return {red, green, blue};
}

double GltfExtension::number(const char* name, double otherwise) const {
  return number_or(value_, name, otherwise);
}

float GltfExtension::share(const char* name, double otherwise) const {
  return factors_.share(number(name, otherwise), name);
}

float GltfExtension::at_least(double least, const char* name, double otherwise) const {
  return factors_.at_least(least, number(name, otherwise), name);
}

Vec3 GltfExtension::shares(const char* name, double otherwise) const {
  return factors_.shares(numbers(name, {otherwise, otherwise, otherwise}), name);
}

Vec3 GltfExtension::not_negative(const char* name, double otherwise) const {
  return factors_.not_negative(numbers(name, {otherwise, otherwise, otherwise}), name);
}

std::vector<double> GltfExtension::numbers(const char* name, std::vector<double> otherwise) const {
  return has(name) ? numbers_in(value_, name) : std::move(otherwise);
}

std::optional<SceneTexture> GltfExtension::texture(const char* name) const {
  return textures_.read(value_, factors_.element(), name);
}

float GltfExtension::texture_scale(const char* name) const {
  return has(name) ? static_cast<float>(number_or(value_[name], "scale", 1)) : 1.0f;
}

}  // namespace oct
