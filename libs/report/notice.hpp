#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "report/daemon_status.hpp"
#include "report/render_status.hpp"

// What happened during a render that people are told of: one small struct for each kind, with its numbers and names.
// report/words.hpp phrases them. Strings that are not names came from a peer, a library or the operating system.

namespace oct {

/// A slave or daemon as people know it. `name` may be empty, or the address again.
struct PeerName {
  std::string name, address;
};

namespace notice {

// Slaves.

struct SlaveRefused {
  PeerName slave;
  SlaveRefusal refusal;
};
/// More strangers were sent away than people are told of one by one.
struct StrangersSentAway {
  std::uint64_t connections = 0;
  std::uint64_t addresses = 0;
};
/// Somebody was sent away before saying hello. An empty name: it said nothing of ours.
struct PeerSentAway {
  PeerName peer;
  Error error;
};
struct SlaveDisconnected {
  PeerName slave;
  SlaveFault fault;
};
/// It ended by itself because something was wrong.
struct SlaveEnded {
  PeerName slave;
  std::string text;
};
struct SlaveLost {
  std::string slave;
  SlaveLoss loss;
  std::string address = {};
};
struct SlaveDeviceFailed {
  std::string slave;
  std::string text;
};
/// Another master took its daemon.
struct SlaveTakenOver {
  std::string slave;
  DaemonOwner by;
  std::uint32_t leases_returned = 0;
};
/// A render without devices of its own waits.
struct WaitingForSlaves {
  DaemonUse daemons;
  std::uint16_t port = 0;  ///< where slaves may connect
};

// Devices.

/// A device of this computer cannot be used, or not any more.
struct LocalDeviceFailed {
  Error error;
  std::string device = {};               ///< "GPU 1"
  std::vector<std::string> others = {};  ///< that go on: "GPU 0", "the CPU"; empty: slaves
};
/// The master could not render what the device is checked against; the device is used.
struct DeviceUnchecked {
  Error error;
};
/// A device computes something else than all others and is not used any more.
struct DeviceRefused {
  std::string slave;  ///< empty: of this computer
  std::string slave_address;
  std::string device;
  DeviceVerdict verdict = {};
  std::uint64_t units_rendered_again = 0;  ///< that it had filled
};
/// A device that an earlier run of the same render used was found wrong.
struct EarlierDeviceRefused {
  std::uint64_t tiles_rendered_again = 0;  ///< that it had a part in
};

// Daemons.

struct DaemonBoundToOther {
  PeerName daemon;
  DaemonOwner owner;
  std::uint64_t now_unix_s = 0;
};
struct DaemonHasOtherVersion {
  PeerName daemon;
  DaemonReason reason;
};
struct DaemonDeactivated {
  PeerName daemon;
  DaemonReason reason;
};
/// The render wanted them by name and is over.
struct DaemonsNeverSeen {
  std::vector<std::string> names;  ///< as the user wrote them
};
/// It does not know how to be occupied.
struct DaemonTooOld {
  PeerName daemon;
};
/// No connection came about.
struct DaemonNotReached {
  Error error;
};
struct DaemonLost {
  std::string daemon;
  std::string error;
};
/// Who sits there wants the computer back.
struct DaemonTakenBack {
  PeerName daemon;
  std::string reason;
};
/// Several daemons have one id: a disk or a folder of settings was copied. All are used; enabling goes by name and address.
struct DaemonsShareId {
  std::vector<PeerName> daemons;
  std::string id;
};
/// It runs on the master's own computer, whose devices render already.
struct DaemonSharesDevices {
  std::string daemon;
};
struct SlaveStarted {
  std::string daemon;
  std::uint64_t starts = 1;
};
struct SlaveHangs {
  std::string daemon;
  std::string reason;
};
/// It ended, and its daemon starts it again after a pause.
struct SlaveRestarts {
  std::string daemon;
  std::string reason;
};
/// Its daemon does not start it again.
struct SlaveCrashed {
  std::string daemon;
  std::string reason;
};

// The render.

/// Something about the user's input or settings that is worth a look: phrased where it was found.
struct InputWarning {
  std::string text, help = {};
};
/// A mere note of the same kind.
struct InputNote {
  std::string text;
};
/// The preferences changed while the render runs, and cannot be followed.
struct PreferencesNotFollowed {
  Error error;
};
struct NonFiniteSamples {
  std::uint64_t count = 0;
};
/// Nothing of the file would have lit its picture.
struct NeutralLightAdded {};
/// --imager-exposure auto has chosen.
struct ExposureChosen {
  std::string exposure;  ///< as it is typed
};
/// Next to nothing is to be seen of a finished picture; which exposure would show it, if one does.
struct PictureAlmostBlack {
  std::optional<std::string> better_exposure;
};
struct PictureAlmostWhite {
  std::string better_exposure;
};
/// Somebody asked for the end.
struct Stopping {
  std::uint32_t leases_under_way = 0;
};
/// The same when nothing but pictures is left to do.
struct WritingPictures {};
struct CheckpointWritten {
  std::string path;
  std::uint64_t samples_kept = 0, samples_wanted = 0;
  bool resumes = false;  ///< the render ends here, and --resume goes on
  /// Where nobody knows how many will be wanted: how many samples each pixel has, on average.
  std::optional<std::uint64_t> samples_per_pixel = {};
  enum class Place {
    usual,      ///< where the same command finds it
    elsewhere,  ///< --checkpoint has to name it
    of_frame,   ///< elsewhere, and no --checkpoint can name it
  };
  Place place = Place::usual;
};
/// The time limit has ended a picture whose pixels all have so many samples.
struct StoppedByTime {
  std::uint32_t samples_per_pixel = 0;
  std::optional<std::int32_t> frame = {};  ///< of several
};
/// The render goes on with the film of this file.
struct FilmResumed {
  std::string path;
  std::uint64_t samples_held = 0, samples_wanted = 0;
  std::optional<std::uint64_t> samples_per_pixel = {};  ///< as of CheckpointWritten
};
/// The file holds a part of this render, and nobody asked to go on with it.
struct FilmNotResumed {
  std::string path;
};
/// An output could not be written; the film is safe. Where it ends a frame, say film_kept_error of it instead.
struct FilmKept {
  Error error;              ///< of the output: names it
  std::string path;         ///< of the film file
  std::string output = {};  ///< of a frame, whose film file no --checkpoint can name; empty: of a still
};
/// No checkpoint could be written; the render goes on.
struct CheckpointFailed {
  Error error;
};

}  // namespace notice

using Notice = std::variant<
    notice::SlaveRefused, notice::StrangersSentAway, notice::PeerSentAway, notice::SlaveDisconnected,
    notice::SlaveEnded, notice::SlaveLost, notice::SlaveDeviceFailed, notice::SlaveTakenOver,
    notice::WaitingForSlaves, notice::LocalDeviceFailed, notice::DeviceUnchecked, notice::DeviceRefused,
    notice::EarlierDeviceRefused, notice::DaemonBoundToOther, notice::DaemonHasOtherVersion,
    notice::DaemonDeactivated, notice::DaemonsNeverSeen, notice::DaemonTooOld, notice::DaemonNotReached,
    notice::DaemonLost, notice::DaemonTakenBack, notice::DaemonsShareId, notice::DaemonSharesDevices,
    notice::SlaveStarted, notice::SlaveHangs, notice::SlaveRestarts, notice::SlaveCrashed,
    notice::InputWarning, notice::InputNote, notice::PreferencesNotFollowed, notice::NonFiniteSamples,
    notice::NeutralLightAdded, notice::ExposureChosen, notice::PictureAlmostBlack, notice::PictureAlmostWhite,
    notice::Stopping, notice::WritingPictures, notice::CheckpointWritten, notice::StoppedByTime,
    notice::FilmResumed, notice::FilmNotResumed, notice::FilmKept, notice::CheckpointFailed>;

}  // namespace oct
