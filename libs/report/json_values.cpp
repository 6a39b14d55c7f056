#include "report/json_values.hpp"

#include <algorithm>
#include <cmath>

#include "base/json_text.hpp"

namespace oct {

const char* frame_state_word(FrameState state) {
  switch (state) {
    case FrameState::done: return "done";
    case FrameState::skipped: return "skipped";
    case FrameState::failed: return "failed";
    case FrameState::cancelled: return "cancelled";
  }
  return "failed";
}

const char* stop_reason_word(StopReason reason) {
  switch (reason) {
    case StopReason::samples: return "samples";
    case StopReason::time_limit: return "time_limit";
    case StopReason::noise_threshold: return "noise_threshold";
    case StopReason::cancelled: return "cancelled";
    case StopReason::failed: return "failed";
  }
  return "failed";
}

Json hash_or_null(const std::optional<Digest>& digest) {
  return digest ? Json(digest->short_text()) : Json(nullptr);
}

double percent_value(double percent) {
  return std::floor(percent * 10) / 10;
}

double rounded_seconds(double value) {
  return std::round(value * 1000) / 1000;
}

std::uint64_t whole_number(double value) {
  return static_cast<std::uint64_t>(std::max(0.0, std::round(value)));
}

/// Of a picture that is there; null of others.
Json stop_reason_of(const FrameOutcome& frame) {
  const bool is_there = frame.state == FrameState::done || frame.state == FrameState::skipped;
  return is_there ? Json(stop_reason_word(frame.stop_reason)) : Json(nullptr);
}

/// Tiles of a picture that a rule has ended differ.
std::uint32_t least_samples(const FrameOutcome& frame) {
  return frame.least_samples_per_pixel != 0 ? frame.least_samples_per_pixel : frame.samples_per_pixel;
}

Json frame_values(const FrameOutcome& frame) {
  return {{"frame", frame.frame},
          {"job", nullable(frame.job)},
          {"state", frame_state_word(frame.state)},
          {"render_key", hash_or_null(frame.render_key)},
          {"film_hash", nullable(frame.film_hash.value_or(""))},
          {"stop_reason", stop_reason_of(frame)},
          {"samples_per_pixel", frame.samples_per_pixel},
          {"least_samples_per_pixel", least_samples(frame)},
          {"samples_wanted", frame.samples_wanted},
          {"samples_merged", frame.samples_merged},
          {"seconds", rounded_seconds(frame.seconds)},
          {"outputs", frame.outputs},
          {"error", frame.error ? Json(frame.error->message) : Json(nullptr)}};
}

}  // namespace oct
