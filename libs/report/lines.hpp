#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "device/device_plan.hpp"
#include "report/network_summary.hpp"
#include "report/render_outcome.hpp"
#include "report/scene_summary.hpp"

// The lines of a render on stdout: what is rendered with what, and what it came to. All functions are pure.

namespace oct {

/// "Film       1280x720, ..."
std::string labelled(std::string_view label, std::string_view text);

std::string scene_line(const SceneSummary& scene);
std::string devices_line(const DevicePlan& plan);
std::string film_line(const FilmSummary& film);
std::string network_line(const NetworkSummary& network);

/// "Frame 12/240   out/shot.0012.exr   500 spp   4.1 s   sha256:..."; `number` of `total` frames, from 1.
std::string frame_line(const FrameOutcome& frame, std::size_t number, std::size_t total);

/// "Picture", "Summary", "Film hash", "Shares"; `host` is this computer's name.
std::vector<std::string> summary_lines(const RenderOutcome& outcome, const std::string& host);

}  // namespace oct
