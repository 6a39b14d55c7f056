#pragma once
#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "master/master_core.hpp"
#include "report/words.hpp"
#include "support/catch.hpp"
#include "support/film_maker.hpp"

namespace oct::test {

/// Leases of one unit each.
inline DispatchLimits small_leases() {
  DispatchLimits limits;
  limits.first_lease_samples = 1;
  limits.growth = 1;
  limits.lease_seconds = 1e-9;
  return limits;
}

inline MasterCoreConfig core_config(std::uint32_t local_devices, bool network,
                                    const DispatchLimits& dispatch = small_leases()) {
  MasterCoreConfig config;
  config.local_devices = local_devices;
  config.network = network;
  config.dispatch = dispatch;
  config.audit.percent = 0;
  return config;
}

/// A master and what it asked for. Frames are added by the test.
struct CoreRig {
  explicit CoreRig(const MasterCoreConfig& config) : core(std::make_unique<MasterCore>(config, now)) {}

  void tell(MasterEvent event, double after_seconds = 0) {
    now += std::chrono::duration_cast<Duration>(std::chrono::duration<double>(after_seconds));
    latest = core->on(std::move(event), now);
    for (const MasterAction& action : latest) note(action);
  }
  void note(const MasterAction& action) {
    if (const auto* grant = std::get_if<GrantLocal>(&action)) {
      local_leases[grant->local].push_back(grant->lease);
      local_slots[grant->lease.id] = grant->slot;
    }
    if (const auto* recall = std::get_if<RecallLocal>(&action)) recalled.push_back(recall->lease_id);
    if (const auto* reference = std::get_if<RenderReference>(&action)) references.push_back(*reference);
    if (const auto* upload = std::get_if<UploadLocal>(&action)) uploads.push_back(*upload);
    if (const auto* announce = std::get_if<AnnounceFrame>(&action)) announced.push_back(announce->frame);
    if (const auto* retract = std::get_if<RetractFrame>(&action)) retracted.push_back(retract->frame);
    if (const auto* clear = std::get_if<ClearTile>(&action)) cleared.push_back(clear->tile);
    if (const auto* tell = std::get_if<Tell>(&action)) notices.push_back(tell->notice);
    if (const auto* merge = std::get_if<MergeIntoFilm>(&action)) merged.push_back(merge->contribution.units);
    if (const auto* frame = std::get_if<FrameEnded>(&action)) frames_ended.push_back(*frame);
    if (std::get_if<SessionEnded>(&action) != nullptr) session_ended = true;
    if (const auto* send = std::get_if<SendToSlave>(&action)) {
      if (const auto* grant = std::get_if<LeaseGrant>(&send->message))
        slave_leases[send->link].push_back(*grant);
      if (const auto* recall = std::get_if<LeaseRecall>(&send->message)) recalled.push_back(recall->lease);
      if (const auto* goodbye = std::get_if<Goodbye>(&send->message)) goodbyes.push_back(goodbye->reason);
    }
  }
  template <class Action>
  const Action* find() const {
    for (const MasterAction& action : latest) {
      if (const auto* found = std::get_if<Action>(&action)) return found;
    }
    return nullptr;
  }
  template <class Message>
  const Message* sent() const {
    for (const MasterAction& action : latest) {
      const auto* send = std::get_if<SendToSlave>(&action);
      if (send == nullptr) continue;
      if (const auto* message = std::get_if<Message>(&send->message)) return message;
    }
    return nullptr;
  }
  template <class Kind>
  const Kind* notice() const {
    for (const Notice& each : notices) {
      if (const auto* found = std::get_if<Kind>(&each)) return found;
    }
    return nullptr;
  }

  void add_frame(FrameId frame, const RenderSettings& picture) {
    settings[frame] = picture;
    tell(FrameAdded{frame, picture, ServedScene{}, {}});
  }
  /// A device of this computer with the scenes of all frames under way.
  void open_local(std::uint32_t local, DeviceKind kind = DeviceKind::cpu) {
    DeviceInfo info;
    info.kind = kind;
    info.index = local;
    info.name = "device " + std::to_string(local);
    tell(LocalDeviceOpened{local, info, Digest()});
    finish_uploads();
  }
  void finish_uploads() {
    for (const UploadLocal& upload : std::exchange(uploads, {}))
      tell(LocalUploaded{upload.local, upload.frame, {}});
  }
  void slave_says_hello(LinkId link, const std::string& name = "SLOW", std::uint32_t devices = 1,
                        const Digest& canary = {}) {
    tell(LinkOpened{link, "10.0.0." + std::to_string(link), false});
    SlaveHello hello;
    hello.name = name;
    hello.devices.resize(devices);
    for (std::uint32_t i = 0; i < devices; ++i) hello.devices[i] = {DeviceKind::cuda, i, "GPU", 1, 0};
    hello.canaries.assign(devices, CanaryResult{canary});
    tell(LinkMessage{link, hello});
  }
  void slave_is_ready(LinkId link, FrameId frame, std::uint32_t device = 0) {
    tell(LinkMessage{link, DeviceReport{frame, device, DeviceState::ready, {}}});
  }
  void slave_joins(LinkId link = 1, FrameId frame = 1, const std::string& name = "SLOW") {
    slave_says_hello(link, name);
    slave_is_ready(link, frame);
  }

  FilmContribution right(FrameId frame, UnitRange units) const {
    return a_contribution(settings.at(frame), units);
  }
  FilmContribution wrong(FrameId frame, UnitRange units) const {
    FilmContribution contribution = right(frame, units);
    contribution.sums[0] += 1;
    return contribution;
  }
  /// It answers the first unit of its first lease, which ends when that was all of it.
  void slave_answers(LinkId link, double after_seconds, bool lies = false) {
    REQUIRE_FALSE(slave_leases[link].empty());
    LeaseGrant& lease = slave_leases[link].front();
    const UnitRange units = lease.units.front();
    const FilmContribution contribution = lies ? wrong(lease.frame, units) : right(lease.frame, units);
    const LinkAnswers answers{link, lease.lease, lease.frame, {contribution}, 100};
    lease.units.erase(lease.units.begin());
    if (lease.units.empty()) slave_leases[link].pop_front();
    tell(answers, after_seconds);
  }
  void local_answers(std::uint32_t local, double after_seconds, FrameId frame = 1) {
    REQUIRE_FALSE(local_leases[local].empty());
    Lease& lease = local_leases[local].front();
    const std::uint64_t id = lease.id;
    const UnitRange units = lease.units.front();
    lease.units.erase(lease.units.begin());
    const bool ends = lease.units.empty();
    if (ends) local_leases[local].pop_front();
    tell(LocalAnswer{local, id, right(frame, units)}, after_seconds);
    if (ends) tell(LocalLeaseEnded{local, id, std::nullopt});
  }
  /// The device answers its leases until it holds one of these units.
  void local_answers_until(std::uint32_t local, UnitRange units) {
    while (local_leases[local].front().units.at(0).tile != units.tile) local_answers(local, 0.01);
  }

  Instant now{};
  std::unique_ptr<MasterCore> core;
  MasterActions latest;
  std::map<FrameId, RenderSettings> settings;
  std::map<std::uint32_t, std::deque<Lease>> local_leases;
  std::map<std::uint64_t, std::uint32_t> local_slots;  ///< of leases
  std::map<LinkId, std::deque<LeaseGrant>> slave_leases;
  std::vector<RenderReference> references;
  std::vector<std::uint64_t> recalled;
  std::vector<UploadLocal> uploads;  ///< not yet answered
  std::vector<FrameId> announced, retracted;
  std::vector<std::uint32_t> cleared;
  std::vector<Notice> notices;
  std::vector<UnitRange> merged;
  std::vector<FrameEnded> frames_ended;
  std::vector<GoodbyeReason> goodbyes;
  bool session_ended = false;
};

}  // namespace oct::test
