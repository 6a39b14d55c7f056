#include "net/send_queue.hpp"

namespace oct {

bool SendQueue::push(Lane lane, Bytes packet) {
  const std::size_t size = packet.size();
  if (lane == Lane::control) {
    if (control_.size() == kMaxControlQueuePackets || control_bytes_ + size > kMaxControlQueueBytes)
      return false;
    control_bytes_ += size;
    control_.push_back(std::move(packet));
  } else {
    if (bulk_bytes_ + size > kMaxBulkQueueBytes) return false;
    bulk_bytes_ += size;
    bulk_.push_back(std::move(packet));
  }
  return true;
}

std::optional<Bytes> SendQueue::next() {
  if (empty()) return std::nullopt;
  const bool is_control = !control_.empty();
  std::deque<Bytes>& lane = is_control ? control_ : bulk_;
  Bytes packet = std::move(lane.front());
  lane.pop_front();
  (is_control ? control_bytes_ : bulk_bytes_) -= packet.size();
  return packet;
}

}  // namespace oct
