#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "daemon/daemon_news.hpp"
#include "daemon/slave_probe.hpp"
#include "wire/daemon_messages.hpp"

// What the daemon's core is told, and what it asks to be done. All are values.

namespace oct {

/// A moment on both clocks: deadlines count on the monotonic one, people read the other.
struct Moment {
  Instant instant;
  std::uint64_t unix_s = 0;  ///< seconds since 1970
};

/// Number of a connection within this daemon's life; never used again.
using ConnectionId = std::uint64_t;

/// Changes when the file of the slave program does; 0 = there is none.
using FileStamp = std::uint64_t;

/// Which slave process: they are counted.
using SlaveRun = std::uint64_t;

/// Where a slave is to connect.
struct SlaveTarget {
  std::string address;  ///< numeric: of the connection that asked
  std::uint16_t port = 0;
  friend bool operator==(const SlaveTarget&, const SlaveTarget&) = default;
};

/// What the system says of clock and keyboard.
struct ComputerState {
  unsigned second_of_day = 0;      ///< local time
  std::optional<Duration> idle{};  ///< nobody has touched it for so long; nothing: that cannot be found out
};

// Events.

struct DaemonStarted {};
/// What ReadComputer led to.
struct ComputerRead {
  ComputerState computer;
};
/// A connection of the daemon conversation said something.
struct MasterSaid {
  ConnectionId connection = 0;
  std::uint32_t request = 0;
  std::string address;  ///< the connection's other end
  std::variant<DaemonMessage, UnknownMessage> message;
  FileStamp slave_file = 0;  ///< now
};
/// A connection of the control conversation asked for something.
struct PersonSaid {
  ConnectionId connection = 0;
  std::uint32_t request = 0;
  ControlRequest said;
};
/// Of either conversation; `reason.kind` is cancelled when the other side closed in order.
struct ConnectionClosed {
  ConnectionId connection = 0;
  Error reason;
};
/// What AskFacts led to.
struct FactsCame {
  Result<SlaveFacts> facts;
  FileStamp slave_file = 0;  ///< of the program that was asked
};
/// StartSlave could not be carried out.
struct SlaveNotStarted {
  SlaveRun run = 0;
  std::string why;
};
/// A line that the slave wrote, to either stream.
struct SlaveWrote {
  SlaveRun run = 0;
  std::string line;
};
/// It is gone, and all it wrote was told.
struct SlaveEnded {
  SlaveRun run = 0;
  SlaveExit exit;
};
/// What LookAtMemory led to.
struct MemorySeen {
  std::uint64_t free_bytes = 0;  ///< that programs of this computer, or container, may still take
};
struct ReachTried {
  ConnectionId connection = 0;
  std::uint32_t request = 0;
  ReachResult result;
};
/// The moment that wake_at() named has come.
struct WakeUp {};
/// CTRL-C or SIGTERM.
struct DaemonStopAsked {};

using DaemonEvent =
    std::variant<DaemonStarted, ComputerRead, MasterSaid, PersonSaid, ConnectionClosed, FactsCame,
                 SlaveNotStarted, SlaveWrote, SlaveEnded, MemorySeen, ReachTried, WakeUp, DaemonStopAsked>;

// Actions.

struct SendTo {
  ConnectionId connection = 0;
  std::uint32_t request = 0;  ///< that it answers, 0 = none
  DaemonMessage message;
};
/// These deadlines hold on the connection from now on.
struct SetDeadlines {
  ConnectionId connection = 0;
  std::chrono::milliseconds heartbeat{}, dead{};
};
/// Send what is queued, and close.
struct FinishConnection {
  ConnectionId connection = 0;
};
/// Ask the slave program what this computer has; answered by FactsCame.
struct AskFacts {};
/// Look at clock and keyboard; answered by ComputerRead.
struct ReadComputer {};
struct StartSlave {
  SlaveRun run = 0;
  SlaveTarget target;
  bool can_rest = false;  ///< when its master has gone it is to rest, and not to end
};
/// Tell it by its standard input to let go of its master, and to keep its scenes; or, when it rests, to say so.
struct AskSlaveToRest {
  SlaveRun run = 0;
};
/// Tell a slave at rest of its next master.
struct SendSlaveTo {
  SlaveRun run = 0;
  std::uint64_t number = 0;  ///< of this master, within the run
  SlaveTarget target;
};
/// End its standard input.
struct AskSlaveToLeave {
  SlaveRun run = 0;
};
struct KillSlave {
  SlaveRun run = 0;
};
/// How much is free; answered by MemorySeen.
struct LookAtMemory {};
/// Connect there and tell whether it went; answered by ReachTried.
struct TryToReach {
  ConnectionId connection = 0;
  std::uint32_t request = 0;
  SlaveTarget target;
};
/// An event for the window and the log.
struct Announce {
  DaemonNews news;
};
/// The slave program answered, or did not, and that is news.
struct ShowFacts {
  Result<SlaveFacts> facts;
};
/// All is done; the slave is gone.
struct EndDaemon {};

using DaemonAction = std::variant<SendTo, SetDeadlines, FinishConnection, AskFacts, ReadComputer, StartSlave,
                                  AskSlaveToRest, SendSlaveTo, AskSlaveToLeave, KillSlave, LookAtMemory,
                                  TryToReach, Announce, ShowFacts, EndDaemon>;
using DaemonActions = std::vector<DaemonAction>;

}  // namespace oct
