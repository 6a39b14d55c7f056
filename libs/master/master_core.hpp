#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "master/device_gate.hpp"
#include "master/lease_dispatcher.hpp"
#include "master/ledger.hpp"
#include "master/link_rate.hpp"
#include "master/master_events.hpp"
#include "master/slave_link.hpp"
#include "report/render_status.hpp"

namespace oct {

struct MasterCoreConfig {
  LinkConfig link;
  DispatchLimits dispatch;
  std::uint32_t local_devices = 0;    ///< that will become ready or fail
  bool network = false;               ///< slaves may come
  std::uint32_t wait_for_slaves = 0;  ///< grant nothing before so many are here
  Duration wait_at_most = seconds(120);
  Duration stop_grace = seconds(2);  ///< for what is under way when somebody stops the render
};

/// Decides everything about one render: which device gets which units, what is merged, who is trusted, when
/// it ends. Local devices and those of slaves are alike to it. Pure: no clock, socket, thread or file; one
/// thread.
class MasterCore {
 public:
  /// `settings` must have passed check_settings.
  MasterCore(const MasterCoreConfig& config, const RenderSettings& settings, ServedScene scene, Instant now);
  MasterCore(const MasterCore&) = delete;
  MasterCore& operator=(const MasterCore&) = delete;

  MasterActions on(MasterEvent event, Instant now);

  const Ledger& ledger() const { return ledger_; }
  std::uint32_t leases_under_way() const { return dispatcher_.leases_held(); }
  double samples_per_second() const;  ///< of all devices
  std::uint32_t accepted_slaves() const;
  std::vector<SlaveStatus> slaves(Instant now) const;  ///< all that said hello, in the order they came
  std::optional<SlaveStatus> slave(LinkId link, Instant now) const;
  std::vector<LocalStatus> local_devices() const;

 private:
  /// A device that takes leases, wherever it is.
  struct Worker {
    DeviceGate gate;
    SourceId source;
    std::optional<LinkId> link;  ///< none: local
    std::uint32_t number;        ///< of the local device, or index into SlaveHello::devices
    std::uint64_t samples = 0;   ///< merged
  };
  struct Link {
    explicit Link(SlaveLink link) : conversation(std::move(link)) {}
    SlaveLink conversation;
    SourceId source = kNoSource;
    Instant joined{};
    Instant last_progress{};
    LinkRate rate{Instant{}};
    std::map<std::uint32_t, DeviceKey> keys;  ///< by index into SlaveHello::devices
    bool same_computer = false;
    bool connected = true;
    bool said_goodbye = false;
    SlaveDoing end = SlaveDoing::lost;
    SlaveEnd why_ended;
    std::uint64_t bytes_in = 0;
    Instant ready_at{};  ///< its first device took leases
    double seconds_busy = 0;
    double seconds_waiting = 0;
    double samples_per_second = 0;
    std::uint32_t leases_merged = 0, leases_returned = 0, dropped = 0;
    std::uint64_t samples = 0;
    std::uint32_t leases_lost = 0;
  };

  void on_event(LocalDeviceReady& event, Instant now);
  void on_event(LocalDeviceFailed& event, Instant now);
  void on_event(LocalAnswer& event, Instant now);
  void on_event(LocalLeaseEnded& event, Instant now);
  void on_event(ReferenceRendered& event, Instant now);
  void on_event(LinkOpened& event, Instant now);
  void on_event(LinkMessage& event, Instant now);
  void on_event(LinkAnswers& event, Instant now);
  void on_event(LinkBroken& event, Instant now);
  void on_event(LinkClosed& event, Instant now);
  void on_event(ChunkSent& event, Instant now);
  void on_event(Tick& event, Instant now);
  void on_event(StopAsked& event, Instant now);

  void apply(LinkId id, Link& link, LinkActions&& actions, Instant now);
  void on_lease_return(Link& link, const LeaseReturn& message, Instant now);
  DeviceKey add_worker(std::optional<LinkId> link, std::uint32_t number, SourceId source, bool trusted,
                       Instant now);
  void answer(DeviceKey key, std::uint64_t lease_id, FilmContribution&& contribution, Instant now);
  void merge(DeviceKey key, Answer&& answer);
  void refuse_device(DeviceKey key, Instant now);
  void remove_workers(Link& link, Instant now);
  void measure_rate(Link& link, const Heartbeat& heartbeat, Instant now);
  double waiting_seconds(const Link& link, Instant now) const;
  std::optional<DeviceKey> worker_of_lease(const Link& link, std::uint64_t lease_id) const;
  void recall_superseded();
  void grant(Instant now);
  void end_if_over(Instant now);
  void end(RenderEnded::Reason reason, Instant now, std::optional<Error> error = std::nullopt);
  SlaveStatus status_of(LinkId id, const Link& link, Instant now) const;
  SlaveDoing doing_of(const Link& link, Instant now) const;
  template <class Action>
  void act(Action action) {
    actions_.emplace_back(std::move(action));
  }

  MasterCoreConfig config_;
  ServedScene scene_;
  Ledger ledger_;
  LeaseDispatcher dispatcher_;
  std::map<DeviceKey, Worker> workers_;
  std::map<LinkId, Link> links_;
  std::map<std::uint32_t, DeviceKey> locals_;
  std::map<std::uint32_t, DeviceInfo> local_infos_;
  std::map<std::uint32_t, std::uint64_t> local_samples_;
  std::uint32_t locals_pending_;
  std::optional<Error> local_error_;
  SourceId next_source_ = 0;
  Instant started_;
  bool slaves_awaited_;
  std::optional<Instant> stop_deadline_;
  bool ended_ = false;
  MasterActions actions_;
};

}  // namespace oct
