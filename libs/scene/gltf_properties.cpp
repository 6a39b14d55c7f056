#include <fmt/format.h>

#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "scene/gltf_document.hpp"

// What we read of glTF, as tables: name, type, whether it must be there, what an index points to. Properties
// that are not listed are not read.

namespace oct {
namespace {

enum class Type {
  number,
  distance,  ///< a number that writers make as large as they can where they mean infinity
  whole,     ///< a whole number, not negative
  boolean,
  text,
  index,          ///< whole number below the length of the array at the document's top that `refers_to` names
  indices,        ///< array of such
  named_indices,  ///< object whose values are such
  named_indices_list,  ///< array of such objects
  named_wholes,        ///< object whose values are whole numbers
  numbers,             ///< array of exactly `count` numbers, any number of them for 0
  object,              ///< with `members`
  objects,             ///< array of such
  texts,
};

struct Rule {
  std::string_view name;
  Type type;
  bool required = false;
  std::string_view refers_to = {};
  unsigned count = 0;
  std::uint64_t least = 0, most = 0x7fffffff;  ///< of a whole number
  std::span<const Rule> members = {};
};

constexpr Rule required(Rule rule) {
  rule.required = true;
  return rule;
}
constexpr Rule plain(std::string_view name, Type type) {
  return {.name = name, .type = type};
}
constexpr Rule whole(std::string_view name, std::uint64_t least = 0) {
  return {.name = name, .type = Type::whole, .least = least};
}
/// A whole number that counts bytes or elements.
constexpr Rule size(std::string_view name, std::uint64_t least = 0) {
  return {.name = name, .type = Type::whole, .least = least, .most = std::uint64_t{1} << 53};
}
constexpr Rule index_into(std::string_view name, std::string_view array) {
  return {.name = name, .type = Type::index, .refers_to = array};
}
constexpr Rule indices_into(std::string_view name, std::string_view array) {
  return {.name = name, .type = Type::indices, .refers_to = array};
}
constexpr Rule numbers(std::string_view name, unsigned count) {
  return {.name = name, .type = Type::numbers, .count = count};
}
constexpr Rule object(std::string_view name, std::span<const Rule> members) {
  return {.name = name, .type = Type::object, .members = members};
}
constexpr Rule objects(std::string_view name, std::span<const Rule> members) {
  return {.name = name, .type = Type::objects, .members = members};
}

constexpr Rule kMeshopt[] = {required(index_into("buffer", "buffers")),
                             size("byteOffset"),
                             required(size("byteLength", 1)),
                             required(whole("byteStride", 1)),
                             required(size("count", 1)),
                             required(plain("mode", Type::text)),
                             plain("filter", Type::text)};
constexpr Rule kMeshoptFallback[] = {plain("fallback", Type::boolean)};
constexpr Rule kBufferExtensions[] = {object("EXT_meshopt_compression", kMeshoptFallback)};
constexpr Rule kBufferViewExtensions[] = {object("EXT_meshopt_compression", kMeshopt)};
constexpr Rule kBuffer[] = {object("extensions", kBufferExtensions), plain("name", Type::text),
                            plain("uri", Type::text), required(size("byteLength"))};

constexpr Rule kBufferView[] = {required(index_into("buffer", "buffers")), size("byteOffset"),
                                required(size("byteLength", 1)), whole("byteStride", 4),
                                object("extensions", kBufferViewExtensions)};

constexpr Rule kSparseIndices[] = {required(index_into("bufferView", "bufferViews")), whole("byteOffset"),
                                   required(whole("componentType"))};
constexpr Rule kSparseValues[] = {required(index_into("bufferView", "bufferViews")), whole("byteOffset")};
constexpr Rule kSparse[] = {required(whole("count", 1)), required(object("indices", kSparseIndices)),
                            required(object("values", kSparseValues))};
constexpr Rule kAccessor[] = {index_into("bufferView", "bufferViews"),
                              size("byteOffset"),
                              required(whole("componentType")),
                              plain("normalized", Type::boolean),
                              required(size("count", 1)),
                              required(plain("type", Type::text)),
                              object("sparse", kSparse)};

constexpr Rule kImage[] = {plain("name", Type::text), plain("uri", Type::text), plain("mimeType", Type::text),
                           index_into("bufferView", "bufferViews")};
constexpr Rule kTextureSource[] = {index_into("source", "images")};
constexpr Rule kTextureExtensions[] = {object("EXT_texture_webp", kTextureSource)};
constexpr Rule kTexture[] = {index_into("source", "images"), index_into("sampler", "samplers"),
                             object("extensions", kTextureExtensions)};
constexpr Rule kSampler[] = {whole("magFilter"), whole("minFilter"), whole("wrapS"), whole("wrapT")};

constexpr Rule kTextureTransform[] = {numbers("offset", 2), plain("rotation", Type::number),
                                      numbers("scale", 2), whole("texCoord")};
constexpr Rule kTextureInfoExtensions[] = {object("KHR_texture_transform", kTextureTransform)};
constexpr Rule kTextureInfo[] = {required(index_into("index", "textures")), whole("texCoord"),
                                 plain("scale", Type::number), object("extensions", kTextureInfoExtensions)};

constexpr Rule kMetallicRoughness[] = {numbers("baseColorFactor", 4), plain("metallicFactor", Type::number),
                                       plain("roughnessFactor", Type::number),
                                       object("baseColorTexture", kTextureInfo),
                                       object("metallicRoughnessTexture", kTextureInfo)};
constexpr Rule kEmissiveStrength[] = {plain("emissiveStrength", Type::number)};
constexpr Rule kTransmission[] = {plain("transmissionFactor", Type::number),
                                  object("transmissionTexture", kTextureInfo)};
constexpr Rule kIor[] = {plain("ior", Type::number)};
constexpr Rule kSpecular[] = {plain("specularFactor", Type::number), object("specularTexture", kTextureInfo),
                              numbers("specularColorFactor", 3),
                              object("specularColorTexture", kTextureInfo)};
constexpr Rule kVolume[] = {plain("thicknessFactor", Type::number),
                            plain("attenuationDistance", Type::distance), numbers("attenuationColor", 3)};
constexpr Rule kDispersion[] = {plain("dispersion", Type::number)};
constexpr Rule kClearcoat[] = {
    plain("clearcoatFactor", Type::number), object("clearcoatTexture", kTextureInfo),
    plain("clearcoatRoughnessFactor", Type::number), object("clearcoatRoughnessTexture", kTextureInfo),
    object("clearcoatNormalTexture", kTextureInfo)};
constexpr Rule kSheen[] = {numbers("sheenColorFactor", 3), object("sheenColorTexture", kTextureInfo),
                           plain("sheenRoughnessFactor", Type::number),
                           object("sheenRoughnessTexture", kTextureInfo)};
constexpr Rule kAnisotropy[] = {plain("anisotropyStrength", Type::number),
                                plain("anisotropyRotation", Type::number),
                                object("anisotropyTexture", kTextureInfo)};
constexpr Rule kIridescence[] = {plain("iridescenceFactor", Type::number),
                                 object("iridescenceTexture", kTextureInfo),
                                 plain("iridescenceIor", Type::number),
                                 plain("iridescenceThicknessMinimum", Type::number),
                                 plain("iridescenceThicknessMaximum", Type::number),
                                 object("iridescenceThicknessTexture", kTextureInfo)};
constexpr Rule kDiffuseTransmission[] = {
    plain("diffuseTransmissionFactor", Type::number), object("diffuseTransmissionTexture", kTextureInfo),
    numbers("diffuseTransmissionColorFactor", 3), object("diffuseTransmissionColorTexture", kTextureInfo)};
constexpr Rule kSpecularGlossiness[] = {numbers("diffuseFactor", 4), object("diffuseTexture", kTextureInfo),
                                        numbers("specularFactor", 3), plain("glossinessFactor", Type::number),
                                        object("specularGlossinessTexture", kTextureInfo)};
constexpr Rule kMaterialExtensions[] = {object("KHR_materials_emissive_strength", kEmissiveStrength),
                                        object("KHR_materials_transmission", kTransmission),
                                        object("KHR_materials_ior", kIor),
                                        object("KHR_materials_specular", kSpecular),
                                        object("KHR_materials_volume", kVolume),
                                        object("KHR_materials_dispersion", kDispersion),
                                        object("KHR_materials_clearcoat", kClearcoat),
                                        object("KHR_materials_sheen", kSheen),
                                        object("KHR_materials_anisotropy", kAnisotropy),
                                        object("KHR_materials_iridescence", kIridescence),
                                        object("KHR_materials_diffuse_transmission", kDiffuseTransmission),
                                        object("KHR_materials_pbrSpecularGlossiness", kSpecularGlossiness),
                                        object("KHR_materials_unlit", {})};
constexpr Rule kMaterial[] = {plain("name", Type::text),
                              object("pbrMetallicRoughness", kMetallicRoughness),
                              object("normalTexture", kTextureInfo),
                              object("emissiveTexture", kTextureInfo),
                              numbers("emissiveFactor", 3),
                              plain("alphaMode", Type::text),
                              plain("alphaCutoff", Type::number),
                              plain("doubleSided", Type::boolean),
                              object("extensions", kMaterialExtensions)};

constexpr Rule kDraco[] = {required(index_into("bufferView", "bufferViews")),
                           required(plain("attributes", Type::named_wholes))};
constexpr Rule kPrimitiveExtensions[] = {object("KHR_draco_mesh_compression", kDraco)};
constexpr Rule kPrimitive[] = {
    object("extensions", kPrimitiveExtensions),
    required({.name = "attributes", .type = Type::named_indices, .refers_to = "accessors"}),
    index_into("indices", "accessors"),
    index_into("material", "materials"),
    whole("mode"),
    {.name = "targets", .type = Type::named_indices_list, .refers_to = "accessors"}};
constexpr Rule kMesh[] = {plain("name", Type::text), required(objects("primitives", kPrimitive)),
                          numbers("weights", 0)};

constexpr Rule kNodeLight[] = {required(whole("light"))};
constexpr Rule kNodeVisibility[] = {plain("visible", Type::boolean)};
constexpr Rule kGpuInstancing[] = {
    required({.name = "attributes", .type = Type::named_indices, .refers_to = "accessors"})};
constexpr Rule kNodeExtensions[] = {object("KHR_lights_punctual", kNodeLight),
                                    object("KHR_node_visibility", kNodeVisibility),
                                    object("EXT_mesh_gpu_instancing", kGpuInstancing)};
constexpr Rule kNode[] = {plain("name", Type::text),
                          index_into("mesh", "meshes"),
                          index_into("camera", "cameras"),
                          index_into("skin", "skins"),
                          indices_into("children", "nodes"),
                          numbers("matrix", 16),
                          numbers("translation", 3),
                          numbers("rotation", 4),
                          numbers("scale", 3),
                          numbers("weights", 0),
                          object("extensions", kNodeExtensions)};
constexpr Rule kSkin[] = {plain("name", Type::text), index_into("inverseBindMatrices", "accessors"),
                          required(indices_into("joints", "nodes"))};
constexpr Rule kScene[] = {plain("name", Type::text), indices_into("nodes", "nodes")};

// near and far planes, which the format demands, cut nothing off here
constexpr Rule kPerspective[] = {required(plain("yfov", Type::number)), plain("aspectRatio", Type::number)};
constexpr Rule kOrthographic[] = {required(plain("xmag", Type::number)),
                                  required(plain("ymag", Type::number))};
constexpr Rule kCamera[] = {plain("name", Type::text), required(plain("type", Type::text)),
                            object("perspective", kPerspective), object("orthographic", kOrthographic)};

constexpr Rule kSpot[] = {plain("innerConeAngle", Type::number), plain("outerConeAngle", Type::number)};
constexpr Rule kLight[] = {
    plain("name", Type::text),        required(plain("type", Type::text)), numbers("color", 3),
    plain("intensity", Type::number), plain("range", Type::distance),      object("spot", kSpot)};

/// The arrays at the document's top: their name, what one of their elements is called, its rules.
struct ArrayRule {
  std::string_view name, element;
  std::span<const Rule> members;
};
constexpr ArrayRule kArrays[] = {
    {"buffers", "buffer", kBuffer},
    {"bufferViews", "buffer view", kBufferView},
    {"accessors", "accessor", kAccessor},
    {"images", "image", kImage},
    {"textures", "texture", kTexture},
    {"samplers", "sampler", kSampler},
    {"materials", "material", kMaterial},
    {"meshes", "mesh", kMesh},
    {"nodes", "node", kNode},
    {"skins", "skin", kSkin},
    {"scenes", "scene", kScene},
    {"cameras", "camera", kCamera},
};
constexpr Rule kTop[] = {index_into("scene", "scenes"), plain("extensionsUsed", Type::texts),
                         plain("extensionsRequired", Type::texts)};

class Checker {
 public:
  Checker(const Json& document, ImportLog& log) : document_(document), log_(log) {}

  void check() {
    check_members(document_, kTop, "", "");
    for (const ArrayRule& array : kArrays) {
      const auto member = document_.find(array.name);
      if (member != document_.end()) check_elements(*member, array);
    }
    check_lights();
  }

 private:
  void check_elements(const Json& elements, const ArrayRule& rule) {
    if (!elements.is_array()) return log_.fault("", fmt::format("{} must be an array", rule.name));
    for (std::size_t i = 0; i < elements.size() && !log_.is_full(); ++i) {
      const Json& element = elements[i];
      const std::string name = element_name(rule.element, i, name_of(element));
      if (!element.is_object()) {
        log_.fault(name, "must be an object");
      } else {
        check_members(element, rule.members, name, "");
        check_kind(element, name);
      }
    }
  }

  void check_lights() {
    const auto extensions = document_.find("extensions");
    if (extensions == document_.end() || !extensions->is_object()) return;
    const auto punctual = extensions->find("KHR_lights_punctual");
    if (punctual == extensions->end()) return;
    if (!punctual->is_object()) return log_.fault("", "KHR_lights_punctual must be an object");
    const auto lights = punctual->find("lights");
    if (lights != punctual->end()) check_elements(*lights, {"lights", "light", kLight});
  }

  /// What a kind of camera or light must hold besides.
  void check_kind(const Json& element, const std::string& name) {
    const auto type = element.find("type");
    if (type == element.end() || !type->is_string()) return;
    for (const char* kind : {"spot", "perspective", "orthographic"}) {
      if (*type != kind || element.contains(kind)) continue;
      log_.fault(
          name, Error{ErrorKind::invalid_input,
                      fmt::format("is of type {0}, but the member {0}, which describes it, is missing", kind),
                      "export the scene again, or give it another type"});
    }
  }

  /// "3 nodes", "1 node"
  static std::string counted(std::size_t count, std::string_view array) {
    const auto rule = std::find_if(std::begin(kArrays), std::end(kArrays),
                                   [&](const ArrayRule& known) { return known.name == array; });
    return fmt::format("{} {}", count, count == 1 && rule != std::end(kArrays) ? rule->element : array);
  }

  static std::string name_of(const Json& element) {
    const auto name = element.is_object() ? element.find("name") : element.end();
    return name != element.end() && name->is_string() ? name->get<std::string>() : std::string();
  }

  /// `path` stands before names of properties: "baseColorTexture.".
  void check_members(const Json& parent, std::span<const Rule> rules, const std::string& element,
                     const std::string& path) {
    for (const Rule& rule : rules) {
      const auto member = parent.find(rule.name);
      if (member != parent.end()) {
        check_member(*member, rule, element, path);
      } else if (rule.required) {
        fault(element, path, rule, "is missing");
      }
    }
  }

  void fault(const std::string& element, const std::string& path, const Rule& rule, std::string_view reason) {
    log_.fault(element, fmt::format("{}{} {}", path, rule.name, reason));
  }

  void check_member(const Json& value, const Rule& rule, const std::string& element,
                    const std::string& path) {
    switch (rule.type) {
      case Type::number:
      case Type::distance:
        if (!value.is_number())
          fault(element, path, rule, fmt::format("must be a number, got {}", kind_of(value)));
        if (value.is_number() && rule.type == Type::number && !is_float(value))
          fault(element, path, rule,
                fmt::format("must be a number that fits 32 bits, got {}", value.get<double>()));
        return;
      case Type::whole: return check_whole(value, rule, element, path);
      case Type::boolean:
        if (!value.is_boolean())
          fault(element, path, rule, fmt::format("must be true or false, got {}", kind_of(value)));
        return;
      case Type::text:
        if (!value.is_string())
          fault(element, path, rule, fmt::format("must be a text, got {}", kind_of(value)));
        return;
      case Type::texts:
        if (!is_array_of(value, [](const Json& item) { return item.is_string(); })) {
          fault(element, path, rule, "must be an array of texts");
        }
        return;
      case Type::index: return check_index(value, rule, element, path);
      case Type::indices: return check_indices(value, rule, element, path);
      case Type::named_indices: return check_named_indices(value, rule, element, path);
      case Type::named_indices_list: return check_named_indices_list(value, rule, element, path);
      case Type::named_wholes: return check_named_wholes(value, rule, element, path);
      case Type::numbers: return check_numbers(value, rule, element, path);
      case Type::object: return check_object(value, rule, element, path);
      case Type::objects: return check_objects(value, rule, element, path);
    }
  }

  static const char* kind_of(const Json& value) {
    if (value.is_null()) return "null";
    if (value.is_boolean()) return "true or false";
    if (value.is_number()) return "a number";
    if (value.is_string()) return "a text";
    return value.is_array() ? "an array" : "an object";
  }

  static bool is_float(const Json& value) {
    if (!value.is_number()) return false;
    const double number = value.get<double>();
    const double largest = std::numeric_limits<float>::max();
    return number >= -largest && number <= largest;
  }

  template <class Predicate>
  static bool is_array_of(const Json& value, const Predicate& predicate) {
    return value.is_array() && std::all_of(value.begin(), value.end(), predicate);
  }

  /// Some writers put 3.0 for 3; sizes above 2^53 are not taken.
  static std::optional<std::uint64_t> whole_number(const Json& value) {
    constexpr double kLargest = 9007199254740992.0;
    if (!value.is_number()) return std::nullopt;
    const double number = value.get<double>();
    if (!(number >= 0 && number <= kLargest)) return std::nullopt;
    const auto rounded = static_cast<std::uint64_t>(number);
    if (static_cast<double>(rounded) != number) return std::nullopt;
    return rounded;
  }

  void check_whole(const Json& value, const Rule& rule, const std::string& element, const std::string& path) {
    const std::optional<std::uint64_t> number = whole_number(value);
    if (!number) return fault(element, path, rule, "must be a whole number, not negative");
    if (*number > rule.most)
      return fault(element, path, rule, fmt::format("must be at most {}, got {}", rule.most, *number));
    if (*number < rule.least)
      fault(element, path, rule, fmt::format("must be at least {}, got {}", rule.least, *number));
  }

  void check_index(const Json& value, const Rule& rule, const std::string& element, const std::string& path) {
    const std::optional<std::uint64_t> index = whole_number(value);
    if (!index) return fault(element, path, rule, "must be an index");
    const auto target = document_.find(rule.refers_to);
    const std::size_t count = target != document_.end() && target->is_array() ? target->size() : 0;
    if (*index >= count) {
      fault(element, path, rule,
            fmt::format("{} does not exist: the file has {}", *index, counted(count, rule.refers_to)));
    }
  }

  void check_indices(const Json& value, const Rule& rule, const std::string& element,
                     const std::string& path) {
    if (!value.is_array()) return fault(element, path, rule, "must be an array");
    for (const Json& item : value) {
      if (log_.is_full()) return;
      check_index(item, rule, element, path);
    }
  }

  void check_named_indices(const Json& value, const Rule& rule, const std::string& element,
                           const std::string& path) {
    if (!value.is_object()) return fault(element, path, rule, "must be an object");
    for (const auto& [name, item] : value.items()) {
      const std::string shown = printable(name);
      check_index(item, {.name = shown, .type = Type::index, .refers_to = rule.refers_to}, element, path);
    }
  }

  void check_named_indices_list(const Json& value, const Rule& rule, const std::string& element,
                                const std::string& path) {
    if (!value.is_array()) return fault(element, path, rule, "must be an array");
    for (std::size_t i = 0; i < value.size() && !log_.is_full(); ++i) {
      const std::string shown = fmt::format("{}[{}]", rule.name, i);
      const Rule item{.name = shown, .type = Type::named_indices, .refers_to = rule.refers_to};
      check_named_indices(value[i], item, element, value[i].is_object() ? path + shown + "." : path);
    }
  }

  void check_named_wholes(const Json& value, const Rule& rule, const std::string& element,
                          const std::string& path) {
    if (!value.is_object()) return fault(element, path, rule, "must be an object");
    for (const auto& [name, item] : value.items()) {
      const std::string shown = printable(name);
      check_whole(item, {.name = shown, .type = Type::whole}, element, path);
    }
  }

  void check_numbers(const Json& value, const Rule& rule, const std::string& element,
                     const std::string& path) {
    const bool right_count = value.is_array() && (rule.count == 0 || value.size() == rule.count);
    if (right_count && is_array_of(value, is_float)) return;
    const std::string count = rule.count == 0 ? "" : fmt::format("{} ", rule.count);
    fault(element, path, rule, fmt::format("must be an array of {}numbers", count));
  }

  void check_object(const Json& value, const Rule& rule, const std::string& element,
                    const std::string& path) {
    if (!value.is_object()) return fault(element, path, rule, "must be an object");
    // names of extensions and of the block that every material has only make messages longer
    const bool shown = !rule.name.starts_with("KHR_") && !rule.name.starts_with("EXT_") &&
                       rule.name != "extensions" && rule.name != "pbrMetallicRoughness";
    check_members(value, rule.members, element, shown ? fmt::format("{}{}.", path, rule.name) : path);
  }

  void check_objects(const Json& value, const Rule& rule, const std::string& element,
                     const std::string& path) {
    if (!value.is_array()) return fault(element, path, rule, "must be an array");
    for (std::size_t i = 0; i < value.size() && !log_.is_full(); ++i) {
      const std::string item_path = fmt::format("{}{}[{}]", path, rule.name, i);
      if (value[i].is_object()) {
        check_members(value[i], rule.members, element, item_path + ".");
      } else {
        log_.fault(element, fmt::format("{} must be an object", item_path));
      }
    }
  }

  const Json& document_;
  ImportLog& log_;
};

/// -1 where some writers put it for "none".
bool is_no_index(const std::string& name, const Json& value) {
  static constexpr std::string_view kIndices[] = {
      "mesh", "camera", "skin", "material", "source", "sampler", "inverseBindMatrices", "scene"};
  return value.is_number_integer() && value == -1 &&
         std::find(std::begin(kIndices), std::end(kIndices), name) != std::end(kIndices);
}

/// Members of `object` that are null, or indices of -1, at any depth: their names, with the path to them, go to `dropped`.
void drop_absent(Json& object, const std::string& path, std::vector<std::string>& dropped) {
  if (object.is_array()) {
    for (Json& item : object) drop_absent(item, path, dropped);
    return;
  }
  if (!object.is_object()) return;
  for (auto member = object.begin(); member != object.end();) {
    if (member.key() == "extras") {
      ++member;
    } else if (member->is_null() || is_no_index(member.key(), *member)) {
      dropped.push_back(
          fmt::format("{}{} is {}", path, printable(member.key()), member->is_null() ? "null" : "-1"));
      member = object.erase(member);
    } else {
      drop_absent(*member, path + printable(member.key()) + ".", dropped);
      ++member;
    }
  }
}

}  // namespace

void drop_absent_properties(Json& document, ImportLog& log) {
  const auto drop = [&](Json& value, const std::string& element) {
    std::vector<std::string> dropped;
    drop_absent(value, "", dropped);
    for (const std::string& what : dropped)
      log.mend(element, fmt::format("{}, which counts as left out", what));
  };
  const auto drop_each = [&](Json& elements, std::string_view kind) {
    for (std::size_t i = 0; elements.is_array() && i < elements.size(); ++i) {
      Json& element = elements[i];
      const auto name = element.is_object() ? element.find("name") : element.end();
      const bool named = name != element.end() && name->is_string();
      drop(element, element_name(kind, i, named ? name->get<std::string>() : std::string()));
    }
  };
  for (const ArrayRule& rule : kArrays) {
    if (const auto elements = document.find(rule.name); elements != document.end())
      drop_each(*elements, rule.element);
  }
  const Json::json_pointer lights("/extensions/KHR_lights_punctual/lights");
  if (document.contains(lights)) drop_each(document[lights], "light");
  drop(document, "");
}

void check_gltf_properties(const Json& document, ImportLog& log) {
  Checker(document, log).check();
}

}  // namespace oct
