#include "report/render_outcome.hpp"

namespace oct {

std::uint64_t RenderOutcome::samples_wanted() const {
  std::uint64_t sum = 0;
  for (const FrameOutcome& frame : frames) sum += frame.samples_wanted;
  return sum;
}

std::uint64_t RenderOutcome::samples_merged() const {
  std::uint64_t sum = 0;
  for (const FrameOutcome& frame : frames) sum += frame.samples_merged;
  return sum;
}

std::uint64_t RenderOutcome::samples_rendered() const {
  std::uint64_t sum = 0;
  for (const FrameOutcome& frame : frames) {
    if (frame.samples_merged > frame.samples_resumed) sum += frame.samples_merged - frame.samples_resumed;
  }
  return sum;
}

std::uint64_t RenderOutcome::non_finite_samples() const {
  std::uint64_t sum = 0;
  for (const FrameOutcome& frame : frames) sum += frame.non_finite_samples;
  return sum;
}

std::optional<std::string> RenderOutcome::film_hash() const {
  return frames.size() == 1 ? frames.front().film_hash : std::nullopt;
}

}  // namespace oct
