#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/version.hpp"
#include "wire/device_info.hpp"
#include "wire/limits.hpp"
#include "wire/messages.hpp"

// Every message of the daemon conversation and of discovery. Daemons outlive upgrades, so this vocabulary
// only grows: a field that is missing keeps its default, unknown fields are ignored, an enumerator that is
// not known yet is read as 0, and an unknown request is answered by Unsupported. Numbers and meanings never
// change.
//
// By UDP: DaemonProbe -> DaemonStatus; where there is a key, a first DaemonStatus brings only a cookie, and a second probe
// with it is told the rest. By TCP, behind a preamble with Conversation::daemon: a master asks
// (DescribeDaemon, OccupyDaemon, ReleaseDaemon, StealDaemon, RetryDaemon, TryReach, TestPath), the daemon answers with
// the request's id, and tells its owner what happens (SlaveReport, DaemonTaken). The open connection of the
// master that was answered DaemonOccupied is the occupancy: when it closes, for whatever reason, the daemon
// ends the slave and is free. Behind Conversation::control, from this computer alone: ControlRequest ->
// ControlAnswer.

namespace oct {

/// What a daemon is, in its own words. (A master adds what only it can know: not seen, another version.)
enum class DaemonMode : std::uint32_t {
  unknown = 0,  ///< of a newer release
  unbound = 1,  ///< free
  bound = 2,    ///< occupied, its slave is wanted by the owner
  paused = 3,   ///< the person at the computer wants it back
  /// Its slave keeps failing; `reason` tells why. With an owner: still occupied, no slave is started until
  /// RetryDaemon. Without: free, and the next OccupyDaemon starts afresh.
  crashed = 4,
  no_slave = 5,       ///< its slave program cannot be used; `reason` tells why
  not_activated = 6,  ///< it has no farm key, and the asker is another computer
  other_farm = 7,     ///< its key is of another farm than the asker's
};

/// Why OccupyDaemon or StealDaemon was refused.
enum class OccupyRefusal : std::uint32_t {
  unknown = 0,
  bound_to_other = 1,  ///< `owner` has it
  reserved = 2,        ///< somebody stole it a moment ago and may come back: `owner`
  paused = 3,
  no_slave = 4,
  ending = 5,  ///< the daemon itself is about to end
};

/// What the slave of an occupied daemon does, as the daemon sees it.
enum class SlaveStage : std::uint32_t {
  unknown = 0,
  starting = 1,  ///< launched, no word from it yet
  running = 2,   ///< its heartbeat comes
  hung = 3,      ///< alive, but its heartbeat stopped; it is asked to leave, then killed
  waiting = 4,   ///< it ended; it is started again after a pause
  crashed = 5,   ///< it ended too often, or with a code that says starting it again is useless
  ended = 6,     ///< on request
  warm = 7,      ///< its owner has gone; it is kept for a while, its scenes in memory, for the next one
};

constexpr std::uint32_t enum_count(DaemonMode) {
  return 8;
}
constexpr std::uint32_t enum_count(OccupyRefusal) {
  return 6;
}
constexpr std::uint32_t enum_count(SlaveStage) {
  return 8;
}

/// A line that a slave wrote.
struct LogLine {
  std::string text;

  static void fields(auto& self, auto&& field) { field("text", self.text, kMaxNameBytes); }
};

/// In DaemonOwner::age_s: the other side is too old to tell.
inline constexpr std::uint64_t kNoAge = ~std::uint64_t{0};

/// Who occupies a daemon. Empty nick and address = nobody.
struct DaemonOwner {
  std::string nick;        ///< "studio@DESK"
  std::string address;     ///< numeric; the daemon fills it in from the connection
  std::uint32_t port = 0;  ///< the master's port for slaves
  /// Seconds since 1970. On the wire by the daemon's clock, which may be wrong: whoever receives it counts back from its
  /// own by age_s (farm/bound_since.hpp).
  std::uint64_t since_unix_s = 0;
  std::uint64_t age_s = kNoAge;  ///< for so long it has been bound, when this was sent

  static void fields(auto& self, auto&& field) {
    field("nick", self.nick, kMaxNickBytes);
    field("address", self.address, kMaxAddressBytes);
    field("port", self.port, 65535);
    field("since_unix_s", self.since_unix_s);
    field("age_s", self.age_s);
  }
};

/// master -> anyone, by UDP: who is there? Padded, so that no answer is larger than its question.
struct DaemonProbe {
  static constexpr auto kType = MessageType::daemon_probe;
  static constexpr auto kDirection = Direction::to_daemon;
  static constexpr auto kLane = Lane::control;

  std::uint64_t nonce = 0;  ///< random; the answer repeats it
  std::uint32_t version = kVersion;
  std::uint32_t farm = 0;  ///< short name of the asker's farm, 0 = no key
  /// The answer comes after a random time up to this, so that a thousand do not come at once. 0 asks for an
  /// answer at once, where only one can come.
  std::uint32_t spread_ms = kMaxSpreadMs;
  /// What this daemon's last answer to this computer brought, or nothing: proof that the asker is where it says, and asks
  /// now.
  std::string cookie = {};
  Bytes padding;  ///< fills the datagram to kProbeBytes

  static constexpr auto kPayload = &DaemonProbe::padding;
  static constexpr std::size_t kMaxPayloadItems = kProbeBytes;
  static void fields(auto& self, auto&& field) {
    field("nonce", self.nonce);
    field("version", self.version);
    field("farm", self.farm);
    field("spread_ms", self.spread_ms, kMaxSpreadMs);
    field("cookie", self.cookie, kCookieChars);
  }
};

/// daemon -> the asker, by UDP. To an asker of another farm, or without a key where one is wanted, it holds
/// no more than nonce, version, farm, port and mode. To one of the farm whose probe has no cookie that is valid now, it
/// holds nonce, version, farm, port and a cookie: a recorded probe may have been sent by anyone.
struct DaemonStatus {
  static constexpr auto kType = MessageType::daemon_status;
  static constexpr auto kDirection = Direction::to_master;
  static constexpr auto kLane = Lane::control;

  std::uint64_t nonce = 0;
  std::uint32_t version = kVersion;
  std::uint32_t farm = 0;  ///< short name of the daemon's farm, 0 = no key
  std::uint32_t port = 0;  ///< TCP port of the daemon conversation
  DaemonMode mode = DaemonMode::unknown;
  std::string id;  ///< lasting: 32 hexadecimal digits, random at its first start
  /// Of this run of the daemon, random; 0 = it is too old to tell. Copied disks may share an id, never this.
  std::uint64_t run = 0;
  std::string name;  ///< of the computer, for people
  std::uint32_t gpus = 0;
  std::uint32_t cpus = 0;           ///< that it lends beside them; 0 also where it is too old to tell
  std::uint32_t slave_version = 0;  ///< 0 = there is no working slave
  std::string reason;               ///< of modes paused, crashed, no_slave
  std::vector<DaemonOwner> owner;   ///< none or one
  std::string cookie;  ///< for the next probe: valid for a minute or less, and for the asker's address only

  static void fields(auto& self, auto&& field) {
    field("nonce", self.nonce);
    field("version", self.version);
    field("farm", self.farm);
    field("port", self.port, 65535);
    field("mode", self.mode);
    field("id", self.id, kDaemonIdBytes);
    field("name", self.name, kMaxNickBytes);
    field("gpus", self.gpus);
    field("slave_version", self.slave_version);
    field("reason", self.reason, kMaxShortTextBytes);
    field("owner", self.owner, 1);
    field("run", self.run);
    field("cookie", self.cookie, kCookieChars);
    field("cpus", self.cpus);
  }
};

/// master -> daemon: tell everything. The slave program is asked again if what is known may be stale.
struct DescribeDaemon {
  static constexpr auto kType = MessageType::describe_daemon;
  static constexpr auto kDirection = Direction::to_daemon;
  static constexpr auto kLane = Lane::control;

  static void fields(auto&, auto&&) {}
};

/// daemon -> master, answers DescribeDaemon and RetryDaemon.
struct DaemonDescription {
  static constexpr auto kType = MessageType::daemon_description;
  static constexpr auto kDirection = Direction::to_master;
  static constexpr auto kLane = Lane::control;

  std::uint32_t version = kVersion;
  std::string id, name, platform;
  DaemonMode mode = DaemonMode::unknown;
  std::string reason;
  std::uint32_t slave_version = 0;
  std::string slave_kernel_hash;  ///< hexadecimal
  std::vector<DeviceInfo> devices;
  std::string no_gpu_reason;
  std::vector<DaemonOwner> owner;  ///< none or one
  SlaveStage slave_stage = SlaveStage::unknown;
  std::uint32_t slave_starts = 0;         ///< of this occupancy
  std::uint64_t paused_until_unix_s = 0;  ///< of mode paused; 0 = until somebody ends the pause
  std::vector<LogLine> log;               ///< last lines that the slave wrote

  static void fields(auto& self, auto&& field) {
    field("version", self.version);
    field("id", self.id, kDaemonIdBytes);
    field("name", self.name, kMaxNameBytes);
    field("platform", self.platform, kMaxNameBytes);
    field("mode", self.mode);
    field("reason", self.reason, kMaxTextBytes);
    field("slave_version", self.slave_version);
    field("slave_kernel_hash", self.slave_kernel_hash, kMaxNameBytes);
    field("devices", self.devices, kMaxDevices);
    field("no_gpu_reason", self.no_gpu_reason, kMaxTextBytes);
    field("owner", self.owner, 1);
    field("slave_stage", self.slave_stage);
    field("slave_starts", self.slave_starts);
    field("paused_until_unix_s", self.paused_until_unix_s);
    field("log", self.log, kMaxLogLines);
  }
};

/// master -> daemon: be mine, and send your slave to me: to the address this connection comes from, at this
/// port. Answered by DaemonOccupied or OccupyRefused.
struct OccupyDaemon {
  static constexpr auto kType = MessageType::occupy_daemon;
  static constexpr auto kDirection = Direction::to_daemon;
  static constexpr auto kLane = Lane::control;

  std::string nick;                             ///< "studio@DESK", for other masters
  std::uint32_t master_port = 0;                ///< where the slave is to connect
  std::uint32_t steal = 0;                      ///< 1 = take it from whoever has it
  std::uint32_t heartbeat_ms = 0, dead_ms = 0;  ///< the master's deadlines hold at both ends

  static void fields(auto& self, auto&& field) {
    field("nick", self.nick, kMaxNickBytes);
    field("master_port", self.master_port, 65535);
    field("steal", self.steal, 1);
    field("heartbeat_ms", self.heartbeat_ms, kMaxDeadlineMs);
    field("dead_ms", self.dead_ms, kMaxDeadlineMs);
  }
};

/// daemon -> master: you have it, as long as this connection lives. SlaveReport follows.
struct DaemonOccupied {
  static constexpr auto kType = MessageType::daemon_occupied;
  static constexpr auto kDirection = Direction::to_master;
  static constexpr auto kLane = Lane::control;

  static void fields(auto&, auto&&) {}
};

/// daemon -> master: you do not have it. The connection stays open for other requests.
struct OccupyRefused {
  static constexpr auto kType = MessageType::occupy_refused;
  static constexpr auto kDirection = Direction::to_master;
  static constexpr auto kLane = Lane::control;

  OccupyRefusal refusal = OccupyRefusal::unknown;
  std::string text;                ///< one sentence for people
  std::vector<DaemonOwner> owner;  ///< none or one

  static void fields(auto& self, auto&& field) {
    field("refusal", self.refusal);
    field("text", self.text, kMaxTextBytes);
    field("owner", self.owner, 1);
  }
};

/// owner -> daemon: let the slave finish and be free. Answered by DaemonReleased when the slave has ended.
struct ReleaseDaemon {
  static constexpr auto kType = MessageType::release_daemon;
  static constexpr auto kDirection = Direction::to_daemon;
  static constexpr auto kLane = Lane::control;

  static void fields(auto&, auto&&) {}
};

/// daemon -> who released or stole it: it is free, for the asker's user.
struct DaemonReleased {
  static constexpr auto kType = MessageType::daemon_released;
  static constexpr auto kDirection = Direction::to_master;
  static constexpr auto kLane = Lane::control;

  static void fields(auto&, auto&&) {}
};

/// master -> daemon: end whoever's occupancy, and keep the daemon for this user (nick, from this address) for
/// 30 s. Answered by DaemonReleased or OccupyRefused.
struct StealDaemon {
  static constexpr auto kType = MessageType::steal_daemon;
  static constexpr auto kDirection = Direction::to_daemon;
  static constexpr auto kLane = Lane::control;

  std::string nick;

  static void fields(auto& self, auto&& field) { field("nick", self.nick, kMaxNickBytes); }
};

/// daemon -> the owner that was, before the connection closes: somebody took it, or the person there wants
/// it.
struct DaemonTaken {
  static constexpr auto kType = MessageType::daemon_taken;
  static constexpr auto kDirection = Direction::to_master;
  static constexpr auto kLane = Lane::control;

  std::vector<DaemonOwner> by;  ///< none = the person at the computer (pause, stop)
  std::string text;             ///< one sentence for people

  static void fields(auto& self, auto&& field) {
    field("by", self.by, 1);
    field("text", self.text, kMaxTextBytes);
  }
};

/// master -> daemon: forget the crashes, ask the slave program again. Answered by DaemonDescription.
struct RetryDaemon {
  static constexpr auto kType = MessageType::retry_daemon;
  static constexpr auto kDirection = Direction::to_daemon;
  static constexpr auto kLane = Lane::control;

  static void fields(auto&, auto&&) {}
};

/// master -> daemon: try to connect to me (the address this connection comes from) at this port, and tell.
/// Answered by ReachResult. It finds the firewall of the master's own computer.
struct TryReach {
  static constexpr auto kType = MessageType::try_reach;
  static constexpr auto kDirection = Direction::to_daemon;
  static constexpr auto kLane = Lane::control;

  std::uint32_t port = 0;

  static void fields(auto& self, auto&& field) { field("port", self.port, 65535); }
};

struct ReachResult {
  static constexpr auto kType = MessageType::reach_result;
  static constexpr auto kDirection = Direction::to_master;
  static constexpr auto kLane = Lane::control;

  std::uint32_t reached = 0;  ///< 1 = a TCP connection came about
  std::string text;           ///< else why not: "no answer", "connection refused: nothing listens there"

  static void fields(auto& self, auto&& field) {
    field("reached", self.reached, 1);
    field("text", self.text, kMaxTextBytes);
  }
};

/// master -> daemon: whether large packets get through. Its payload is lost where they do not, and nothing answers.
/// Answered by PathTested. A network that drops packets above a size without a word (a wrong MTU) lets everything else
/// that a master asks of a daemon pass.
struct TestPath {
  static constexpr auto kType = MessageType::test_path;
  static constexpr auto kDirection = Direction::to_daemon;
  static constexpr auto kLane = Lane::control;

  std::uint32_t answer_bytes = 0;  ///< that the answer is to be filled with
  Bytes filling;

  static constexpr auto kPayload = &TestPath::filling;
  static constexpr std::size_t kMaxPayloadItems = kMaxPathTestBytes;
  static void fields(auto& self, auto&& field) {
    field("answer_bytes", self.answer_bytes, kMaxPathTestBytes);
  }
};

/// daemon -> master: TestPath arrived whole.
struct PathTested {
  static constexpr auto kType = MessageType::path_tested;
  static constexpr auto kDirection = Direction::to_master;
  static constexpr auto kLane = Lane::control;

  Bytes filling;

  static constexpr auto kPayload = &PathTested::filling;
  static constexpr std::size_t kMaxPayloadItems = kMaxPathTestBytes;
  static void fields(auto&, auto&&) {}
};

/// daemon -> owner: what its slave does, at every change.
struct SlaveReport {
  static constexpr auto kType = MessageType::slave_report;
  static constexpr auto kDirection = Direction::to_master;
  static constexpr auto kLane = Lane::control;

  SlaveStage stage = SlaveStage::unknown;
  std::uint32_t starts = 0;  ///< of this occupancy
  std::string reason;        ///< of hung, waiting and crashed
  std::vector<LogLine> log;  ///< of crashed: the last lines that it wrote

  static void fields(auto& self, auto&& field) {
    field("stage", self.stage);
    field("starts", self.starts);
    field("reason", self.reason, kMaxTextBytes);
    field("log", self.log, kMaxLogLines);
  }
};

/// Either way: that request is not known here.
struct Unsupported {
  static constexpr auto kType = MessageType::unsupported;
  static constexpr auto kDirection = Direction::both;
  static constexpr auto kLane = Lane::control;

  std::uint32_t type = 0;  ///< of the request

  static void fields(auto& self, auto&& field) { field("type", self.type, 65535); }
};

/// What the person at the computer wants of the daemon.
enum class ControlCommand : std::uint32_t { unknown = 0, status = 1, pause = 2, unpause = 3, stop = 4 };
constexpr std::uint32_t enum_count(ControlCommand) {
  return 5;
}

/// octane_daemon --status, --pause, --unpause, --stop -> the running daemon, on this computer alone.
struct ControlRequest {
  static constexpr auto kType = MessageType::control_request;
  static constexpr auto kDirection = Direction::to_daemon;
  static constexpr auto kLane = Lane::control;

  ControlCommand command = ControlCommand::unknown;
  std::uint32_t minutes = 0;  ///< of pause; 0 = until unpause

  static void fields(auto& self, auto&& field) {
    field("wish", self.command);  // its name on the wire since the first release
    field("minutes", self.minutes, kMaxPauseMinutes);
  }
};

/// The daemon's answer, after it did so: everything it would tell a master.
struct ControlAnswer {
  static constexpr auto kType = MessageType::control_answer;
  static constexpr auto kDirection = Direction::both;
  static constexpr auto kLane = Lane::control;

  std::uint32_t port = 0;
  std::vector<DaemonDescription> description;  ///< one

  static void fields(auto& self, auto&& field) {
    field("port", self.port, 65535);
    field("description", self.description, 1);
  }
};

/// A message that this release does not know.
struct UnknownMessage {
  std::uint32_t type = 0;
};

/// Any message of the daemon and control conversations; also the one list of them.
using DaemonMessage = std::variant<DaemonProbe, DaemonStatus, DescribeDaemon, DaemonDescription, OccupyDaemon,
                                   DaemonOccupied, OccupyRefused, ReleaseDaemon, DaemonReleased, StealDaemon,
                                   DaemonTaken, RetryDaemon, TryReach, ReachResult, TestPath, PathTested,
                                   SlaveReport, Unsupported, ControlRequest, ControlAnswer, Heartbeat>;

const char* to_string(DaemonMode mode);
const char* to_string(OccupyRefusal refusal);
const char* to_string(SlaveStage stage);
const char* to_string(ControlCommand command);

}  // namespace oct
