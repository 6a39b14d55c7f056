#include <algorithm>
#include <deque>

#include "net/send_queue.hpp"
#include "support/catch.hpp"
#include "wire/codec.hpp"
#include "wire/packet.hpp"

namespace oct {
namespace {

/// A sending socket and the cable behind it, in simulated time: the system takes bytes while less than
/// `unsent_limit` are unsent (TCP_NOTSENT_LOWAT), and the cable carries them away at its rate.
class SimCable {
 public:
  SimCable(double bytes_per_second, std::size_t unsent_limit)
      : rate_(bytes_per_second), limit_(static_cast<double>(unsent_limit)) {}

  bool takes_bytes() const { return unsent_ < limit_; }
  void write(std::size_t bytes) { unsent_ += static_cast<double>(bytes); }
  void pass(double seconds) { unsent_ = std::max(0.0, unsent_ - rate_ * seconds); }
  /// Until everything written so far has left.
  double seconds_to_drain() const { return unsent_ / rate_; }

 private:
  double rate_, limit_;
  double unsent_ = 0;
};

struct Measured {
  double worst_control_s = 0;
  double bulk_bytes = 0;
};

/// Keeps the bulk lane of the product's queue full and pushes a heartbeat at odd moments. As the connection's
/// writer does, a packet is written to its end before the next is chosen. Measures from the push to the
/// leaving of the last byte.
class Simulation {
 public:
  Simulation(double bytes_per_second, std::size_t bulk_bytes, std::size_t unsent_limit)
      : cable_(bytes_per_second, unsent_limit), bulk_bytes_(bulk_bytes) {}

  Measured run(double seconds) {
    constexpr double kStep = 20e-6;
    for (now_ = 0; now_ < seconds; now_ += kStep) {
      push();
      while (cable_.takes_bytes()) {
        push();
        write();
      }
      cable_.pass(kStep);
    }
    return measured_;
  }

 private:
  void push() {
    while (queue_.has_room()) REQUIRE(queue_.push(Lane::bulk, Bytes(bulk_bytes_)));
    if (now_ < next_heartbeat_) return;
    REQUIRE(queue_.push(Lane::control, heartbeat_));
    pushed_at_.push_back(now_);
    next_heartbeat_ = now_ + 0.0371 + 0.0013 * (heartbeats_++ % 17);  // falls on all phases of a bulk packet
  }

  void write() {
    if (written_ == current_.size()) {
      current_ = *queue_.next();
      written_ = 0;
    }
    const std::size_t piece = std::min<std::size_t>(current_.size() - written_, 64 * 1024);
    cable_.write(piece);
    written_ += piece;
    if (written_ == current_.size()) finish_packet();
  }

  void finish_packet() {
    if (current_.size() != heartbeat_.size()) {
      measured_.bulk_bytes += static_cast<double>(current_.size());
      return;
    }
    measured_.worst_control_s =
        std::max(measured_.worst_control_s, now_ + cable_.seconds_to_drain() - pushed_at_.front());
    pushed_at_.pop_front();
  }

  const Bytes heartbeat_ = encode(Heartbeat{~0ull});
  SimCable cable_;
  const std::size_t bulk_bytes_;
  SendQueue queue_;
  std::deque<double> pushed_at_;  // of heartbeats not yet written
  Bytes current_;
  std::size_t written_ = 0;
  double now_ = 0, next_heartbeat_ = 0;
  int heartbeats_ = 0;
  Measured measured_;
};

constexpr double k100Mbit = 12.5e6;

TEST_CASE("control stays under 100 ms behind bulk on a 100 Mbit cable", "[net]") {
  const Measured measured = Simulation(k100Mbit, kMaxPacketBytes, kUnsentBytes).run(10);
  CHECK(measured.worst_control_s < 0.1);
  CHECK(measured.worst_control_s > 0.02);             // the model does hold it up
  CHECK(measured.bulk_bytes > 0.97 * k100Mbit * 10);  // and the cable is kept full
}

TEST_CASE("without bounds on packet and unsent bytes control would be late", "[net]") {
  CHECK(Simulation(k100Mbit, 8 << 20, kUnsentBytes).run(5).worst_control_s > 0.3);
  CHECK(Simulation(k100Mbit, kMaxPacketBytes, 4 << 20).run(5).worst_control_s > 0.3);
}

}  // namespace
}  // namespace oct
