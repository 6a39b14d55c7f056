#include "film/render_key.hpp"

#include <fmt/format.h>

#include <bit>

namespace oct {
namespace {

/// Calls visitor(name, member) for each setting that the samples depend on; the rest is how many of them are
/// wanted, and in which pieces.
template <class Visitor>
void each_key_setting(Visitor&& visitor) {
  visitor("film width", &RenderSettings::width);
  visitor("film height", &RenderSettings::height);
  visitor("seed", &RenderSettings::seed);
  visitor("maximum depth", &RenderSettings::max_depth);
  visitor("film quantum 2^", &RenderSettings::quantum_log2);
  visitor("largest contribution", &RenderSettings::contribution_limit);
  visitor("largest indirect contribution", &RenderSettings::indirect_limit);
  visitor("frame", &RenderSettings::frame);
}

}  // namespace

Digest render_key(const FilmSource& source, const RenderSettings& settings) {
  Sha256 hash;
  hash.add(std::string_view("octane render key 2"));
  hash.add(bytes_of_value(source.scene_hash));
  hash.add(bytes_of_value(source.kernel_hash));
  each_key_setting([&](const char*, auto member) { hash.add(bytes_of_value(settings.*member)); });
  return hash.finish();
}

std::optional<std::string> render_difference(const FilmSource& held, const RenderSettings& held_settings,
                                             const FilmSource& now, const RenderSettings& settings_now) {
  std::string text;
  each_key_setting([&](const char* name, auto member) {
    const auto before = held_settings.*member;
    const auto after = settings_now.*member;
    if (std::bit_cast<u32>(before) == std::bit_cast<u32>(after)) return;
    text += fmt::format("{}{} {}, now {}", text.empty() ? "" : ", ", name, before, after);
  });
  if (!text.empty()) return text;  // another size is another camera, too
  if (held.kernel_hash != now.kernel_hash) return "another version of the renderer";
  if (held.scene_hash != now.scene_hash) return "another scene, camera or environment";
  return std::nullopt;
}

}  // namespace oct
