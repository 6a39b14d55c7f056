#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/exit_code.hpp"
#include "base/result.hpp"
#include "device/device.hpp"
#include "net/address.hpp"
#include "slave/slave_news.hpp"
#include "wire/messages.hpp"
#include "wire/preamble.hpp"

// What the slave core is told, and what it asks to be done. All are values.

namespace oct {

// Events.

struct SlaveStarted {};
struct MasterReached {};
struct MasterNotReached {
  Error error;
  std::optional<PreambleWord> word;  ///< what the master answered, if it did
  std::uint32_t master_version = 0;
};
struct MasterMessage {
  RenderMessage message;
};
/// It sent what cannot be decoded.
struct MasterBroken {
  std::string why;
};
struct MasterGone {
  Error error;
};
/// There is room for the scene that BeginScene described. What other scenes had in common is in place already.
struct SceneBegun {
  std::uint64_t build = 0;
  Result<void> result;
  std::vector<ChunkId> wanted;      ///< still missing, each once, in the order in which they are best fetched
  std::uint64_t missing_bytes = 0;  ///< of those
  std::uint64_t distinct_bytes = 0;  ///< of all distinct chunks of the scene
  /// There is room for this scene, but not together with the others that are here, but for the one that it replaces.
  bool is_memory_short = false;
};
/// A chunk was unpacked, its hash was right, and it has its place in scene `build`; or none of that.
struct ChunkStored {
  std::uint64_t build = 0;
  Result<void> result;
  std::uint64_t missing_bytes = 0;
};
/// All chunks are here and the render data was validated; `exhausted` when memory does not suffice for it.
struct SceneRebuilt {
  std::uint64_t build = 0;
  Result<RenderSettings> settings;
  bool is_memory_short = false;  ///< not together with the others: see SceneBegun
};
struct DeviceUploaded {
  std::uint32_t device = 0;
  std::uint64_t build = 0;
  Result<void> result;
};
struct UnitsFinished {
  std::uint64_t job = 0;
  FilmContribution contribution;
};
struct JobEnded {
  std::uint64_t job = 0;
  Result<void> result;
};
/// A device is of no use to this process any more: its driver took it away, or it hangs.
struct DeviceLost {
  std::uint32_t device = 0;
  Error error;
  bool hangs = false;  ///< what it is at will never end
};
struct SlaveTick {};
struct SlaveStopAsked {};
/// The daemon's: let go of the master and keep the scenes; at rest: say so again.
struct RestAsked {};
/// The daemon's, to a slave at rest: its next master.
struct MasterNamed {
  std::uint64_t number = 0;
  Endpoint master;
};
/// From now on this is the master: its address came, has changed, or was written once more.
struct MasterMoved {
  Endpoint master;
};
/// Nothing more is kept on the disk; the render goes on without.
struct CacheFailed {
  std::string why;
};

using SlaveEvent =
    std::variant<SlaveStarted, MasterReached, MasterNotReached, MasterMessage, MasterBroken, MasterGone,
                 SceneBegun, ChunkStored, SceneRebuilt, DeviceUploaded, UnitsFinished, JobEnded, DeviceLost,
                 SlaveTick, SlaveStopAsked, RestAsked, MasterNamed, MasterMoved, CacheFailed>;

// Actions.

struct ConnectToMaster {
  Endpoint master;
};
struct SendToMaster {
  RenderMessage message;
};
/// The master accepted us: heartbeats from now on.
struct EstablishMaster {
  std::chrono::milliseconds heartbeat{};
  std::chrono::milliseconds dead{};
};
/// Pack and send finished units, in order with SendToMaster.
struct SendContributions {
  std::uint64_t lease = 0;
  FrameId frame = kNoFrame;
  std::vector<FilmContribution> contributions;
};
/// Close when everything is sent.
struct FinishMaster {};
/// Close at once, whatever is still to be sent.
struct DropMaster {};
/// There is no master, and nothing to do until the daemon has a word: no time passes for this slave. The daemon is told.
struct Rest {
  std::uint64_t number = 0;        ///< of the master that it had
  ExitCode code = ExitCode::done;  ///< that a slave which does not rest would have ended with
  std::optional<Error> error;      ///< why, unless `code` is done
};
/// A new scene; answered by SceneBegun, then its chunks follow as StoreChunk.
struct BeginScene {
  std::uint64_t build = 0;
  std::vector<ArrayInfo> arrays;
  std::vector<ChunkId> chunks;
  std::uint64_t replaces = 0;  ///< the build that is forgotten next, 0 = none
};
struct StoreChunk {
  std::uint64_t build = 0;
  Chunk chunk;
};
/// Nothing is missing any more: rebuild, validate, answer with SceneRebuilt.
struct RebuildScene {
  std::uint64_t build = 0;
};
/// The rebuilding that was asked for is of no use now; answered by SceneRebuilt, usually `cancelled`.
struct CancelRebuild {
  std::uint64_t build = 0;
};
/// A scene is not needed any more: its memory may go once no device uses it.
struct ForgetScene {
  std::uint64_t build = 0;
};
/// The memory of a device is needed for another scene.
struct ReleaseSlot {
  std::uint32_t device = 0;
  std::uint32_t slot = 0;  ///< below kSceneSlots
};
/// What the device held in this slot is replaced.
struct UploadScene {
  std::uint32_t device = 0;
  std::uint32_t slot = 0;  ///< below kSceneSlots
  std::uint64_t build = 0;
};
/// Answered by DeviceUploaded, usually `cancelled`.
struct CancelUpload {
  std::uint32_t device = 0;
  std::uint64_t build = 0;
};
/// Render these units; `lease.id` is the number of the job.
struct RenderUnits {
  std::uint32_t device = 0;
  std::uint32_t slot = 0;
  Lease lease;
};
struct CancelJob {
  std::uint32_t device = 0;
  std::uint64_t job = 0;
};
/// A line for people.
struct Say {
  SlaveNews news;
};
/// Ends the program; with an error unless `code` is done.
struct EndSlave {
  ExitCode code = ExitCode::done;
  std::optional<Error> error;
};

using SlaveAction =
    std::variant<ConnectToMaster, SendToMaster, EstablishMaster, SendContributions, FinishMaster, DropMaster,
                 Rest, BeginScene, StoreChunk, RebuildScene, CancelRebuild, ForgetScene, ReleaseSlot,
                 UploadScene, CancelUpload, RenderUnits, CancelJob, Say, EndSlave>;
using SlaveActions = std::vector<SlaveAction>;

}  // namespace oct
