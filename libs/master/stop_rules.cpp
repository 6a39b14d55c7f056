#include "master/stop_rules.hpp"

#include <fmt/format.h>

#include "film/film.hpp"
#include "master/master_config.hpp"

namespace oct {

std::string stop_rule_text(const StopChoice& choice) {
  std::string text;
  if (choice.noise_threshold) text = fmt::format("noise {}", *choice.noise_threshold);
  if (choice.time_limit_s) text += fmt::format("{}{} s", text.empty() ? "" : " or ", *choice.time_limit_s);
  return text;
}

StopRules stop_rules(const StopChoice& choice, const RenderSettings& settings, const Film* film) {
  StopRules rules;
  if (choice.time_limit_s)
    rules.time_limit =
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*choice.time_limit_s));
  if (!choice.noise_threshold) return rules;
  rules.noise.emplace(settings, *choice.noise_threshold);
  for (std::uint32_t tile = 0; film != nullptr && tile < film->tile_samples().size(); ++tile) {
    if (film->tile_samples()[tile] > 0) rules.noise->restore(tile, film->tile_sums(tile));
  }
  return rules;
}

}  // namespace oct
