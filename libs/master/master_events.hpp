#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "device/device.hpp"
#include "master/lease_dispatcher.hpp"
#include "report/notice.hpp"
#include "wire/messages.hpp"

// What the master core is told, and what it asks to be done. All are values.

namespace oct {

// Events.

/// A device of this computer has the scene and takes leases. `local` counts from 0.
struct LocalDeviceReady {
  std::uint32_t local = 0;
  DeviceInfo info;
};
/// It cannot be used, or not any more.
struct LocalDeviceFailed {
  std::uint32_t local = 0;
  Error error;
};
struct LocalAnswer {
  std::uint32_t local = 0;
  std::uint64_t lease_id = 0;
  FilmContribution contribution;
};
struct LocalLeaseEnded {
  std::uint32_t local = 0;
  std::uint64_t lease_id = 0;
  std::optional<Error> error;
};
/// The master's own render of the units that RenderReference named.
struct ReferenceRendered {
  DeviceKey device = 0;
  Result<FilmContribution> contribution;
};
struct LinkOpened {
  LinkId link = 0;
  std::string address;         ///< numeric, without port
  bool same_computer = false;  ///< its bytes do not load the network
};
/// Any message but FilmContributions.
struct LinkMessage {
  LinkId link = 0;
  RenderMessage message;
};
/// A packet of contributions, unpacked and checked. In order with the link's messages.
struct LinkAnswers {
  LinkId link = 0;
  std::uint64_t lease_id = 0;
  std::vector<FilmContribution> contributions;
  std::uint64_t bytes = 0;  ///< that travelled
};
/// The slave sent what cannot be unpacked.
struct LinkBroken {
  LinkId link = 0;
  std::string why;
};
struct LinkClosed {
  LinkId link = 0;
  Error error;
};
/// A chunk was handed to the connection.
struct ChunkSent {
  LinkId link = 0;
};
/// Some time has passed; comes several times a second.
struct Tick {};
/// Somebody wants the render to stop: take what is on its way, then end.
struct StopAsked {};

using MasterEvent =
    std::variant<LocalDeviceReady, LocalDeviceFailed, LocalAnswer, LocalLeaseEnded, ReferenceRendered,
                 LinkOpened, LinkMessage, LinkAnswers, LinkBroken, LinkClosed, ChunkSent, Tick, StopAsked>;

// Actions.

struct GrantLocal {
  std::uint32_t local = 0;
  Lease lease;
};
/// End all leases of a local device; what is finished stays valid.
struct CancelLocal {
  std::uint32_t local = 0;
};
/// End one lease of a local device, whatever else it holds.
struct RecallLocal {
  std::uint32_t local = 0;
  std::uint64_t lease_id = 0;
};
/// Render these units on the master's own reference device and answer with ReferenceRendered.
struct RenderReference {
  DeviceKey device = 0;
  UnitRange units{};
};
struct SendToSlave {
  LinkId link = 0;
  RenderMessage message;
};
/// The slave was accepted: heartbeats from now on, then the manifest.
struct EstablishLink {
  LinkId link = 0;
};
struct SendChunks {
  LinkId link = 0;
  std::vector<ChunkId> chunks;
};
/// Close when everything is sent.
struct FinishLink {
  LinkId link = 0;
};
/// Add to the film; each sample comes exactly once.
struct MergeIntoFilm {
  FilmContribution contribution;
};
/// Something to tell people.
struct Tell {
  Notice notice;
};
/// What a slave does has changed.
struct SlaveChanged {
  LinkId link = 0;
};
/// Nothing more will come: every sample is merged, somebody stopped it, or it cannot go on.
struct RenderEnded {
  enum class Reason { complete, stopped, failed };
  Reason reason = Reason::complete;
  std::optional<Error> error;
};

using MasterAction =
    std::variant<GrantLocal, CancelLocal, RecallLocal, RenderReference, SendToSlave, EstablishLink,
                 SendChunks, FinishLink, MergeIntoFilm, Tell, SlaveChanged, RenderEnded>;
using MasterActions = std::vector<MasterAction>;

}  // namespace oct
