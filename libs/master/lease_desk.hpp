#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "film/unit_bits.hpp"
#include "master/auditor.hpp"
#include "master/frames_under_way.hpp"
#include "master/lease_dispatcher.hpp"
#include "master/master_events.hpp"

namespace oct {

/// A device that takes leases, wherever it is, or took them in an earlier run. It stays known when it is gone: a film
/// remembers who filled it.
struct Worker {
  std::optional<LinkId> link;  ///< none: local, or of an earlier run
  std::uint32_t number = 0;    ///< of the local device, or index into SlaveHello::devices
  std::string name;
  bool fills_at_once = false;  ///< a GPU of this computer: its first lease is large
  bool is_reference = false;   ///< what others are compared with
  bool shut_out = false;       ///< it was found wrong
  DeviceFingerprint fingerprint;
  bool is_of_earlier_run = false;
  ComputerId computer = 0;  ///< set when it is added
};

/// Hands leases to devices and takes their answers: joins what a frame wants, what the dispatcher gives whom, and what
/// the auditor wants to see again. Where devices are it knows only to address them. Pure; one thread; time is a
/// parameter; what is to be done is appended to `actions`.
class LeaseDesk {
 public:
  /// `frames` must outlive it.
  LeaseDesk(const DispatchLimits& limits, const AuditConfig& audit, FramesUnderWay& frames)
      : limits_(limits), frames_(frames), dispatcher_(limits), auditor_(audit) {}

  LeaseDispatcher& dispatcher() { return dispatcher_; }
  const LeaseDispatcher& dispatcher() const { return dispatcher_; }
  std::uint64_t units_audited() const { return auditor_.units_audited(); }

  // Devices.
  DeviceKey add(Worker worker, Instant now);
  /// It is gone: what it held goes to others.
  void remove(DeviceKey key);
  Worker& worker(DeviceKey key) { return workers_.at(key); }
  /// nullptr for what is no device: kFromFilmFile.
  const Worker* find_worker(DeviceKey key) const;
  /// All that are the same device, on other connections or in an earlier run, and have not been shut out.
  std::vector<DeviceKey> not_shut_out(const DeviceFingerprint& fingerprint) const;
  /// It cannot render this frame. Returns the leases that it held.
  std::uint32_t set_not_ready(DeviceKey key, FrameId frame, Instant now);
  double samples_per_second() const;  ///< of all

  // Films of earlier runs.
  /// The frame, in which nothing is merged yet, goes on with this film: its devices count as workers, and the audits
  /// that were pending go on.
  void resume(FrameCore& frame, const UnitBits& filled, const FilmHistory& history, Instant now);
  /// What a later run must know of the devices that filled a frame.
  FilmHistory history(const FrameCore& frame) const;

  // Leases.
  /// To whoever has credit, while something useful is left.
  void grant(Instant now, MasterActions& actions);
  /// A device does no more of a lease. Returns how many units nobody has answered.
  std::size_t hand_back(DeviceKey key, std::uint64_t lease_id, Instant now);
  /// Nothing more is given out, and what is held is called back. What comes still is merged only where it needs no audit.
  void stop(MasterActions& actions);
  void frame_ended(FrameId frame, Instant now, MasterActions& actions);
  /// Looks for devices that hang, and for leases of which nothing is wanted any more.
  void tick(Instant now, MasterActions& actions);

  /// What became of a contribution.
  struct Answered {
    enum class Kind { not_asked_for, dropped, merged, compared };
    Kind kind = Kind::not_asked_for;
    std::uint64_t samples = 0;  ///< merged
    bool ended_lease = false;
  };
  Answered answer(DeviceKey key, std::uint64_t lease_id, FilmContribution&& contribution, Instant now,
                  MasterActions& actions);

  // Audits.
  /// The reference renders what nobody else has rendered again in time.
  void ask_reference_for_overdue(Instant now, MasterActions& actions);
  /// What the reference computed. Returns the devices that it proves wrong.
  std::vector<DeviceKey> decide(FrameId frame, const FilmContribution& reference);
  void undecided(FrameId frame, UnitRange units) { auditor_.undecided(frame, units); }
  struct RenderedAgain {
    std::uint64_t tiles = 0;
    std::uint64_t units = 0;                     ///< that the device had filled in this run
    std::map<DeviceKey, std::uint64_t> samples;  ///< that each device loses, itself included
  };
  /// Zeroes every tile that this device filled a unit of, in all frames.
  RenderedAgain render_again(DeviceKey source, MasterActions& actions);
  /// Every sample is merged, and whoever had a part in it has passed the audits that were chosen by then, those of the
  /// next frame, too: a device may have begun with that.
  bool is_proved(FrameCore& frame) const;

 private:
  void enter(DeviceKey key, Worker&& worker);
  DeviceKey key_of_earlier(const DeviceFingerprint& fingerprint);
  bool grant_to(DeviceKey key, Instant now, MasterActions& actions);
  void add_audits(DeviceKey key, GrantedLease& lease, Instant now);
  std::optional<GrantedLease> audit_lease(DeviceKey key, Instant now);
  std::vector<UnitRange> take_audits(DeviceKey key, FrameId frame, double samples, Instant now);
  MasterAction lease_action(const Worker& worker, GrantedLease lease) const;
  MasterAction recall_action(DeviceKey key, std::uint64_t lease_id) const;
  void give_back_audits(DeviceKey key, std::uint64_t lease_id);
  bool needs_audit(const Worker& worker, DeviceKey key, std::uint64_t samples);
  void ask_reference(const Disagreement& asked, MasterActions& actions) const;

  const DispatchLimits limits_;
  FramesUnderWay& frames_;
  LeaseDispatcher dispatcher_;
  Auditor auditor_;
  bool stopping_ = false;  ///< nothing is audited any more
  std::map<DeviceKey, Worker> workers_;
  std::map<Digest, ComputerId> computers_;
  std::map<DeviceFingerprint, DeviceKey> of_earlier_runs_;
};

}  // namespace oct
