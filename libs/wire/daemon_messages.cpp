#include "wire/daemon_messages.hpp"

namespace oct {

const char* to_string(DaemonMode mode) {
  switch (mode) {
    case DaemonMode::unknown: return "unknown";
    case DaemonMode::unbound: return "unbound";
    case DaemonMode::bound: return "bound";
    case DaemonMode::paused: return "paused";
    case DaemonMode::crashed: return "crashed";
    case DaemonMode::no_slave: return "no_slave";
    case DaemonMode::not_activated: return "not_activated";
    case DaemonMode::other_farm: return "other_farm";
  }
  return "unknown";
}

const char* to_string(OccupyRefusal refusal) {
  switch (refusal) {
    case OccupyRefusal::unknown: return "unknown";
    case OccupyRefusal::bound_to_other: return "bound_to_other";
    case OccupyRefusal::reserved: return "reserved";
    case OccupyRefusal::paused: return "paused";
    case OccupyRefusal::no_slave: return "no_slave";
    case OccupyRefusal::ending: return "ending";
  }
  return "unknown";
}

const char* to_string(SlaveStage stage) {
  switch (stage) {
    case SlaveStage::unknown: return "unknown";
    case SlaveStage::starting: return "starting";
    case SlaveStage::running: return "running";
    case SlaveStage::hung: return "hung";
    case SlaveStage::waiting: return "waiting";
    case SlaveStage::crashed: return "crashed";
    case SlaveStage::ended: return "ended";
    case SlaveStage::warm: return "warm";
  }
  return "unknown";
}

const char* to_string(ControlCommand command) {
  switch (command) {
    case ControlCommand::unknown: return "unknown";
    case ControlCommand::status: return "status";
    case ControlCommand::pause: return "pause";
    case ControlCommand::unpause: return "unpause";
    case ControlCommand::stop: return "stop";
  }
  return "unknown";
}

}  // namespace oct
