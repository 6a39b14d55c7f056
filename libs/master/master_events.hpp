#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "device/device.hpp"
#include "film/film_history.hpp"
#include "master/lease_dispatcher.hpp"
#include "report/notice.hpp"
#include "wire/frame_id.hpp"
#include "wire/messages.hpp"

// What the master core is told, and what it asks to be done. All are values.

namespace oct {

// Events.

/// A device of this computer can be used. `local` counts from 0.
struct LocalDeviceOpened {
  std::uint32_t local = 0;
  DeviceInfo info;
  Result<Digest> canary = Digest();
};
/// It cannot be used, or not any more, for any frame.
struct LocalDeviceFailed {
  std::uint32_t local = 0;
  Error error;
};
/// It has the scene that UploadLocal named, or cannot take it.
struct LocalUploaded {
  std::uint32_t local = 0;
  FrameId frame = kNoFrame;
  Result<void> result;
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
  FrameId frame = kNoFrame;
  UnitRange units{};
  Result<FilmContribution> contribution;
};
/// One more picture to render, behind those that are there.
struct FrameAdded {
  FrameId frame = kNoFrame;  ///< larger than all before
  RenderSettings settings{};
  ServedScene scene;
  std::vector<bool>
      filled;  ///< units that an earlier run has merged, as Ledger::restore takes them; empty: none
  FilmHistory history = {};  ///< of that run
  StopRules rules = {};
};
/// When the last frame is done the session ends.
struct NoMoreFrames {};
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
  FrameId frame = kNoFrame;
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
/// Somebody wants it all to stop: take what is on its way, then end.
struct StopAsked {};

using MasterEvent =
    std::variant<LocalDeviceOpened, LocalDeviceFailed, LocalUploaded, LocalAnswer, LocalLeaseEnded,
                 ReferenceRendered, FrameAdded, NoMoreFrames, LinkOpened, LinkMessage, LinkAnswers,
                 LinkBroken, LinkClosed, ChunkSent, Tick, StopAsked>;

// Actions.

/// Give a device of this computer the scene of a frame; answered by LocalUploaded.
struct UploadLocal {
  std::uint32_t local = 0;
  std::uint32_t slot = 0;  ///< of the device, below kSceneSlots; what it held is replaced
  FrameId frame = kNoFrame;
};
struct GrantLocal {
  std::uint32_t local = 0;
  std::uint32_t slot = 0;
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
  FrameId frame = kNoFrame;
  std::uint32_t slot = 0;
  UnitRange units{};
};
struct SendToSlave {
  LinkId link = 0;
  RenderMessage message;
};
/// The slave was accepted: heartbeats from now on.
struct EstablishLink {
  LinkId link = 0;
};
/// Send the manifest of a frame.
struct AnnounceFrame {
  LinkId link = 0;
  FrameId frame = kNoFrame;
};
/// Send nothing more of a frame but the message that it has ended.
struct RetractFrame {
  LinkId link = 0;
  FrameId frame = kNoFrame;
};
struct SendChunks {
  LinkId link = 0;
  FrameId frame = kNoFrame;
  std::vector<ChunkId> chunks;
};
/// Close when everything is sent.
struct FinishLink {
  LinkId link = 0;
};
/// Add to a frame's film; each sample comes exactly once.
struct MergeIntoFilm {
  FrameId frame = kNoFrame;
  FilmContribution contribution;
};
/// Forget all samples of a tile: they are rendered again.
struct ClearTile {
  FrameId frame = kNoFrame;
  std::uint32_t tile = 0;
};
/// For people.
struct Tell {
  Notice notice;
};
/// What a slave does has changed.
struct SlaveChanged {
  LinkId link = 0;
};

enum class EndReason { complete, stopped, failed };

/// Nothing more will come of this frame: every sample is merged, somebody stopped it, or it cannot go on.
struct FrameEnded {
  FrameId frame = kNoFrame;
  EndReason reason = EndReason::complete;
  std::optional<Error> error;
  std::uint64_t samples_wanted = 0, samples_merged = 0;
  std::vector<bool> filled;    ///< units that are merged, by pass, then tile
  FilmHistory history;         ///< who filled them, and who may yet be found wrong
  bool tiles_cleared = false;  ///< what an older film file has more of may be wrong
  /// The fewest and the most samples per pixel that a tile of the complete picture has.
  std::uint32_t least_samples = 0, most_samples = 0;
  bool closed_by_time = false;  ///< the time limit left out samples that were asked for
};
/// Nothing more will come at all: the last frame has ended, and all slaves were told.
struct SessionEnded {};

using MasterAction =
    std::variant<UploadLocal, GrantLocal, CancelLocal, RecallLocal, RenderReference, SendToSlave,
                 EstablishLink, AnnounceFrame, RetractFrame, SendChunks, FinishLink, MergeIntoFilm, ClearTile,
                 Tell, SlaveChanged, FrameEnded, SessionEnded>;
using MasterActions = std::vector<MasterAction>;

}  // namespace oct
