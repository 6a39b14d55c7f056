#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "master/device_fingerprint.hpp"
#include "master/frames_under_way.hpp"
#include "master/lease_desk.hpp"
#include "master/local_roster.hpp"
#include "master/master_events.hpp"
#include "master/slave_roster.hpp"

namespace oct {

struct MasterCoreConfig {
  LinkConfig link;
  std::string computer;  ///< this one's name
  DispatchLimits dispatch;
  AuditConfig audit;
  Digest canary;                         ///< what every device must have computed of it
  std::uint32_t local_devices = 0;       ///< that will be opened or fail
  std::vector<std::string> local_names;  ///< theirs, for people: "GPU 1"; may be empty
  bool network = false;                  ///< slaves may come
  std::uint32_t wait_for_slaves = 0;     ///< grant nothing before this many slaves are here
  Duration wait_at_most = seconds(120);
  Duration stop_grace = seconds(2);  ///< for what is under way when somebody stops it
};

/// Decides everything about a session, the frames that are rendered one after the other by the same devices. It joins
/// FramesUnderWay (what is to be rendered), LeaseDesk (who renders what, and is trusted), SlaveRoster and LocalRoster (who
/// there is), and decides itself when frames begin and end, and what devices are told. The oldest frame is served first,
/// the next one fills its tail. Pure: no clock, socket, thread or file; one thread.
class MasterCore {
 public:
  MasterCore(const MasterCoreConfig& config, Instant now);
  MasterCore(const MasterCore&) = delete;
  MasterCore& operator=(const MasterCore&) = delete;

  MasterActions on(MasterEvent event, Instant now);

  /// A frame that has been added and has not ended; nullptr for any other.
  const Ledger* ledger(FrameId frame) const;
  /// What its film file must tell of such a frame at this moment, in order with MergeIntoFilm and ClearTile.
  FilmUnits film_units(FrameId frame) const;
  std::uint32_t leases_under_way() const { return desk_.dispatcher().leases_held(); }
  double samples_per_second() const { return desk_.samples_per_second(); }  ///< of all devices
  std::uint32_t accepted_slaves() const { return slaves_.accepted(); }
  /// How many slaves must be here before anything is rendered; 0 when nobody is waited for.
  std::uint32_t slaves_awaited() const;
  std::vector<SlaveStatus> slaves(Instant now) const;  ///< all that said hello, in the order they came
  std::optional<SlaveStatus> slave(LinkId link, Instant now) const;
  std::vector<LocalStatus> local_devices() const { return locals_.statuses(desk_.dispatcher()); }
  std::uint64_t units_audited() const { return desk_.units_audited(); }

 private:
  void on_event(LocalDeviceOpened& event, Instant now);
  void on_event(LocalDeviceFailed& event, Instant now);
  void on_event(LocalUploaded& event, Instant now);
  void on_event(LocalAnswer& event, Instant now);
  void on_event(LocalLeaseEnded& event, Instant now);
  void on_event(ReferenceRendered& event, Instant now);
  void on_event(FrameAdded& event, Instant now);
  void on_event(NoMoreFrames& event, Instant now);
  void on_event(LinkOpened& event, Instant now);
  void on_event(LinkMessage& event, Instant now);
  void on_event(LinkAnswers& event, Instant now);
  void on_event(LinkBroken& event, Instant now);
  void on_event(LinkClosed& event, Instant now);
  void on_event(ChunkSent& event, Instant now);
  void on_event(Tick& event, Instant now);
  void on_event(StopAsked& event, Instant now);

  // Frames.
  void fill_slots();
  void upload(std::uint32_t local, FrameId frame);
  void announce(LinkId id, SlaveRecord& slave, FrameId frame);
  void end_what_is_over(Instant now);
  Error no_device_left() const;
  void tell_left_out(std::uint32_t local, const Error& error, std::optional<FrameId> frame);
  std::optional<Error> missing_slaves(Instant now) const;
  void end_frame(FrameId frame, EndReason reason, Instant now, std::optional<Error> error = std::nullopt);
  void end_session(Instant now);
  void grant(Instant now);

  // Devices.
  void answer(DeviceKey key, std::uint64_t lease_id, FilmContribution&& contribution, Instant now);
  void remove_local(LocalDevice& device);
  SlaveLoss loss_of(const SlaveRecord& slave, const Error& error, std::uint32_t leases, Instant now) const;
  void remove_devices(SlaveRecord& slave, Instant now);
  void device_ready(LinkId id, SlaveRecord& slave, DeviceOfFrame ready, Instant now);
  void refuse_canary(LinkId id, SlaveRecord& slave, std::uint32_t device, Instant now);
  void refuse_known(LinkId id, SlaveRecord& slave, std::uint32_t device, DeviceCheck failed, Instant now);
  void refuse(SlaveRecord& slave, std::uint32_t device, DeviceVerdict verdict,
              std::uint64_t units_rendered_again);
  void send_away_if_useless(LinkId id, SlaveRecord& slave, std::uint32_t device, DeviceVerdict verdict,
                            Instant now);
  DeviceFingerprint fingerprint(const SlaveRecord& slave, std::uint32_t device) const;
  DeviceFingerprint fingerprint(const DeviceInfo& local) const;
  bool is_shut_out(const SlaveRecord& slave, std::uint32_t device) const;
  void refuse_local(LocalDevice& device, const std::string& name, DeviceVerdict verdict);
  void shut_out(DeviceKey found, Instant now);
  void clear_what_is_of(const DeviceFingerprint& fingerprint, Instant now);
  void stop_using(DeviceKey key, std::uint64_t units_rendered_again, Instant now);
  std::uint64_t& samples_of(const Worker& worker);

  // Slaves.
  void apply(LinkId id, SlaveRecord& slave, LinkActions&& actions, Instant now);
  void on_lease_return(SlaveRecord& slave, const LeaseReturn& message, Instant now);
  void measure_rate(SlaveRecord& slave, const Heartbeat& heartbeat, Instant now);
  std::optional<DeviceKey> worker_of_lease(const SlaveRecord& slave, std::uint64_t lease_id) const;
  SlaveRoster::View view(Instant now) const;

  template <class Action>
  void act(Action action) {
    actions_.emplace_back(std::move(action));
  }
  void tell(Notice notice) { act(Tell{std::move(notice)}); }

  MasterCoreConfig config_;
  FramesUnderWay frames_;
  LeaseDesk desk_;
  SlaveRoster slaves_;
  LocalRoster locals_;
  std::map<DeviceFingerprint, DeviceCheck> shut_out_;  ///< by what; a new connection changes nothing
  std::optional<Instant> first_frame_;
  bool no_more_frames_ = false;
  bool slaves_awaited_;
  std::optional<Instant> stop_deadline_;
  bool ended_ = false;
  MasterActions actions_;
};

}  // namespace oct
