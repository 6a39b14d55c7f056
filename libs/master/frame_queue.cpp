#include "master/frame_queue.hpp"

namespace oct {

std::optional<std::size_t> FrameQueue::next() {
  const std::size_t most_written = ahead_;  // beside those that are rendered
  const bool is_early = rendering_ > ahead_ || rendering_ + writing_ > ahead_ + most_written;
  if (loading_ || begun_ == frames_ || is_early) return std::nullopt;
  loading_ = true;
  return begun_++;
}

}  // namespace oct
