#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "report/render_status.hpp"

// Where a render stands: what follows from its status, and the two forms of it that are made for people. All functions are
// pure.

namespace oct {

/// Of the frame's samples, 0-100.
double frame_percent(const RenderStatus& status);
/// Of the whole render, 0-100: the frames before this one, and its part.
double percent(const RenderStatus& status);
/// Whole samples of each pixel.
std::uint32_t samples_per_pixel(const RenderStatus& status);
/// Of this frame; 0 = not known.
double seconds_left(const RenderStatus& status);

/// Those that are connected and not refused, added up.
NetworkTotals totals_of(const std::vector<SlaveStatus>& slaves);

/// The status bar in at most `width` columns: where it is too long, its pieces fall away one by one, in a fixed order;
/// slaves, updating and time left are the last.
std::string bar_text(const RenderStatus& status, std::size_t width);
/// The table under the bar, a line each, at most `rows` slaves and "and N others": "  RENDER1    idle".
std::vector<std::string> slave_rows(const RenderStatus& status, std::size_t rows);
/// "Progress: 42% frame 101 (101 of 240)".
std::string plain_text(const RenderStatus& status);

// The lines that Open Job Description looks for in the output of a task.

/// "openjd_progress: 42.0"
std::string openjd_progress_line(const RenderStatus& status);
/// "openjd_status: frame 101 (101 of 240), 342/1000 spp, 48.2 Ms/s"
std::string openjd_status_line(const RenderStatus& status);
/// "openjd_status: Loading shot.glb"
std::string openjd_status_line(const std::string& text);
/// "openjd_fail: ...", in one line.
std::string openjd_fail_line(const Error& error);

}  // namespace oct
