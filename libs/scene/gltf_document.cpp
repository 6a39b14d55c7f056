#include "scene/gltf_document.hpp"

#include "scene/invalid.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace oct {
namespace {

/// Deepest nesting of brackets outside strings.
std::size_t nesting_of(std::string_view text) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

/// Where nlohmann/json stopped, as people count.
std::string position_text(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte > 0 ? byte - 1 : 0, text.size()));
  const auto line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  const std::size_t last_break = before.rfind('\n');
  const std::size_t column = before.size() - (last_break == std::string_view::npos ? 0 : last_break + 1) + 1;
  return fmt::format("line {}, column {}", line, column);
}

/// What downloads leave under a name of glTF. Null for anything else.
const char* other_kind_of_file(std::string_view text) {
  if (text.starts_with("PK\x03\x04")) return "a ZIP archive: unpack it";
  if (text.starts_with("version https://git-lfs")) return "a pointer of Git LFS: git lfs pull gets the file";
  if (text.starts_with("<")) return "a web page, or another kind of XML: download the file itself";
  return nullptr;
}

constexpr std::array kSupported{
    std::string_view{"EXT_mesh_gpu_instancing"},
    std::string_view{"EXT_meshopt_compression"},
    std::string_view{"EXT_texture_webp"},
    std::string_view{"KHR_animation_pointer"},
    std::string_view{"KHR_draco_mesh_compression"},
    std::string_view{"KHR_lights_punctual"},
    std::string_view{"KHR_materials_anisotropy"},
    std::string_view{"KHR_materials_clearcoat"},
    std::string_view{"KHR_materials_diffuse_transmission"},
    std::string_view{"KHR_materials_dispersion"},
    std::string_view{"KHR_materials_emissive_strength"},
    std::string_view{"KHR_materials_ior"},
    std::string_view{"KHR_materials_iridescence"},
    std::string_view{"KHR_materials_pbrSpecularGlossiness"},
    std::string_view{"KHR_materials_sheen"},
    std::string_view{"KHR_materials_specular"},
    std::string_view{"KHR_materials_transmission"},
    std::string_view{"KHR_materials_unlit"},
    std::string_view{"KHR_materials_variants"},
    std::string_view{"KHR_materials_volume"},
    std::string_view{"KHR_mesh_quantization"},
    std::string_view{"KHR_node_visibility"},
    std::string_view{"KHR_texture_transform"},
};

/// Formats of pictures that no library here reads. A file that requires one still has its shapes.
constexpr std::array kPicturesAlone{
    std::string_view{"EXT_texture_avif"},
    std::string_view{"KHR_texture_basisu"},
    std::string_view{"MSFT_texture_dds"},
};

bool costs_pictures_alone(std::string_view extension) {
  return std::find(kPicturesAlone.begin(), kPicturesAlone.end(), extension) != kPicturesAlone.end();
}

bool is_supported(std::string_view extension) {
  return std::find(kSupported.begin(), kSupported.end(), extension) != kSupported.end();
}

/// The texts of an array of texts; check_gltf_properties complains about anything else.
std::vector<std::string> texts(const Json& document, const char* name) {
  std::vector<std::string> found;
  const auto member = document.find(name);
  if (member == document.end() || !member->is_array()) return found;
  for (const Json& item : *member) {
    if (!item.is_string()) continue;
    const std::string& text = item.get_ref<const std::string&>();
    if (std::find(found.begin(), found.end(), text) == found.end()) found.push_back(text);
  }
  return found;
}

}  // namespace

Result<Json> parse_gltf_json(ByteView bytes) {
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  while (!text.empty() && text.back() == '\0') text.remove_suffix(1);  // some writers pad chunks with zeros
  constexpr std::size_t kDeepest = 100;
  if (nesting_of(text) > kDeepest)
    return invalid(fmt::format("its JSON is nested more than {} deep", kDeepest));
  Json document;
  try {
    document = Json::parse(text.begin(), text.end());
  } catch (const Json::parse_error& error) {
    if (const char* other = other_kind_of_file(text))
      return invalid(fmt::format("is not glTF but {}", other));
    return invalid(fmt::format("is not valid JSON ({})", position_text(text, error.byte)));
  } catch (const Json::out_of_range&) {
    return invalid("its JSON holds a number that is too large");
  }
  if (!document.is_object()) return invalid("is not glTF: its JSON is not an object");
  const auto asset = document.find("asset");
  const bool has_version = asset != document.end() && asset->is_object() && asset->contains("version") &&
                           (*asset)["version"].is_string();
  if (!has_version) return invalid("is not glTF: it has no asset version");
  const std::string version = (*asset)["version"].get<std::string>();
  if (!version.starts_with("2.")) {
    const std::string shown = got_numbers(version).empty() ? "another version" : "version " + version;
    return invalid(fmt::format("is glTF of {}, not 2", shown));
  }
  return document;
}

void check_gltf_extensions(const Json& document, ImportLog& log) {
  const std::vector<std::string> required = texts(document, "extensionsRequired");
  for (const std::string& name : required) {
    if (!is_supported(name) && !costs_pictures_alone(name))
      log.fault("", fmt::format("needs extension {}, which is not supported", printable(name)));
  }
  for (const std::string& name : texts(document, "extensionsUsed")) {
    const bool is_fault = std::find(required.begin(), required.end(), name) != required.end();
    if (costs_pictures_alone(name)) {
      log.warn("", fmt::format("pictures of {} cannot be read; convert them to PNG, JPEG or WebP", name));
    } else if (!is_supported(name) && !is_fault) {
      log.warn("", fmt::format("{} is ignored", printable(name)));
    }
  }
}

}  // namespace oct
