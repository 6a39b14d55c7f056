#pragma once
#include <deque>
#include <optional>

#include "base/bytes.hpp"
#include "wire/messages.hpp"

namespace oct {

/// What a connection writes next: control before bulk, each in its order. Pure.
class SendQueue {
 public:
  /// False when this lane is full (limits.hpp): the peer does not read, or the owner does not listen to
  /// has_room().
  [[nodiscard]] bool push(Lane lane, Bytes packet);

  /// The packet to write now; nothing when all is written.
  std::optional<Bytes> next();

  bool empty() const { return control_.empty() && bulk_.empty(); }
  /// Whether the owner may hand over more bulk.
  bool has_room() const { return bulk_bytes_ < kBulkRoomBytes; }

 private:
  std::deque<Bytes> control_, bulk_;
  std::size_t control_bytes_ = 0, bulk_bytes_ = 0;
};

}  // namespace oct
