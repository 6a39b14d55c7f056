#pragma once
#include "wire/codec.hpp"
#include "wire/daemon_messages.hpp"
#include "wire/messages.hpp"

namespace oct::test {

template <class Hash>
Hash counting_hash(std::uint8_t first) {
  Hash hash;
  for (auto& byte : hash.bytes) byte = first++;
  return hash;
}

/// One of each message, always the same: for goldens, and as seeds of fuzzing.
inline std::vector<RenderMessage> sample_messages() {
  const Bytes content{std::byte{1}, std::byte{2}, std::byte{3}};
  return {
      SlaveHello{.version = 1000000,
                 .kernel_hash = counting_hash<Digest>(0x10),
                 .name = "RENDER1",
                 .platform = "linux",
                 .reads = 7,
                 .devices = {{DeviceKind::cuda, 0, "NVIDIA GeForce RTX 3090", 25'000'000'000, 0},
                             {DeviceKind::cpu, 0, "16 threads, AVX2", 64'000'000'000, 16}},
                 .canaries = {{counting_hash<Digest>(0x60)}, {counting_hash<Digest>(0x60)}}},
      MasterWelcome{.name = "DESK", .reads = 1, .heartbeat_ms = 1000, .dead_ms = 15000},
      MasterRefusal{.reason = RefusalReason::other_kernels,
                    .text = "other kernels",
                    .master_version = 1000000,
                    .master_kernel_hash = counting_hash<Digest>(0x20),
                    .slave_version = 1000000,
                    .slave_kernel_hash = counting_hash<Digest>(0x40)},
      ManifestPart{.frame = 1,
                   .arrays = {{12, 30'000}, {4, 70'000}},
                   .chunk_count = 4,
                   .first_chunk = 2,
                   .chunks = {counting_hash<ChunkId>(0x30), counting_hash<ChunkId>(0x50)}},
      ChunkRequest{.frame = 1, .chunks = {counting_hash<ChunkId>(0x50)}},
      Chunk{.id = counting_hash<ChunkId>(0x50),
            .compression = Compression::zstd,
            .stride = 12,
            .raw_bytes = 262'140,
            .content = content},
      UpdateReport{.frame = 1, .bytes_missing = 120'000'000, .bytes_total = 190'000'000},
      DeviceReport{.frame = 1, .device = 1, .state = DeviceState::failed, .text = "out of memory"},
      LeaseGrant{.lease = 42, .frame = 1, .device = 1, .units = {{7, 0, 1}, {8, 1, 4}}},
      FilmContributions{.lease = 42,
                        .frame = 1,
                        .compression = Compression::none,
                        .raw_bytes = 3,
                        .units = {{7, 0, 1, 1, 0}, {8, 1, 4, 5, 2}},
                        .sums = content},
      LeaseReturn{.lease = 42, .text = "recalled"},
      LeaseRecall{.lease = 42},
      Heartbeat{.progress = 12'345'678'901, .waited_us = 250'000},
      Goodbye{.reason = GoodbyeReason::leaving, .text = "CTRL-C"},
      FrameEnd{.frame = 1},
  };
}

inline DaemonDescription a_description() {
  DaemonDescription description;
  description.version = 1000000;
  description.id = "5b1e7c0d5b1e7c0d5b1e7c0d5b1e7c0d";
  description.name = "RENDER1";
  description.platform = "linux";
  description.mode = DaemonMode::crashed;
  description.reason = "signal 11";
  description.slave_version = 1000000;
  description.slave_kernel_hash = "00ff";
  description.devices = {{DeviceKind::cuda, 0, "NVIDIA GeForce RTX 3090", 25'000'000'000, 0}};
  description.no_gpu_reason = "";
  description.owner = {{"studio@DESK", "10.0.0.103", 21000, 1'760'000'000, 3600}};
  description.slave_stage = SlaveStage::crashed;
  description.slave_starts = 4;
  description.paused_until_unix_s = 1'760'003'600;
  description.log = {{"Devices    GPU 0"}, {"error: GPU 0 fell off the bus"}};
  return description;
}

/// One of each message of the daemon and control conversations.
inline std::vector<DaemonMessage> sample_daemon_messages() {
  const DaemonOwner owner{"studio@DESK", "10.0.0.103", 21000, 1'760'000'000, 3600};
  DaemonStatus status;
  status.nonce = 4711;
  status.version = 1000000;
  status.farm = 0x7f3ac2;
  status.port = 48000;
  status.mode = DaemonMode::bound;
  status.id = "5b1e7c0d5b1e7c0d5b1e7c0d5b1e7c0d";
  status.name = "RENDER1";
  status.gpus = 2;
  status.cpus = 1;
  status.slave_version = 1000000;
  status.reason = "why";
  status.owner = {owner};
  status.run = 123'456'789;
  status.cookie = "0123456789abcdef0123456789abcdef";
  return {
      DaemonProbe{.nonce = 4711,
                  .version = 1000000,
                  .farm = 0x7f3ac2,
                  .spread_ms = 200,
                  .cookie = "0123456789abcdef0123456789abcdef",
                  .padding = {std::byte{0}, std::byte{0}, std::byte{0}}},
      status,
      DescribeDaemon{},
      a_description(),
      OccupyDaemon{
          .nick = "studio@DESK", .master_port = 21000, .steal = 1, .heartbeat_ms = 1000, .dead_ms = 15000},
      DaemonOccupied{},
      OccupyRefused{.refusal = OccupyRefusal::reserved, .text = "kept for studio@DESK", .owner = {owner}},
      ReleaseDaemon{},
      DaemonReleased{},
      StealDaemon{.nick = "studio@DESK"},
      DaemonTaken{.by = {owner}, .text = "taken over"},
      RetryDaemon{},
      TryReach{.port = 21000},
      ReachResult{.reached = 1, .text = ""},
      TestPath{.answer_bytes = 16384, .filling = {std::byte{0}, std::byte{0}}},
      PathTested{.filling = {std::byte{0}, std::byte{0}}},
      SlaveReport{.stage = SlaveStage::waiting, .starts = 2, .reason = "signal 9", .log = {{"a line"}}},
      Unsupported{.type = 777},
      ControlRequest{.command = ControlCommand::pause, .minutes = 60},
      ControlAnswer{.port = 48000, .description = {a_description()}},
      Heartbeat{.progress = 12'345'678'901, .waited_us = 250'000},
  };
}

template <class AnyMessage>
Bytes encode_any(const AnyMessage& message) {
  return std::visit([](const auto& some) { return encode(some, 0); }, message);
}

}  // namespace oct::test
