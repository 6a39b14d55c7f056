#include "master/slave_link.hpp"

#include <utility>

#include "report/words.hpp"

namespace oct {

SlaveLink::SlaveLink(const LinkConfig& config, std::string address)
    : config_(config), address_(std::move(address)) {}

void SlaveLink::announce(FrameId frame, const ServedScene& scene) {
  frames_[frame] = {&scene, scene.bytes, scene.bytes, false, {}};
}

std::uint64_t SlaveLink::bytes_missing() const {
  std::uint64_t sum = 0;
  for (const auto& [id, frame] : frames_) sum += frame.bytes_missing;
  return sum;
}

std::uint64_t SlaveLink::bytes_total() const {
  std::uint64_t sum = 0;
  for (const auto& [id, frame] : frames_) sum += frame.bytes_total;
  return sum;
}

LinkActions SlaveLink::on(const RenderMessage& message, bool full, bool stopping) {
  if (const auto* hello = std::get_if<SlaveHello>(&message)) return on_hello(*hello, full, stopping);
  if (stage_ == Stage::refused || stage_ == Stage::gone) return {};  // what was under way when we closed
  if (stage_ != Stage::accepted) return reject({SlaveFault::Kind::no_hello});
  if (const auto* request = std::get_if<ChunkRequest>(&message)) return on_chunk_request(*request);
  if (const auto* report = std::get_if<UpdateReport>(&message)) return on_update_report(*report);
  if (const auto* report = std::get_if<DeviceReport>(&message)) return on_device_report(*report);
  if (const auto* heartbeat = std::get_if<Heartbeat>(&message)) return on_heartbeat(*heartbeat);
  if (const auto* goodbye = std::get_if<Goodbye>(&message)) return on_goodbye(*goodbye);
  return reject({SlaveFault::Kind::foreign_message});
}

LinkActions SlaveLink::on_hello(const SlaveHello& hello, bool full, bool stopping) {
  if (stage_ != Stage::hello) return reject({SlaveFault::Kind::second_hello});
  hello_ = hello;
  if (hello_.name.empty()) hello_.name = address_;
  if (hello.version != config_.version) return refuse(RefusalReason::other_version);
  if (hello.kernel_hash != config_.kernel_hash) return refuse(RefusalReason::other_kernels);
  if (hello.devices.empty()) return reject({SlaveFault::Kind::no_device});
  if (hello.canaries.size() != hello.devices.size()) return reject({SlaveFault::Kind::no_canary});
  if (full) return refuse(RefusalReason::full);
  if (stopping) return refuse(RefusalReason::stopping);

  stage_ = Stage::accepted;
  LinkActions actions;
  MasterWelcome welcome;
  welcome.name = config_.master_name;
  welcome.reads = config_.reads;
  welcome.heartbeat_ms = static_cast<std::uint32_t>(config_.deadlines.heartbeat.count());
  welcome.dead_ms = static_cast<std::uint32_t>(config_.deadlines.dead.count());
  actions.send.push_back(std::move(welcome));
  actions.established = true;
  actions.progress = true;
  return actions;
}

LinkActions SlaveLink::refuse(RefusalReason reason) {
  stage_ = Stage::refused;
  refusal_ = {reason, hello_.version, config_.version, hello_.kernel_hash, config_.kernel_hash};
  MasterRefusal refusal;
  refusal.reason = reason;
  refusal.text = refusal_text(refusal_);
  refusal.master_version = config_.version;
  refusal.master_kernel_hash = config_.kernel_hash;
  refusal.slave_version = hello_.version;
  refusal.slave_kernel_hash = hello_.kernel_hash;
  LinkActions actions;
  actions.send.push_back(std::move(refusal));
  actions.finish = true;
  if (reason != RefusalReason::stopping) actions.notice = notice::SlaveRefused{who(), refusal_};
  return actions;
}

LinkActions SlaveLink::reject(SlaveFault fault) {
  LinkActions actions;
  actions.left = stage_ == Stage::accepted;
  stage_ = Stage::gone;
  Goodbye goodbye;
  goodbye.reason = GoodbyeReason::rejected;
  goodbye.text = fault_text(fault);
  actions.send.push_back(std::move(goodbye));
  actions.finish = true;
  actions.end = fault;
  actions.notice = notice::SlaveDisconnected{who(), std::move(fault)};
  return actions;
}

LinkActions SlaveLink::on_chunk_request(const ChunkRequest& request) {
  const auto frame = frames_.find(request.frame);
  if (frame == frames_.end()) return {};  // of one that has ended
  if (chunks_outstanding_ + request.chunks.size() > kMaxChunksAhead)
    return reject({SlaveFault::Kind::too_much_at_once});
  for (const ChunkId& id : request.chunks) {
    if (!frame->second.scene->chunks.contains(id)) return reject({SlaveFault::Kind::foreign_chunk});
  }
  chunks_outstanding_ += request.chunks.size();
  LinkActions actions;
  actions.chunks_of = request.frame;
  actions.send_chunks = request.chunks;
  actions.progress = true;
  return actions;
}

LinkActions SlaveLink::on_update_report(const UpdateReport& report) {
  const auto found = frames_.find(report.frame);
  if (found == frames_.end()) return {};
  Frame& frame = found->second;
  LinkActions actions;
  actions.progress = report.bytes_missing < frame.bytes_missing;
  frame.bytes_missing = report.bytes_missing;
  frame.bytes_total = report.bytes_total;
  frame.is_reported = true;
  return actions;
}

LinkActions SlaveLink::on_device_report(const DeviceReport& report) {
  if (report.device >= devices().size()) return reject({SlaveFault::Kind::foreign_device});
  const auto found = frames_.find(report.frame);
  if (found == frames_.end()) return {};
  auto [state, is_first] = found->second.devices.try_emplace(report.device, DeviceState::building);
  if (state->second == DeviceState::failed) return {};
  const bool was_ready = !is_first && state->second == DeviceState::ready;
  state->second = report.state;
  LinkActions actions;
  actions.progress = true;
  if (report.state == DeviceState::ready && !was_ready)
    actions.devices_ready.push_back({report.frame, report.device});
  if (report.state == DeviceState::failed) {
    actions.devices_failed.push_back({report.frame, report.device});
    actions.notice = notice::SlaveDeviceFailed{name(), report.text};
  }
  return actions;
}

LinkActions SlaveLink::on_heartbeat(const Heartbeat& heartbeat) {
  LinkActions actions;
  actions.progress = heartbeat.progress != progress_;
  progress_ = heartbeat.progress;
  return actions;
}

LinkActions SlaveLink::on_goodbye(const Goodbye& goodbye) {
  stage_ = Stage::gone;
  LinkActions actions;
  actions.left = true;
  actions.finish = true;
  const bool failed = goodbye.reason == GoodbyeReason::failed || goodbye.reason == GoodbyeReason::rejected;
  actions.end = SlaveFarewell{failed ? goodbye.text : std::string()};
  if (failed) actions.notice = notice::SlaveEnded{who(), goodbye.text};
  return actions;
}

}  // namespace oct
