#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "master/master_core.hpp"

namespace oct {

/// Where a render stands, for people and programs.
struct ProgressView {
  std::int32_t frame = 1;
  std::uint32_t frame_number = 1, frames_total = 1;  ///< this is frame_number of frames_total
  std::uint32_t frames_done = 0;
  std::uint64_t samples_merged = 0, samples_wanted = 0;  ///< of all frames
  std::uint64_t pixels = 1;
  std::uint32_t samples_per_pixel_wanted = 1;
  double samples_per_second = 0;
  double seconds = 0;
  bool network = false;
  std::uint32_t slaves = 0;
  std::uint32_t net_devices_used = 0, net_devices = 0;
  std::uint32_t slaves_updating = 0, slaves_updated = 0;
  std::uint64_t bytes_pending = 0, bytes_total = 0;  ///< of render data to slaves
  std::uint32_t slaves_network_bound = 0;            ///< the way from them to here is the limit

  double percent() const;
  std::uint32_t samples_per_pixel() const;
  double seconds_left() const;  ///< 0 = not known
};

/// "0:02", from an hour on "1:02:03".
std::string duration_text(double seconds_long);

/// "61.3 Ms/s"; three digits that say something.
std::string speed_text(double samples_per_second);

/// "61 MB".
std::string megabytes_text(std::uint64_t bytes);

/// The status bar in at most `width` columns: parts fall away from the right.
std::string bar_text(const ProgressView& view, std::size_t width);

/// "Progress: 42% frame 1 (1 of 1)".
std::string plain_text(const ProgressView& view);

/// What a slave does as a line: "RENDER1: rendering (2 GPUs)"; empty for what is not worth one.
std::string slave_text(const SlaveStatus& status);

/// One word for JSON: "updating".
const char* doing_word(SlaveDoing doing);
/// The daemon's vocabulary for the same slave: "running", "authenticating", "invalid_version".
const char* state_word(SlaveDoing doing);

}  // namespace oct
