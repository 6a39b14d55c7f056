#include "scene/obj_material.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "math/vec.hpp"
#include "scene/obj_text.hpp"

namespace oct {
namespace {

/// Options of a texture line: how many words may follow, and whether the later ones may be missing.
struct OptionRule {
  std::string_view name;
  std::size_t least, most;
};
constexpr OptionRule kOptions[] = {
    {"-blendu", 1, 1}, {"-blendv", 1, 1}, {"-cc", 1, 1},   {"-clamp", 1, 1},      {"-imfchan", 1, 1},
    {"-mm", 2, 2},     {"-o", 1, 3},      {"-s", 1, 3},    {"-t", 1, 3},          {"-texres", 1, 1},
    {"-bm", 1, 1},     {"-boost", 1, 1},  {"-type", 1, 1}, {"-colorspace", 1, 1},
};

/// The specification's height maps, which many writers take for normal maps.
constexpr const char* kBumpKeywords[] = {"map_Bump", "map_bump", "bump"};

constexpr std::string_view kTextureKeywords[] = {"map_Kd",   "map_Ks",   "map_Ke",  "map_Pr", "map_Pm",
                                                 "map_Ps",   "map_Pc",   "map_Pcr", "map_d",  "norm",
                                                 "map_Bump", "map_bump", "bump"};

/// Keywords with one number that is taken as it stands.
struct NumberRow {
  const char* keyword;
  std::optional<float> MtlMaterial::*value;
  bool is_share;  ///< in [0, 1]
};
constexpr NumberRow kNumbers[] = {
    {"Ni", &MtlMaterial::ior, false},
    {"Ns", &MtlMaterial::exponent, false},
    {"Pr", &MtlMaterial::roughness, true},
    {"Pm", &MtlMaterial::metallic, true},
    {"Ps", &MtlMaterial::sheen, true},
    {"Pc", &MtlMaterial::clearcoat, true},
    {"Pcr", &MtlMaterial::clearcoat_roughness, true},
    {"aniso", &MtlMaterial::anisotropy, true},
    {"anisor", &MtlMaterial::anisotropy_turns, false},
};

constexpr std::string_view kOtherKeywords[] = {"newmtl", "Ka", "Kd", "Ks",    "Ke",     "Tf",
                                               "Kt",     "d",  "Tr", "illum", "map_Ka", "map_aat"};

/// What writers call them otherwise.
struct Synonym {
  std::string_view written, meant;
};
constexpr Synonym kSynonyms[] = {{"map_Kn", "norm"},
                                 {"map_norm", "norm"},
                                 {"map_normal", "norm"},
                                 {"map_emissive", "map_Ke"},
                                 {"map_opacity", "map_d"}};

bool contains(std::span<const std::string_view> list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool same_but_for_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

/// The format's own spelling of a keyword, whatever its case; a keyword that is not known stays as it is.
std::string_view known_keyword(std::string_view written) {
  if (contains(kTextureKeywords, written)) return written;  // map_bump and map_Bump
  for (const Synonym& synonym : kSynonyms) {
    if (same_but_for_case(synonym.written, written)) return synonym.meant;
  }
  for (const NumberRow& row : kNumbers) {
    if (same_but_for_case(row.keyword, written)) return row.keyword;
  }
  for (const std::span<const std::string_view> list : {std::span<const std::string_view>(kTextureKeywords),
                                                       std::span<const std::string_view>(kOtherKeywords)}) {
    for (const std::string_view keyword : list) {
      if (same_but_for_case(keyword, written)) return keyword;
    }
  }
  return written;
}

/// A picture that nothing here can use: "refl", "map_Ns", "map_Tint". A word of another kind of file is none.
bool is_ignored_texture(std::string_view keyword) {
  static constexpr std::string_view kBare[] = {"disp", "refl", "decal"};
  if (contains(kBare, keyword)) return true;
  const bool is_word = std::all_of(keyword.begin(), keyword.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  });
  return is_word && keyword.size() <= 16 && same_but_for_case(keyword.substr(0, 4), "map_") &&
         !contains(kTextureKeywords, keyword) && !contains(kOtherKeywords, keyword);
}

class MtlParser {
 public:
  MtlParser(ByteView file, ImportLog& log) : lines_(file), log_(log) {}

  std::vector<MtlMaterial> parse() {
    while (auto line = lines_.next()) {
      if (log_.is_full()) break;
      std::string_view rest = *line;
      const std::string_view keyword = known_keyword(take_word(rest));
      if (keyword == "newmtl") {
        materials_.emplace_back().name = std::string(without_quotes(rest));
      } else if (!materials_.empty()) {
        parse_property(keyword, rest, materials_.back());
      }
    }
    return std::move(materials_);
  }

 private:
  void mend(std::string_view reason) { log_.mend(fmt::format("line {}", lines_.number()), reason); }

  void parse_property(std::string_view keyword, std::string_view rest, MtlMaterial& material) {
    if (keyword == "Kd") material.diffuse = color(keyword, rest, material.diffuse);
    if (keyword == "Ks") material.specular = color(keyword, rest, material.specular);
    if (keyword == "Ke") material.emission = color(keyword, rest, material.emission);
    if (keyword == "Tf" || keyword == "Kt") {
      material.transmission_filter = color(keyword, rest, material.transmission_filter);
    }
    for (const NumberRow& row : kNumbers) {
      if (keyword == row.keyword) material.*row.value = number(keyword, rest);
    }
    if (keyword == "d") parse_opacity(rest, material);
    if (keyword == "Tr" &&
        !material.opacity) {  // its complement; d wins, since Tr is not in the specification
      if (const auto transparency = number(keyword, rest)) material.opacity = 1.0f - *transparency;
    }
    if (keyword == "illum") parse_illumination(rest, material);
    if (contains(kTextureKeywords, keyword)) {
      if (auto texture = parse_texture(rest)) material.textures[std::string(keyword)] = *texture;
    }
    if (is_ignored_texture(keyword) && !rest.empty()) {
      log_.warn(element_name("material", materials_.size() - 1, material.name),
                fmt::format("{} is ignored", keyword));
    }
  }

  std::optional<float> number(std::string_view keyword, std::string_view rest) {
    const std::string_view word = take_word(rest);
    const std::optional<float> value = float_of(word);
    if (!value) mend(fmt::format("{} must be a number{}; it is ignored", keyword, got_numbers(word)));
    return value;
  }

  /// One number stands for three, and the last one given for those that are missing.
  std::optional<Vec3> color(std::string_view keyword, std::string_view rest, std::optional<Vec3> otherwise) {
    if (rest.starts_with("spectral") || rest.starts_with("xyz")) {
      log_.warn("", fmt::format("line {}: {} is not given as red, green, blue and is ignored",
                                lines_.number(), keyword));
      return otherwise;
    }
    const auto values = take_floats(rest, 3);
    if (!values || values->empty()) {
      mend(fmt::format("{} must be three numbers{}; it is ignored", keyword, got_numbers(rest)));
      return otherwise;
    }
    if (values->size() == 2)
      mend(fmt::format("{} must be three numbers{}; the last one counts twice", keyword, got_numbers(rest)));
    const auto value = [&](std::size_t i) { return (*values)[std::min(i, values->size() - 1)]; };
    return Vec3{value(0), value(1), value(2)};
  }

  void parse_opacity(std::string_view rest, MtlMaterial& material) {
    if (rest.starts_with("-halo")) take_word(rest);
    if (const auto opacity = number("d", rest)) material.opacity = opacity;
  }

  void parse_illumination(std::string_view rest, MtlMaterial& material) {
    const std::string_view word = take_word(rest);
    const std::optional<float> model = float_of(word);  // some writers put 2.0
    if (!model || *model != std::floor(*model))
      return mend(fmt::format("illum must be a whole number{}; it is ignored", got_numbers(word)));
    material.illumination_model = static_cast<int>(std::clamp(*model, -1.0f, 100.0f));
  }

  /// Options come first; what is left is the name, which may hold blanks.
  static std::optional<MtlTexture> parse_texture(std::string_view rest) {
    MtlTexture texture;
    rest = take_options(rest, texture);
    const std::size_t end = end_of_name(rest);
    if (end != std::string_view::npos) take_options(rest.substr(end + 1), texture);
    texture.file = std::string(without_quotes(rest.substr(0, end)));
    if (texture.file.empty())
      return std::nullopt;  // writers leave the line there when a picture is taken away
    return texture;
  }

  /// Returns what follows the options.
  static std::string_view take_options(std::string_view rest, MtlTexture& texture) {
    while (rest.starts_with('-')) {
      std::string_view after = rest;
      const std::string_view option = take_word(after);
      const OptionRule* rule = find_option(option);
      if (rule == nullptr) break;  // a name that begins with a dash
      std::vector<std::string_view> words;
      while (words.size() < rule->most && !after.empty()) {
        std::string_view next = after;
        const std::string_view word = take_word(next);
        if (words.size() >= rule->least && !float_of(word)) break;
        words.push_back(word);
        after = next;
      }
      rest = after;
      apply_option(option, words, texture);
    }
    return rest;
  }

  static const OptionRule* find_option(std::string_view name) {
    const auto rule = std::find_if(std::begin(kOptions), std::end(kOptions),
                                   [&](const OptionRule& known) { return known.name == name; });
    return rule != std::end(kOptions) ? rule : nullptr;
  }

  /// Some writers put options behind the name, which then ends with that of a format: "a b.png -bm 0.5". npos where
  /// no option follows.
  static std::size_t end_of_name(std::string_view rest) {
    constexpr std::size_t kLongestFormat = 5;
    for (std::size_t at = rest.find(" -"); at != std::string_view::npos; at = rest.find(" -", at + 1)) {
      std::string_view after = rest.substr(at);
      const std::size_t dot = rest.substr(0, at).rfind('.');
      const bool has_format = dot != std::string_view::npos && dot > 0 && at - dot <= kLongestFormat;
      if (has_format && find_option(take_word(after)) != nullptr) return at;
    }
    return std::string_view::npos;
  }

  /// As Blender writes -bm.
  static bool has_six_decimals(std::string_view number) {
    const std::size_t dot = number.find('.');
    return dot != std::string_view::npos && dot > 0 && number.size() - dot == 7;
  }

  static void apply_option(std::string_view option, const std::vector<std::string_view>& words,
                           MtlTexture& texture) {
    const auto value = [&](std::size_t i, float otherwise) {
      return i < words.size() ? float_of(words[i]).value_or(otherwise) : otherwise;
    };
    if (option == "-o") texture.offset = {value(0, 0), value(1, 0)};
    if (option == "-s") texture.scale = {value(0, 1), value(1, 1)};
    if (option == "-bm") {
      texture.multiplier = value(0, 1);
      texture.by_blender = !words.empty() && has_six_decimals(words[0]);
    }
    if (option == "-clamp") texture.clamp = !words.empty() && words[0] == "on";
  }

  ObjLines lines_;
  ImportLog& log_;
  std::vector<MtlMaterial> materials_;
};

/// Maya gives its opacity as a grey Tf, to a coloured surface of model 4 and index 1.
bool is_opacity_of_maya(const MtlMaterial& source) {
  const auto& filter = source.transmission_filter;
  return source.illumination_model == 4 && source.ior && *source.ior <= 1.0001f && filter &&
         !is_black(*filter) && filter->x == filter->y && filter->y == filter->z && source.diffuse &&
         !is_black(*source.diffuse) && !source.opacity && !source.textures.contains("map_Kd");
}

/// Models 4, 6 and 7 refract. Maya and others give model 4 to every material, so that something else has to say
/// the same: an index, a filter that is neither clear nor black, an opacity without an index; or nothing else is
/// said at all. What has a picture shows it.
bool is_glass(const MtlMaterial& source) {
  const int model = source.illumination_model;
  if ((model != 4 && model != 6 && model != 7) || source.textures.contains("map_Kd")) return false;
  const auto& filter = source.transmission_filter;
  const bool refracts = source.ior && *source.ior > 1.0001f;
  const bool filters = filter && !is_black(*filter) && min(filter->x, min(filter->y, filter->z)) < 0.9999f;
  const bool lets_through = source.opacity && *source.opacity < 1.0f;
  return refracts || filters || (!source.ior && (lets_through || (!filter && !source.opacity)));
}

class Converter {
 public:
  Converter(const MtlMaterial& source, std::size_t place, FullTransparency transparency,
            ObjPictures& pictures, ImportLog& log)
      : source_(source), place_(place), transparency_(transparency), pictures_(pictures), log_(log) {
    element_ = element_name("material", place, source.name);
  }

  SceneMaterial convert() {
    mend_ranges();
    drop_zeros_beside_pictures();
    if (is_opacity_of_maya(source_)) {
      source_.opacity = source_.transmission_filter->x;
      source_.transmission_filter.reset();
    }
    mend_transparency();
    SceneMaterial material;
    material.name = source_.name;
    material.double_sided = true;  // OBJ knows no sides but for Ke
    material.metallic = 0;
    material.emission = source_.emission.value_or(Vec3{0, 0, 0});
    material.emits_front_only = true;
    convert_surface(material);
    convert_layers(material);
    material.ior = ior(material.transmission > 0.0f);
    if (source_.opacity && *source_.opacity < 1.0f && material.transmission == 0.0f) {
      material.alpha = *source_.opacity;
      material.alpha_mode = AlphaMode::blend;
    }
    convert_textures(material);
    return material;
  }

 private:
  void mend_range(const char* name, std::optional<float>& value, float least, float most) {
    if (!value || (*value >= least && *value <= most)) return;
    const float mended = clamp(*value, least, most);
    log_.mend(element_,
              fmt::format("{} must be {} to {}, got {}; it becomes {}", name, least, most, *value, mended));
    value = mended;
  }

  void mend_color(const char* name, std::optional<Vec3>& value) {
    if (!value || (value->x >= 0 && value->y >= 0 && value->z >= 0)) return;
    log_.mend(element_, fmt::format("{} must not be negative; what is becomes 0", name));
    value = max(*value, Vec3{0, 0, 0});
  }

  void mend_share(const char* name, std::optional<Vec3>& value) {
    mend_color(name, value);
    if (!value || !(max_component(*value) > 1)) return;
    log_.mend(element_, fmt::format("{} must be at most 1, got {} {} {}; what is above becomes 1", name,
                                    value->x, value->y, value->z));
    value = at_most_one(*value);
  }

  void mend_ranges() {
    mend_share("Kd", source_.diffuse);
    mend_share("Ks", source_.specular);
    mend_color("Ke", source_.emission);
    mend_share("Tf", source_.transmission_filter);
    for (const NumberRow& row : kNumbers) {
      if (row.is_share) mend_range(row.keyword, source_.*row.value, 0, 1);
    }
    mend_range("d", source_.opacity, 0, 1);
    if (source_.ior && *source_.ior < 0) {
      log_.mend(element_, fmt::format("Ni must be at least 1, got {}; it is ignored", *source_.ior));
      source_.ior.reset();
    }
  }

  /// Writers put 0 beside a picture for "not used": multiplied by it the picture would be for nothing.
  void drop_zeros_beside_pictures() {
    const auto drop_black = [&](std::optional<Vec3>& color, const char* map) {
      if (color && is_black(*color) && find(map) != nullptr) color.reset();
    };
    drop_black(source_.diffuse, "map_Kd");
    drop_black(source_.specular, "map_Ks");
    drop_black(source_.emission, "map_Ke");
    const auto drop_zero = [&](std::optional<float>& number, const char* map) {
      if (number && *number == 0.0f && find(map) != nullptr) number.reset();
    };
    drop_zero(source_.roughness, "map_Pr");
    drop_zero(source_.metallic, "map_Pm");
    drop_zero(source_.sheen, "map_Ps");
    drop_zero(source_.clearcoat, "map_Pc");
    drop_zero(source_.clearcoat_roughness, "map_Pcr");
  }

  /// Beside a picture of the opacity, nothing is what writers put for "not used", as they do with Kd.
  void mend_transparency() {
    if (source_.opacity && *source_.opacity <= 0.0f && find("map_d") != nullptr) source_.opacity.reset();
    if (!is_wholly_transparent(source_)) return;
    if (transparency_ == FullTransparency::invisible)
      return log_.warn(element_, "is wholly transparent (d 0, or Tr 1) and not seen");
    log_.mend(element_,
              "d 0 or Tr 1 would make it invisible, and everything else in the file; it is taken for opaque");
    source_.opacity.reset();
  }

  /// An index of 1 or less is that of a writer that does not know it, unless light goes through.
  float ior(bool transmits) const {
    if (!source_.ior) return 1.5f;
    if (transmits) return max(*source_.ior, 1.0f);
    return *source_.ior > 1.0f ? *source_.ior : 1.5f;
  }

  Vec3 diffuse_color() const {
    if (!source_.diffuse) return find("map_Kd") != nullptr ? splat(1.0f) : splat(0.8f);
    return *source_.diffuse;
  }

  Vec3 glass_color() const {
    const auto& filter = source_.transmission_filter;
    return filter && !is_black(*filter) ? *filter : splat(1.0f);
  }

  static Vec3 at_most_one(Vec3 color) { return min(color, Vec3{1, 1, 1}); }

  /// Perceptual roughness: Pr, or the exponent of Phong's highlight brought to the GGX of the same width,
  /// alpha^2 = 2 / (Ns + 2).
  float roughness() const {
    if (source_.roughness) return *source_.roughness;
    const float exponent = max(source_.exponent.value_or(0.0f), 0.0f);
    return sqrt(sqrt(2.0f / (exponent + 2.0f)));
  }

  void convert_surface(SceneMaterial& material) {
    const Vec3 diffuse = diffuse_color();
    const float otherwise = find("map_Ks") != nullptr ? 1.0f : 0.0f;
    const Vec3 specular = source_.specular.value_or(splat(otherwise));
    const int model = source_.illumination_model;
    material.base_color = diffuse;
    if (is_glass(source_)) {
      material.base_color = glass_color();
      material.transmission = 1;
      material.thin_walled = false;
      material.roughness = source_.roughness.value_or(0.0f);
    } else if (source_.metallic && *source_.metallic > 0.0f) {
      material.metallic = *source_.metallic;
      const bool has_color = specular.x != specular.y || specular.y != specular.z;
      // a grey Ks beside Pm is the strength of a dielectric's reflection, as Blender writes it
      const bool by_specular = has_color || (is_black(diffuse) && !is_black(specular));
      material.base_color = by_specular ? lerp(diffuse, specular, *source_.metallic) : diffuse;
      material.roughness = roughness();
    } else if ((model == 3 || model == 5) && luminance(diffuse) < 0.1f && !is_black(specular)) {  // a mirror
      material.metallic = 1;
      material.base_color = specular;
      material.roughness = source_.roughness.value_or(0.0f);
    } else if (is_black(specular) || model < 2) {  // Lambert
      material.specular = 0;
      material.roughness = 1;
    } else {
      material.specular_color = specular;
      material.roughness = roughness();
    }
  }

  /// MTL has no colour and no roughness of sheen: it is white, and as wide as Blender's is at first.
  void convert_layers(SceneMaterial& material) {
    constexpr float kSheenRoughness = 0.5f;
    constexpr float kTurn = 6.283185307179586f;
    const auto factor = [&](const std::optional<float>& number, const char* map) {
      return number.value_or(find(map) != nullptr ? 1.0f : 0.0f);
    };
    material.clearcoat.factor = factor(source_.clearcoat, "map_Pc");
    material.clearcoat.roughness = factor(source_.clearcoat_roughness, "map_Pcr");
    material.sheen.color = splat(factor(source_.sheen, "map_Ps"));
    material.sheen.roughness = kSheenRoughness;
    material.anisotropy.strength = source_.anisotropy.value_or(0.0f);
    material.anisotropy.rotation = source_.anisotropy_turns.value_or(0.0f) * kTurn;
  }

  const MtlTexture* find(const char* keyword) const {
    const auto found = source_.textures.find(keyword);
    return found != source_.textures.end() ? &found->second : nullptr;
  }

  SceneTexture texture(const MtlTexture& source) {
    SceneTexture result;
    result.image = pictures_.add(source.file, source_.folder);
    result.wrap_s = result.wrap_t = source.clamp ? Wrap::clamp_to_edge : Wrap::repeat;
    // coordinates were turned upside down at import: v of the file is 1 - v here
    result.scale = source.scale;
    result.offset = {source.offset[0], 1.0f - source.scale[1] - source.offset[1]};
    return result;
  }

  void convert_textures(SceneMaterial& material) {
    const MtlTexture* diffuse = find("map_Kd");
    if (diffuse != nullptr && material.transmission == 0.0f) {
      material.base_color_texture = texture(*diffuse);
    }
    if (const MtlTexture* emission = find("map_Ke")) {
      material.emission_texture = texture(*emission);
      if (!source_.emission) material.emission = {1, 1, 1};
    }
    if (const MtlTexture* specular = find("map_Ks"); specular != nullptr && material.specular > 0.0f) {
      material.specular_color_texture = texture(*specular);
    }
    convert_normal_texture(material);
    convert_opacity_texture(material);
    convert_metallic_roughness_textures(material);
    convert_layer_textures(material);
  }

  void convert_layer_textures(SceneMaterial& material) {
    if (const MtlTexture* coat = find("map_Pc")) material.clearcoat.texture = texture(*coat);
    if (const MtlTexture* roughness = find("map_Pcr"))
      material.clearcoat.roughness_texture = texture(*roughness);
    if (const MtlTexture* sheen = find("map_Ps")) {
      material.sheen.color_texture = texture(*sheen);
      pictures_.make_sheen(place_);
    }
  }

  void convert_normal_texture(SceneMaterial& material) {
    const MtlTexture* normal = find("norm");
    for (const char* keyword : kBumpKeywords) {
      if (normal != nullptr) break;
      normal = find(keyword);
      if (normal != nullptr) pictures_.check_normal_map(place_, keyword, normal->by_blender);
    }
    if (normal == nullptr) return;
    material.normal_texture = texture(*normal);
    material.normal_scale = normal->multiplier;
  }

  /// Writers name the picture of the colour again when its alpha is the opacity.
  void convert_opacity_texture(SceneMaterial& material) {
    const MtlTexture* opacity = find("map_d");
    if (opacity == nullptr) return;
    if (material.transmission > 0.0f)
      return log_.warn(element_, "map_d is ignored: glass is seen everywhere");
    material.alpha_mode = AlphaMode::blend;
    const MtlTexture* color = find("map_Kd");
    if (color != nullptr && color->file == opacity->file) return;
    if (color == nullptr) material.base_color_texture = texture(*opacity);
    pictures_.join_opacity(place_, pictures_.add(opacity->file, source_.folder),
                           color != nullptr ? ObjPictures::Color::picture : ObjPictures::Color::none);
  }

  void convert_metallic_roughness_textures(SceneMaterial& material) {
    const MtlTexture* roughness = find("map_Pr");
    const MtlTexture* metalness = find("map_Pm");
    if (roughness == nullptr && metalness == nullptr) return;
    material.metallic_roughness_texture = texture(roughness != nullptr ? *roughness : *metalness);
    // a picture stands in place of a number that is not given
    if (roughness != nullptr && !source_.roughness) material.roughness = 1;
    if (metalness != nullptr && !source_.metallic) material.metallic = 1;
    const auto picture = [&](const MtlTexture* map) {
      return map != nullptr ? std::optional(pictures_.add(map->file, source_.folder)) : std::nullopt;
    };
    const std::optional<std::size_t> roughness_picture = picture(roughness);
    const std::optional<std::size_t> metalness_picture = picture(metalness);
    pictures_.join_metallic_roughness(place_, roughness_picture, metalness_picture);
  }

  MtlMaterial source_;
  std::size_t place_;
  FullTransparency transparency_;
  ObjPictures& pictures_;
  ImportLog& log_;
  std::string element_;
};

}  // namespace

std::vector<MtlMaterial> parse_mtl(ByteView file, ImportLog& log) {
  return MtlParser(file, log).parse();
}

SceneMaterial convert_mtl(const MtlMaterial& source, std::size_t place, FullTransparency transparency,
                          ObjPictures& pictures, ImportLog& log) {
  return Converter(source, place, transparency, pictures, log).convert();
}

bool is_wholly_transparent(const MtlMaterial& source) {
  return source.opacity && *source.opacity <= 0.0f && !source.textures.contains("map_d") && !is_glass(source);
}

}  // namespace oct
