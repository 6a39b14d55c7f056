#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "master/lease_dispatcher.hpp"
#include "master/link_rate.hpp"
#include "master/slave_link.hpp"
#include "report/render_status.hpp"

namespace oct {

/// One connection of a slave: its conversation, its devices, and what it did so far.
struct SlaveRecord {
  SlaveRecord(SlaveLink link, bool is_same_computer, Instant now)
      : conversation(std::move(link)), joined(now), last_progress(now), same_computer(is_same_computer) {}

  /// It is here and may be sent something.
  bool takes_messages() const { return connected && !said_goodbye && conversation.accepted(); }

  SlaveLink conversation;
  Instant joined;
  Instant last_progress;
  LinkRate rate{Instant{}};
  std::map<std::uint32_t, DeviceKey> keys;  ///< of its devices in use, by index into SlaveHello::devices
  std::set<std::uint32_t> refused;          ///< of its devices: not used, and people were told
  bool same_computer;
  bool connected = true;
  bool said_goodbye = false;
  SlaveDoing end_doing = SlaveDoing::lost;
  SlaveEnd end;
  std::uint64_t bytes_in = 0;
  Instant ready_at{};                                                    ///< its first device took leases
  double seconds_busy = 0, seconds_waiting = 0, samples_per_second = 0;  ///< of devices that are gone
  std::uint32_t leases_merged = 0, leases_returned = 0, leases_lost = 0, dropped = 0;
  std::uint64_t samples = 0;  ///< merged
};

/// All slaves that have been here, in the order they came, and what people are told of them. Pure.
class SlaveRoster {
 public:
  SlaveRecord& open(LinkId link, SlaveRecord record) {
    return records_.emplace(link, std::move(record)).first->second;
  }
  SlaveRecord* find(LinkId link);
  void forget(LinkId link) { records_.erase(link); }

  std::map<LinkId, SlaveRecord>& all() { return records_; }
  const std::map<LinkId, SlaveRecord>& all() const { return records_; }
  /// Here now, and welcome.
  std::uint32_t accepted() const;

  struct View {
    const LeaseDispatcher& dispatcher;
    Duration suspect_after;
    bool stopping;
    Instant now;
  };
  /// Those that said hello.
  std::vector<SlaveStatus> statuses(const View& view) const;
  std::optional<SlaveStatus> status(LinkId link, const View& view) const;

  /// Its devices take no more leases: what they did is added up, and `leases_lost` are those they held.
  static std::vector<DeviceKey> close_devices(SlaveRecord& record, const View& view);

 private:
  std::map<LinkId, SlaveRecord> records_;
};

}  // namespace oct
