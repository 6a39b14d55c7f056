#pragma once
#include <cstdint>

#include "base/instant.hpp"

namespace oct {

/// Is the way from one slave to the master the limit of what it can deliver? What a way carries is measured
/// while it is full, that is, while the slave's writer waits for it nearly all the time; it is the limit
/// while sums of one pass each would need more than half of that. Nothing is assumed of a way that has never
/// been full. Pure; one thread.
class LinkRate {
 public:
  explicit LinkRate(Instant now) : since_(now) {}

  /// Contributions have come. `narrow_bytes`: what they would be with one pass in each sum.
  void add(std::uint64_t bytes, std::uint64_t narrow_bytes) {
    bytes_ += bytes;
    narrow_bytes_ += narrow_bytes;
  }

  /// The slave's writer has waited so long since the connection began. Measures over a second or more.
  void waited(Duration total, Instant now);

  /// As of the last measurement.
  bool bound() const { return bound_; }

 private:
  Instant since_;
  Duration waited_{};
  std::uint64_t bytes_ = 0, narrow_bytes_ = 0;
  double capacity_ = 0;  ///< bytes a second; 0 = never full
  bool was_full_ = false;
  bool bound_ = false;
};

}  // namespace oct
