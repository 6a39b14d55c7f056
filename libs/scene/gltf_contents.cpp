#include "scene/gltf_contents.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace oct {
namespace {

const Json& list_in(const Json& object, const char* name) {
  static const Json kEmpty = Json::array();
  if (!object.is_object()) return kEmpty;
  const auto member = object.find(name);
  return member != object.end() && member->is_array() ? *member : kEmpty;
}

std::string shown_text_in(const Json& object, const char* name) {
  if (!object.is_object()) return {};
  const auto member = object.find(name);
  return member != object.end() && member->is_string() ? printable(member->get<std::string>())
                                                       : std::string();
}

std::vector<std::string> texts_in(const Json& object, const char* name) {
  std::vector<std::string> texts;
  for (const Json& item : list_in(object, name)) {
    if (item.is_string()) texts.push_back(printable(item.get<std::string>()));
  }
  return texts;
}

/// Of animations, which nothing has checked.
std::optional<std::size_t> index_of(const Json& object, const char* name, std::size_t count) {
  if (!object.is_object()) return std::nullopt;
  const auto member = object.find(name);
  if (member == object.end() || !member->is_number_unsigned()) return std::nullopt;
  const auto index = member->get<std::uint64_t>();
  return index < count ? std::optional(static_cast<std::size_t>(index)) : std::nullopt;
}

/// Null where it does not have that extension.
const Json& extension_in(const Json& element, const char* name) {
  static const Json kNull;
  const auto extensions = element.find("extensions");
  if (extensions == element.end() || !extensions->is_object()) return kNull;
  const auto extension = extensions->find(name);
  return extension != extensions->end() ? *extension : kNull;
}

/// The last key of its samplers: accessors of times say their largest.
double seconds_of(const Json& animation, const Json& accessors) {
  double seconds = 0;
  for (const Json& sampler : list_in(animation, "samplers")) {
    const auto input = index_of(sampler, "input", accessors.size());
    if (!input) continue;
    const Json& largest = list_in(accessors[*input], "max");
    if (!largest.empty() && largest[0].is_number()) seconds = std::max(seconds, largest[0].get<double>());
  }
  return seconds;
}

std::vector<std::string> extensions_of(const Json& element) {
  std::vector<std::string> names;
  const auto extensions = element.is_object() ? element.find("extensions") : element.end();
  if (!element.is_object() || extensions == element.end() || !extensions->is_object()) return names;
  for (const auto& [name, value] : extensions->items()) names.push_back(printable(name));
  return names;
}

}  // namespace

FileContents gltf_contents(const Json& document) {
  FileContents contents;
  const auto asset = document.find("asset");
  if (asset != document.end()) contents.generator = shown_text_in(*asset, "generator");
  contents.extensions = texts_in(document, "extensionsUsed");
  const Json& accessors = list_in(document, "accessors");
  for (const Json& animation : list_in(document, "animations")) {
    contents.animations.push_back({shown_text_in(animation, "name"), list_in(animation, "channels").size(),
                                   seconds_of(animation, accessors)});
  }
  for (const Json& material : list_in(document, "materials")) {
    std::string name = shown_text_in(material, "name");
    if (name.empty()) name = fmt::format("material {}", contents.materials.size());  // as in the scene
    contents.materials.push_back({std::move(name), extensions_of(material)});
  }
  for (const Json& variant : list_in(extension_in(document, "KHR_materials_variants"), "variants"))
    contents.variants.push_back(shown_text_in(variant, "name"));
  contents.skins = list_in(document, "skins").size();
  return contents;
}

}  // namespace oct
