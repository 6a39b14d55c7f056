#include "wire/messages.hpp"

namespace oct {

const char* to_string(MessageType type) {
  switch (type) {
    case MessageType::slave_hello: return "slave_hello";
    case MessageType::master_welcome: return "master_welcome";
    case MessageType::master_refusal: return "master_refusal";
    case MessageType::manifest_part: return "manifest_part";
    case MessageType::chunk_request: return "chunk_request";
    case MessageType::chunk: return "chunk";
    case MessageType::update_report: return "update_report";
    case MessageType::device_report: return "device_report";
    case MessageType::lease_grant: return "lease_grant";
    case MessageType::film_contributions: return "film_contributions";
    case MessageType::lease_return: return "lease_return";
    case MessageType::lease_recall: return "lease_recall";
    case MessageType::heartbeat: return "heartbeat";
    case MessageType::goodbye: return "goodbye";
    case MessageType::frame_end: return "frame_end";
    case MessageType::daemon_probe: return "daemon_probe";
    case MessageType::daemon_status: return "daemon_status";
    case MessageType::describe_daemon: return "describe_daemon";
    case MessageType::daemon_description: return "daemon_description";
    case MessageType::occupy_daemon: return "occupy_daemon";
    case MessageType::daemon_occupied: return "daemon_occupied";
    case MessageType::occupy_refused: return "occupy_refused";
    case MessageType::release_daemon: return "release_daemon";
    case MessageType::daemon_released: return "daemon_released";
    case MessageType::steal_daemon: return "steal_daemon";
    case MessageType::daemon_taken: return "daemon_taken";
    case MessageType::retry_daemon: return "retry_daemon";
    case MessageType::try_reach: return "try_reach";
    case MessageType::reach_result: return "reach_result";
    case MessageType::slave_report: return "slave_report";
    case MessageType::unsupported: return "unsupported";
    case MessageType::control_request: return "control_request";
    case MessageType::control_answer: return "control_answer";
    case MessageType::test_path: return "test_path";
    case MessageType::path_tested: return "path_tested";
  }
  return "unknown message";
}

const char* to_string(Compression compression) {
  switch (compression) {
    case Compression::none: return "none";
    case Compression::lz4: return "lz4";
    case Compression::zstd: return "zstd";
  }
  return "unknown";
}

const char* to_string(RefusalReason reason) {
  switch (reason) {
    case RefusalReason::other_version: return "other_version";
    case RefusalReason::other_kernels: return "other_kernels";
    case RefusalReason::full: return "full";
    case RefusalReason::stopping: return "stopping";
  }
  return "unknown";
}

const char* to_string(DeviceState state) {
  switch (state) {
    case DeviceState::building: return "building";
    case DeviceState::ready: return "ready";
    case DeviceState::failed: return "failed";
  }
  return "unknown";
}

const char* to_string(GoodbyeReason reason) {
  switch (reason) {
    case GoodbyeReason::finished: return "finished";
    case GoodbyeReason::leaving: return "leaving";
    case GoodbyeReason::failed: return "failed";
    case GoodbyeReason::rejected: return "rejected";
  }
  return "unknown";
}

}  // namespace oct
