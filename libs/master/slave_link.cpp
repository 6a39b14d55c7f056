#include "master/slave_link.hpp"

#include <utility>

#include "base/version.hpp"
#include "report/words.hpp"

namespace oct {

SlaveLink::SlaveLink(const LinkConfig& config, const ServedScene& scene, std::string address)
    : config_(config), scene_(scene), address_(std::move(address)) {}

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
  if (full) return refuse(RefusalReason::full);
  if (stopping) return refuse(RefusalReason::stopping);

  stage_ = Stage::accepted;
  for (const DeviceInfo& info : hello_.devices) devices_.push_back({info, std::nullopt, {}});
  bytes_missing_ = bytes_total_ = scene_.bytes;
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
  const SlaveRefusal why{reason, hello_.version, config_.version, hello_.kernel_hash, config_.kernel_hash};
  stage_ = Stage::refused;
  end_ = why;
  MasterRefusal refusal;
  refusal.reason = reason;
  refusal.text = refusal_text(why);
  refusal.master_version = config_.version;
  refusal.master_kernel_hash = config_.kernel_hash;
  refusal.slave_version = hello_.version;
  refusal.slave_kernel_hash = hello_.kernel_hash;
  LinkActions actions;
  actions.send.push_back(std::move(refusal));
  actions.finish = true;
  if (reason != RefusalReason::stopping) actions.notice = notice::SlaveRefused{peer(), why};
  return actions;
}

LinkActions SlaveLink::reject(const SlaveFault& fault) {
  LinkActions actions;
  actions.notice = notice::SlaveDisconnected{peer(), fault};
  actions.left = stage_ == Stage::accepted;
  stage_ = Stage::gone;
  end_ = fault;
  Goodbye goodbye;
  goodbye.reason = GoodbyeReason::rejected;
  goodbye.text = fault_text(fault);
  actions.send.push_back(std::move(goodbye));
  actions.finish = true;
  return actions;
}

LinkActions SlaveLink::on_chunk_request(const ChunkRequest& request) {
  if (request.scene != scene_.number) return {};  // of a scene that has been replaced
  if (chunks_outstanding_ + request.chunks.size() > kMaxChunksAhead)
    return reject({SlaveFault::Kind::too_much_at_once});
  for (const ChunkId& id : request.chunks) {
    if (!scene_.chunks.contains(id)) return reject({SlaveFault::Kind::foreign_chunk});
  }
  chunks_outstanding_ += request.chunks.size();
  LinkActions actions;
  actions.send_chunks = request.chunks;
  actions.progress = true;
  return actions;
}

LinkActions SlaveLink::on_update_report(const UpdateReport& report) {
  if (report.scene != scene_.number) return {};
  LinkActions actions;
  actions.progress = report.bytes_missing < bytes_missing_;
  bytes_missing_ = report.bytes_missing;
  bytes_total_ = report.bytes_total;
  return actions;
}

LinkActions SlaveLink::on_device_report(const DeviceReport& report) {
  if (report.scene != scene_.number) return {};
  if (report.device >= devices_.size()) return reject({SlaveFault::Kind::foreign_device});
  DeviceOnSlave& device = devices_[report.device];
  const bool was_ready = device.state == DeviceState::ready;
  const bool had_failed = device.state == DeviceState::failed;
  if (had_failed) return {};
  device.state = report.state;
  LinkActions actions;
  actions.progress = true;
  if (report.state == DeviceState::ready && !was_ready) actions.devices_ready.push_back(report.device);
  if (report.state == DeviceState::failed) {
    device.failure = report.text;
    actions.devices_failed.push_back(report.device);
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
  if (goodbye.reason == GoodbyeReason::failed || goodbye.reason == GoodbyeReason::rejected) {
    end_ = SlaveFarewell{goodbye.text};
    actions.notice = notice::SlaveEnded{peer(), goodbye.text};
  }
  return actions;
}

}  // namespace oct
