#pragma once
#include <optional>
#include <string>

#include "base/instant.hpp"
#include "master/noise_rule.hpp"

namespace oct {

/// What may end a picture before all of its samples are merged. Whatever ends it, each tile has its samples 0 to n - 1.
struct StopRules {
  /// Ends tiles one by one; with the sums of the film that is gone on with.
  std::optional<NoiseRule> noise;
  /// Ends all tiles at one number of samples, which devices reach within about this time; none = no limit.
  std::optional<Duration> time_limit;
};

class Film;
struct StopChoice;

/// "noise 0.02", "600 s", or both joined by " or "; empty where every pixel gets all samples that are asked for.
std::string stop_rule_text(const StopChoice& choice);

/// Those that the user chose, for a picture of these settings.
///   film  that is gone on with; nullptr = none
StopRules stop_rules(const StopChoice& choice, const RenderSettings& settings, const Film* film);

}  // namespace oct
