#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "slave/scene_slot.hpp"
#include "slave/slave_events.hpp"
#include "slave/slave_outbox.hpp"
#include "slave/slave_trouble.hpp"

namespace oct {

/// The leases that devices are at work on, as jobs: takes them, sends what is finished, hands back what is not. Pure; one
/// thread; time is a parameter.
class SlaveJobs {
 public:
  /// `outbox` must outlive it.
  explicit SlaveJobs(SlaveOutbox& outbox) : outbox_(outbox) {}

  /// For the frame in `slot`, the slot of this number.
  std::optional<MasterAtFault> begin(LeaseGrant&& grant, const SceneSlot& slot, std::uint32_t slot_number);
  void recall(std::uint64_t lease);
  void finished(UnitsFinished&& event, Instant now);

  struct FailedDevice {
    std::uint32_t slot = 0;
    std::uint32_t device = 0;
    Error error;
  };
  /// What is left of its lease goes back. Returns the device when that is why it ended.
  std::optional<FailedDevice> ended(const JobEnded& event);

  /// The device does not come back: its leases go back, and nobody waits for it.
  void give_up(std::uint32_t device);

  /// Sends what has waited for other units long enough.
  void flush_overdue(Instant now);
  /// What is under way in this slot is of no use to anybody.
  void drop(std::uint32_t slot);
  void cancel_all();
  /// The slave is about to leave its master: what is finished is still sent, and nothing more is taken until the
  /// connection is lost.
  void leave();
  /// What was granted by a connection that is gone is rendered by others by now.
  void connection_lost();

  bool none_left() const { return jobs_.empty(); }
  std::uint64_t progress() const { return progress_; }

 private:
  /// `lease` is 0 for one that nobody wants any more.
  struct Job {
    std::uint64_t lease = 0;
    FrameId frame = kNoFrame;
    std::uint32_t slot = 0;
    std::uint32_t device = 0;
    std::size_t units_left = 0;
    std::vector<FilmContribution> finished;  ///< not yet sent
    Instant oldest{};
    bool recalled = false;
  };

  std::uint32_t wanted_of(std::uint32_t device) const;
  void flush(Job& job);
  void hand_back(std::uint64_t lease, const std::string& why);

  SlaveOutbox& outbox_;
  std::map<std::uint64_t, Job> jobs_;
  std::uint64_t next_job_ = 1;
  bool leaving_ = false;
  std::uint64_t progress_ = 0;
};

}  // namespace oct
