#include "scene/gltf_animation.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "scene/animated_property.hpp"
#include "scene/invalid.hpp"

namespace oct {
namespace {

/// The member if it is an index below `count`; the document's animations have not been checked.
std::optional<std::size_t> index_at(const Json& object, const char* name, std::size_t count) {
  const auto member = object.is_object() ? object.find(name) : object.end();
  if (member == object.end() || !member->is_number()) return std::nullopt;
  const double number = member->get<double>();
  if (!(number >= 0 && number < static_cast<double>(count)) || number != std::floor(number))
    return std::nullopt;
  return static_cast<std::size_t>(number);
}

std::string text_at(const Json& object, const char* name) {
  const auto member = object.is_object() ? object.find(name) : object.end();
  return member != object.end() && member->is_string() ? member->get<std::string>() : std::string();
}

const Json& member_of(const Json& object, const char* name) {
  static const Json kNothing;
  const auto member = object.is_object() ? object.find(name) : object.end();
  return member != object.end() ? *member : kNothing;
}

/// "/materials/3/alphaCutoff" in three parts.
struct Pointer {
  std::string_view list;
  std::size_t element = 0;
  std::string_view property;
};

std::optional<Pointer> parse_pointer(std::string_view text) {
  constexpr std::string_view kLights = "/extensions/KHR_lights_punctual";
  if (text.starts_with(kLights)) text.remove_prefix(kLights.size());
  if (!text.starts_with('/')) return std::nullopt;
  text.remove_prefix(1);
  const std::size_t first = text.find('/');
  const std::size_t second = first == std::string_view::npos ? first : text.find('/', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  Pointer pointer{text.substr(0, first), 0, text.substr(second + 1)};
  const char* end = text.data() + second;
  const auto [stopped, error] = std::from_chars(text.data() + first + 1, end, pointer.element);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return pointer;
}

/// What a channel changes: some elements of one kind.
struct Target {
  AnimatedKind kind = AnimatedKind::node;
  std::vector<std::size_t> elements;
  AnimatedProperty property;
};

std::vector<std::size_t> all_of(const std::multimap<std::size_t, std::size_t>& places, std::size_t number) {
  std::vector<std::size_t> found;
  const auto [begin, end] = places.equal_range(number);
  for (auto place = begin; place != end; ++place) found.push_back(place->second);
  return found;
}

class AnimationReader {
 public:
  AnimationReader(const Json& document, const GltfBuffers& buffers, const GltfPlaces& places, Scene& scene,
                  ImportLog& log)
      : document_(document),
        buffers_(buffers),
        places_(places),
        scene_(scene),
        log_(log),
        budget_((std::uint64_t{1} << 24) + 4 * static_cast<std::uint64_t>(buffers.byte_count())) {}

  void read(const Json& source, std::size_t index) {
    SceneAnimation animation;
    animation.name = text_at(source, "name");
    element_ = element_name("animation", index, animation.name);
    const Json& samplers = member_of(source, "samplers");
    const Json& channels = member_of(source, "channels");
    known_.assign(samplers.is_array() ? samplers.size() : 0, std::nullopt);
    unknown_count_ = 0;
    for (std::size_t i = 0; channels.is_array() && i < channels.size(); ++i) {
      const Result<void> added = add_channel(channels[i], samplers, animation);
      if (!added) log_.warn(element_, fmt::format("channel {} is left out: {}", i, added.error().message));
    }
    if (unknown_count_ > 0) {
      log_.warn(element_, fmt::format("animates what is not supported, such as {} ({} of its channels)",
                                      unknown_, unknown_count_));
    }
    scene_.animations.push_back(std::move(animation));
  }

 private:
  Result<void> add_channel(const Json& channel, const Json& samplers, SceneAnimation& animation) {
    if (budget_ == 0) return invalid(kTooMuch);
    const Json& target_json = member_of(channel, "target");
    OCT_TRY_ASSIGN(const Target target, target_of(target_json));
    if (target.elements.empty()) return {};
    const auto number = index_at(channel, "sampler", known_.size());
    if (!number) return invalid("it has no sampler");
    std::optional<Result<std::size_t>>& known = known_[*number];
    if (!known) known = add_sampler(samplers[*number], animation);
    if (!*known) return fail(known->error());
    const SceneSampler& sampler = animation.samplers[**known];
    if (target.property.width != 0 && sampler.width != target.property.width) {
      return invalid(
          fmt::format("its keys have {} numbers instead of {}", sampler.width, target.property.width));
    }
    for (const std::size_t element : target.elements) {
      if (budget_ == 0) return invalid(kTooMuch);
      --budget_;
      animation.channels.push_back({**known, target.kind, element, target.property.index});
    }
    return {};
  }

  /// Without elements: nothing that is shown depends on it.
  Result<Target> target_of(const Json& json) {
    const std::string path = text_at(json, "path");
    if (path == "pointer") {
      const Json& extension = member_of(member_of(json, "extensions"), "KHR_animation_pointer");
      return pointed_at(text_at(extension, "pointer"));
    }
    if (!json.is_object() || json.find("node") == json.end()) return Target{};
    const auto node = index_at(json, "node", array_in(document_, "nodes").size());
    if (!node) return invalid("its node does not exist");
    const auto property = find_animated_property(AnimatedKind::node, path);
    if (!property) return unknown(fmt::format("\"{}\"", printable(path)));
    return node_target(*node, *property);
  }

  Result<Target> pointed_at(const std::string& text) {
    const auto pointer = parse_pointer(text);
    if (!pointer) return unknown(fmt::format("\"{}\"", printable(text)));
    const std::size_t number = pointer->element;
    if (pointer->list == "meshes" && pointer->property == "weights") return mesh_weights(number);
    struct List {
      std::string_view name;
      AnimatedKind kind;
    };
    constexpr List kLists[] = {{"nodes", AnimatedKind::node},
                               {"cameras", AnimatedKind::camera},
                               {"lights", AnimatedKind::light},
                               {"materials", AnimatedKind::material}};
    for (const List& list : kLists) {
      if (list.name != pointer->list) continue;
      if (is_without_effect(list.kind, pointer->property)) return Target{};
      const auto property = find_animated_property(list.kind, pointer->property);
      if (!property) break;
      return target_in(list.kind, number, *property);
    }
    return unknown(fmt::format("\"{}\"", printable(text)));
  }

  Result<Target> target_in(AnimatedKind kind, std::size_t number, const AnimatedProperty& property) {
    if (kind == AnimatedKind::node) {
      if (number >= places_.nodes.size()) return invalid("its node does not exist");
      return node_target(number, property);
    }
    if (number >= count_of(kind)) return invalid("what it points to does not exist");
    Target target{kind, {}, property};
    if (kind == AnimatedKind::camera) target.elements = all_of(places_.cameras, number);
    if (kind == AnimatedKind::light) target.elements = all_of(places_.lights, number);
    if (kind == AnimatedKind::material) {
      const auto place = places_.materials.find(static_cast<int>(number));
      if (place != places_.materials.end()) target.elements = {place->second};
    }
    return target;
  }

  std::size_t count_of(AnimatedKind kind) const {
    if (kind == AnimatedKind::camera) return array_in(document_, "cameras").size();
    if (kind == AnimatedKind::material) return array_in(document_, "materials").size();
    const Json* lights = find_extension(document_, "KHR_lights_punctual");
    return lights != nullptr ? array_in(*lights, "lights").size() : 0;
  }

  Result<Target> node_target(std::size_t number, const AnimatedProperty& property) {
    const std::size_t place = places_.nodes[number];
    const bool moves = property.index <= static_cast<std::uint16_t>(NodeProperty::scale);
    if (moves && scene_.nodes[place].matrix) {
      return invalid(fmt::format("{} has a matrix, which is not animated",
                                 element_name("node", number, text_in(document_["nodes"][number], "name"))));
    }
    return Target{AnimatedKind::node, {place}, property};
  }

  /// Of all nodes that show the mesh with its own weights.
  Result<Target> mesh_weights(std::size_t mesh) {
    Target target{AnimatedKind::node, {}, {static_cast<std::uint16_t>(NodeProperty::morph_weights), 0}};
    if (nodes_of_mesh_.empty()) {
      const Json& nodes = array_in(document_, "nodes");
      for (std::size_t i = 0; i < nodes.size(); ++i) {
        const int shown = index_in(nodes[i], "mesh");
        if (shown >= 0 && array_in(nodes[i], "weights").empty())
          nodes_of_mesh_.emplace(static_cast<std::size_t>(shown), places_.nodes[i]);
      }
    }
    target.elements = all_of(nodes_of_mesh_, mesh);
    return target;
  }

  /// Counted, for one warning about all.
  Target unknown(std::string what) {
    if (unknown_count_++ == 0) unknown_ = std::move(what);
    return {};
  }

  /// Returns the place in animation.samplers.
  Result<std::size_t> add_sampler(const Json& json, SceneAnimation& animation) {
    SceneSampler sampler;
    const std::string interpolation = text_at(json, "interpolation");
    if (interpolation == "STEP") {
      sampler.interpolation = Interpolation::step;
    } else if (interpolation == "CUBICSPLINE") {
      sampler.interpolation = Interpolation::cubic_spline;
    } else if (!interpolation.empty() && interpolation != "LINEAR") {
      return invalid(fmt::format("its interpolation \"{}\" is unknown", printable(interpolation)));
    }
    OCT_TRY_ASSIGN(const GltfAccessor input, open(json, "input"));
    OCT_TRY_ASSIGN(const GltfAccessor output, open(json, "output"));
    if (input.component_count() != 1) return invalid("its times are not single numbers");
    const std::uint64_t numbers =
        static_cast<std::uint64_t>(output.count()) * output.component_count() + input.count();
    if (numbers > budget_) return invalid(kTooMuch);
    budget_ -= numbers;
    OCT_TRY(read_times(input, sampler));
    OCT_TRY(read_values(output, sampler));
    animation.samplers.push_back(std::move(sampler));
    return animation.samplers.size() - 1;
  }

  Result<GltfAccessor> open(const Json& json, const char* name) {
    const auto index = index_at(json, name, array_in(document_, "accessors").size());
    if (!index) return invalid(fmt::format("its {} is not an accessor of the file", name));
    Result<GltfAccessor> accessor = GltfAccessor::open(document_, buffers_, static_cast<int>(*index));
    if (!accessor) return invalid(fmt::format("{}: accessor {} {}", name, *index, accessor.error().message));
    return accessor;
  }

  static Result<void> read_times(const GltfAccessor& input, SceneSampler& sampler) {
    sampler.times.resize(input.count());
    for (std::size_t i = 0; i < sampler.times.size(); ++i) {
      const float time = input.value(i, 0);
      sampler.times[i] = time;
      if (!std::isfinite(time)) return invalid(fmt::format("the time of key {} is not a number", i));
      if (i > 0 && time < sampler.times[i - 1])
        return invalid(fmt::format("key {} is earlier than the one before it", i));
    }
    return {};
  }

  /// Morph weights come as single numbers, several for each key.
  static Result<void> read_values(const GltfAccessor& output, SceneSampler& sampler) {
    const std::size_t each = sampler.interpolation == Interpolation::cubic_spline ? 3 : 1;
    const std::size_t keys = sampler.times.size() * each;
    const std::size_t components = output.component_count();
    const bool several = components == 1 && output.count() % keys == 0;
    if (!several && output.count() != keys) {
      return invalid(fmt::format("it has {} keys and {} values", sampler.times.size(), output.count()));
    }
    sampler.width = output.count() / keys * components;
    sampler.values.resize(output.count() * components);
    for (std::size_t i = 0; i < output.count(); ++i) {
      for (std::size_t c = 0; c < components; ++c) {
        const float value = output.value(i, c);
        if (!std::isfinite(value)) return invalid(fmt::format("value {} is not a number", i));
        sampler.values[i * components + c] = value;
      }
    }
    return {};
  }

  static constexpr const char* kTooMuch = "the file's animations unfold to more than they can hold";

  const Json& document_;
  const GltfBuffers& buffers_;
  const GltfPlaces& places_;
  Scene& scene_;
  ImportLog& log_;
  std::uint64_t budget_;  ///< of numbers: small files whose samplers share an accessor cannot take all memory
  std::string element_;   ///< what messages call the animation being read
  std::vector<std::optional<Result<std::size_t>>> known_;  ///< samplers of the animation
  std::multimap<std::size_t, std::size_t> nodes_of_mesh_;  ///< those with its weights, once asked for
  std::string unknown_;
  std::size_t unknown_count_ = 0;
};

}  // namespace

void read_animations(const Json& document, const GltfBuffers& buffers, const GltfPlaces& places, Scene& scene,
                     ImportLog& log) {
  const auto animations = document.find("animations");
  if (animations == document.end()) return;
  if (!animations->is_array()) return log.warn("", "animations is not an array, and is ignored");
  AnimationReader reader(document, buffers, places, scene, log);
  for (std::size_t i = 0; i < animations->size(); ++i) reader.read((*animations)[i], i);
}

}  // namespace oct
