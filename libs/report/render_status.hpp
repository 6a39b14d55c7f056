#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/hash.hpp"
#include "base/instant.hpp"
#include "base/version.hpp"
#include "report/daemon_status.hpp"
#include "wire/device_info.hpp"
#include "wire/messages.hpp"

// Where a render stands, as numbers and kinds. Cores fill these in, sinks phrase them: no words in here but names and
// what peers and libraries wrote themselves.

namespace oct {

/// One connection of a slave; never reused within a render.
using LinkId = std::uint32_t;

/// What a slave does.
enum class SlaveDoing {
  authenticating,
  updating,
  building,
  rendering,
  idle,
  draining,
  silent,
  refused,
  lost,
  left,
  finished
};

/// The master does not take this slave.
struct SlaveRefusal {
  RefusalReason reason = RefusalReason::other_version;
  std::uint32_t slave_version = 0, master_version = 0;
  Digest slave_kernels, master_kernels;
};

/// What a device was found wrong by.
enum class DeviceCheck {
  canary,  ///< a built-in render of a millisecond, before its first lease
  audit,   ///< a unit rendered again elsewhere
};

/// Why a device is not used.
struct DeviceVerdict {
  DeviceCheck check = DeviceCheck::audit;
  /// Not this connection's device failed, but one before it that cannot be told from it: same computer, kind, number and
  /// name. It may be the same one, or one that has taken its place.
  bool found_before = false;
};

/// What a slave did that its conversation cannot go on after.
struct SlaveFault {
  enum class Kind {
    no_hello,
    second_hello,
    no_device,
    no_canary,        ///< not one for each device
    foreign_message,  ///< one that only masters send
    too_much_at_once,
    foreign_chunk,   ///< not of this scene
    foreign_device,  ///< one that it did not name
    invalid_data,    ///< `detail`: what the decoder says
    wrong_device,    ///< `detail`: its last usable device, of which `verdict` tells
  };
  Kind kind = Kind::no_hello;
  std::string detail = {};
  DeviceVerdict verdict = {};  ///< of wrong_device
};

/// Its connection ended without a goodbye.
struct SlaveLoss {
  std::string error;
  std::uint32_t leases_returned = 0;
  /// It was here for long enough, and nothing of the scene reached it, although small packets did.
  bool nothing_arrived = false;
  /// It rendered for long enough, and fell silent before anything of it came.
  bool nothing_came = false;
  /// Pieces of the scene reached it, this share of all bytes (percent, rounded down), and then for long nothing more did.
  std::optional<std::uint32_t> stood_still_at = {};
};

/// It said goodbye; `text` is its own, empty when nothing was wrong.
struct SlaveFarewell {
  std::string text;
};

/// Why a slave is not used, or not any more; monostate while it is.
using SlaveEnd = std::variant<std::monostate, SlaveRefusal, SlaveFault, SlaveLoss, SlaveFarewell>;

/// What is known of a slave.
struct SlaveStatus {
  LinkId link = 0;
  std::string name, address;
  std::uint32_t version = 0;
  std::vector<DeviceInfo> devices;
  std::uint32_t devices_used = 0;
  SlaveDoing doing = SlaveDoing::authenticating;
  double silent_for = 0;  ///< seconds without progress, while `doing` is silent
  SlaveEnd end;
  bool connected = true;
  bool stolen = false;  ///< its daemon was taken over by another master; the master's shell fills it in
  /// Of render data; the master's shell makes them those on the wire.
  std::uint64_t bytes_done = 0, bytes_total = 0;
  bool update_known = false;   ///< it has told what it lacks: what it kept of other scenes counts as done
  bool network_bound = false;  ///< the way from it to here is the limit
  std::uint64_t samples = 0;
  double samples_per_second = 0;
  double seconds_busy = 0, seconds_waiting = 0;
  std::uint64_t bytes_in = 0;     ///< received from it
  std::uint64_t bytes_out = 0;    ///< sent to it; the master's shell fills it in
  std::uint32_t leases_held = 0;  ///< now
  std::uint32_t leases_merged = 0, leases_returned = 0, contributions_dropped = 0;
  Instant joined{}, last_progress{};
};

/// What is known of a device of this computer.
struct LocalStatus {
  DeviceInfo info;
  std::uint64_t samples = 0;
  double samples_per_second = 0;
  double seconds_busy = 0;
  bool usable = false;
  bool building = false;  ///< the scene is copied to it, and its tree built
};

/// All connected slaves together.
struct NetworkTotals {
  std::uint32_t slaves = 0;
  std::uint32_t devices_used = 0, devices = 0;
  std::uint32_t cpus = 0;  ///< of the devices
  std::uint32_t slaves_updating = 0, slaves_updated = 0;
  std::uint64_t bytes_pending = 0, bytes_total = 0;  ///< of render data on its way to slaves
  std::uint32_t slaves_network_bound = 0;
};

/// Slaves without which nothing is rendered.
struct SlaveWait {
  std::uint32_t here = 0, wanted = 1;
  DaemonUse daemons;       ///< that are to start them
  std::uint16_t port = 0;  ///< where they may connect
};

/// Where a render stands: one frame of one or many. All sinks read this one value.
struct RenderStatus {
  std::string scene;     ///< its file's name, without folder
  std::string job = {};  ///< its name in a batch; empty without one
  std::int32_t frame = 1;
  std::uint32_t frame_number = 1, frames_total = 1;  ///< this is frame_number of frames_total
  std::uint32_t frames_done = 0;
  std::uint64_t samples_merged = 0, samples_wanted = 0;  ///< of this frame
  std::uint64_t pixels = 1;
  std::uint32_t samples_per_pixel_wanted = 1;
  double samples_per_second = 0;
  double seconds = 0;                ///< since the frame began
  std::optional<double> time_limit;  ///< seconds that it may take
  std::vector<LocalStatus> devices;
  std::vector<SlaveStatus> slaves;       ///< all that said hello, in the order they came
  std::optional<NetworkTotals> network;  ///< none: without a network
  std::optional<SlaveWait> waiting;      ///< none: nobody is waited for
};

}  // namespace oct
