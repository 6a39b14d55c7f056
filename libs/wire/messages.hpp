#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/hash.hpp"
#include "base/version.hpp"
#include "data/unit.hpp"
#include "wire/chunk_id.hpp"
#include "wire/device_info.hpp"
#include "wire/frame_id.hpp"
#include "wire/limits.hpp"

// Every message of the render conversation, with its direction, meaning and fields. Both ends have the same
// version and kernel hash, so nothing here is ever missing, optional or unknown. docs/protocol.md draws who
// says what when.
//
// fields() lists what travels in the CBOR document; a third argument is the largest value of a number, or the
// largest size of a text or list. kPayload is what travels raw behind it, at most kMaxPayloadItems items.
// kLane says whether a message may pass others (control) or keeps its place in the line (bulk: whatever must
// not overtake bulk, too).

namespace oct {

enum class MessageType : std::uint16_t {
  slave_hello = 1,
  master_welcome = 2,
  master_refusal = 3,
  manifest_part = 4,
  chunk_request = 5,
  chunk = 6,
  update_report = 7,
  device_report = 8,
  lease_grant = 9,
  film_contributions = 10,
  lease_return = 11,
  lease_recall = 12,
  heartbeat = 13,
  goodbye = 14,
  frame_end = 15,
  // of the daemon conversation (daemon_messages.hpp); these numbers never change
  daemon_probe = 101,
  daemon_status = 102,
  describe_daemon = 103,
  daemon_description = 104,
  occupy_daemon = 105,
  daemon_occupied = 106,
  occupy_refused = 107,
  release_daemon = 108,
  daemon_released = 109,
  steal_daemon = 110,
  daemon_taken = 111,
  retry_daemon = 112,
  try_reach = 113,
  reach_result = 114,
  slave_report = 115,
  unsupported = 116,
  control_request = 117,
  control_answer = 118,
  test_path = 119,
  path_tested = 120,
};

enum class Direction { to_master, to_slave, to_daemon, both };
enum class Lane { control, bulk };

/// How payload bytes are packed. A peer tells which it can read; `none` everybody can.
enum class Compression : std::uint32_t { none = 0, lz4 = 1, zstd = 2 };

/// Bit mask of those that a party reads.
using CompressionSet = std::uint32_t;
inline constexpr CompressionSet kAllCompressions = 0b111;
constexpr CompressionSet compression_bit(Compression compression) {
  return CompressionSet{1} << static_cast<std::uint32_t>(compression);
}

enum class RefusalReason : std::uint32_t {
  other_version = 0,  ///< final: the slave ends
  other_kernels = 1,  ///< final
  full = 2,           ///< kMaxConnections slaves are here; try again later
  stopping = 3,       ///< the master is about to end; try again later
};

/// What one device of a slave does with the scene.
enum class DeviceState : std::uint32_t {
  building = 0,  ///< it has the data and prepares it
  ready = 1,     ///< leases may come
  failed = 2,    ///< it does no more for this scene; `text` tells why
};

enum class GoodbyeReason : std::uint32_t {
  finished = 0,  ///< master: the render is done
  leaving = 1,   ///< somebody asked this party to stop
  failed = 2,    ///< something went wrong here; `text` tells what
  rejected = 3,  ///< the peer broke the protocol, or rendered a unit wrong; `text` tells what
};

// Numbers of enumerators, for the decoder.
constexpr std::uint32_t enum_count(DeviceKind) {
  return 2;
}
constexpr std::uint32_t enum_count(Compression) {
  return 3;
}
constexpr std::uint32_t enum_count(RefusalReason) {
  return 4;
}
constexpr std::uint32_t enum_count(DeviceState) {
  return 3;
}
constexpr std::uint32_t enum_count(GoodbyeReason) {
  return 4;
}

/// What a device computed of the built-in canary, which every device of every release computes alike.
struct CanaryResult {
  Digest digest;

  static void fields(auto& self, auto&& field) { field("digest", self.digest); }
};

/// slave → master, first on the connection; answered by MasterWelcome or MasterRefusal.
struct SlaveHello {
  static constexpr auto kType = MessageType::slave_hello;
  static constexpr auto kDirection = Direction::to_master;
  static constexpr auto kLane = Lane::control;

  std::uint32_t version = kVersion;    ///< 2.0.2 is 2000002; must equal the master's
  Digest kernel_hash;                  ///< of kernel sources, layouts and flags; must equal the master's
  std::string name;                    ///< of the computer, for people
  std::string platform;                ///< "linux", "windows"
  CompressionSet reads = 0;            ///< payloads that it can unpack
  std::vector<DeviceInfo> devices;     ///< at least one; each adds two leases of credit
  std::vector<CanaryResult> canaries;  ///< one for each device

  static void fields(auto& self, auto&& field) {
    field("version", self.version);
    field("kernel_hash", self.kernel_hash);
    field("name", self.name, kMaxNameBytes);
    field("platform", self.platform, kMaxNameBytes);
    field("reads", self.reads, kAllCompressions);
    field("devices", self.devices, kMaxDevices);
    field("canaries", self.canaries, kMaxDevices);
  }
};

/// master → slave: you are accepted. From here on both send Heartbeat.
struct MasterWelcome {
  static constexpr auto kType = MessageType::master_welcome;
  static constexpr auto kDirection = Direction::to_slave;
  static constexpr auto kLane = Lane::control;

  std::string name;                ///< of the master's computer, for people
  CompressionSet reads = 0;        ///< payloads that it can unpack
  std::uint32_t heartbeat_ms = 0;  ///< the master's deadlines hold at both ends
  std::uint32_t dead_ms = 0;

  static void fields(auto& self, auto&& field) {
    field("name", self.name, kMaxNameBytes);
    field("reads", self.reads, kAllCompressions);
    field("heartbeat_ms", self.heartbeat_ms, kMaxDeadlineMs);
    field("dead_ms", self.dead_ms, kMaxDeadlineMs);
  }
};

/// master → slave: not you, and why; then it closes. Names both sides, so that both can say the same.
struct MasterRefusal {
  static constexpr auto kType = MessageType::master_refusal;
  static constexpr auto kDirection = Direction::to_slave;
  static constexpr auto kLane = Lane::control;

  RefusalReason reason = RefusalReason::stopping;
  std::string text;  ///< one sentence for people
  std::uint32_t master_version = kVersion;
  Digest master_kernel_hash;
  std::uint32_t slave_version = 0;
  Digest slave_kernel_hash;

  static void fields(auto& self, auto&& field) {
    field("reason", self.reason);
    field("text", self.text, kMaxTextBytes);
    field("master_version", self.master_version);
    field("master_kernel_hash", self.master_kernel_hash);
    field("slave_version", self.slave_version);
    field("slave_kernel_hash", self.slave_kernel_hash);
  }
};

/// master → slave: a frame is announced; its render data is made of these chunks. A long list of chunks comes in
/// several parts, in order; all parts repeat the head. At most kSceneSlots frames are announced at a time: the
/// next one's scene is fetched and built while the current one renders.
struct ManifestPart {
  static constexpr auto kType = MessageType::manifest_part;
  static constexpr auto kDirection = Direction::to_slave;
  static constexpr auto kLane = Lane::bulk;

  FrameId frame = kNoFrame;
  std::vector<ArrayInfo> arrays;  ///< in the order of RenderDataArrays::each
  std::uint32_t chunk_count = 0;  ///< of all parts
  std::uint32_t first_chunk = 0;  ///< of this part
  std::vector<ChunkId> chunks;    ///< first_chunk.., in order; equal pieces have equal ids

  static constexpr auto kPayload = &ManifestPart::chunks;
  static constexpr std::size_t kMaxPayloadItems = kMaxChunksPerPacket;
  static void fields(auto& self, auto&& field) {
    field("frame", self.frame);
    field("arrays", self.arrays, kMaxArrays);
    field("chunk_count", self.chunk_count, kMaxChunks);
    field("first_chunk", self.first_chunk, kMaxChunks);
  }
};

/// slave → master: send these, in this order. The slave bounds what is outstanding (kChunkBytesAhead).
struct ChunkRequest {
  static constexpr auto kType = MessageType::chunk_request;
  static constexpr auto kDirection = Direction::to_master;
  static constexpr auto kLane = Lane::control;

  FrameId frame = kNoFrame;
  std::vector<ChunkId> chunks;

  static constexpr auto kPayload = &ChunkRequest::chunks;
  static constexpr std::size_t kMaxPayloadItems = kMaxChunksAhead;
  static void fields(auto& self, auto&& field) { field("frame", self.frame); }
};

/// master → slave: one piece of render data (wire/chunk_codec.hpp packs and unpacks it).
struct Chunk {
  static constexpr auto kType = MessageType::chunk;
  static constexpr auto kDirection = Direction::to_slave;
  static constexpr auto kLane = Lane::bulk;

  ChunkId id;
  Compression compression = Compression::none;
  std::uint32_t stride = 1;     ///< bytes were grouped by their place in elements of this size; 1 = were not
  std::uint32_t raw_bytes = 0;  ///< of the content
  Bytes content;                ///< as packed

  static constexpr auto kPayload = &Chunk::content;
  static constexpr std::size_t kMaxPayloadItems = kMaxChunkBytes;
  static void fields(auto& self, auto&& field) {
    field("id", self.id);
    field("compression", self.compression);
    field("stride", self.stride, kMaxElementBytes);
    field("raw_bytes", self.raw_bytes, kMaxChunkBytes);
  }
};

/// slave → master: how much of the scene it still lacks, after the manifest and as chunks arrive (not for
/// each).
struct UpdateReport {
  static constexpr auto kType = MessageType::update_report;
  static constexpr auto kDirection = Direction::to_master;
  static constexpr auto kLane = Lane::control;

  FrameId frame = kNoFrame;
  std::uint64_t bytes_missing = 0;  ///< 0 = everything is here and was checked
  std::uint64_t bytes_total = 0;

  static void fields(auto& self, auto&& field) {
    field("frame", self.frame);
    field("bytes_missing", self.bytes_missing, kMaxSceneBytes);
    field("bytes_total", self.bytes_total, kMaxSceneBytes);
  }
};

/// slave → master: a device began to prepare the scene, is ready for leases, or failed. After `failed` its
/// leases come back as LeaseReturn.
struct DeviceReport {
  static constexpr auto kType = MessageType::device_report;
  static constexpr auto kDirection = Direction::to_master;
  static constexpr auto kLane = Lane::control;

  FrameId frame = kNoFrame;
  std::uint32_t device = 0;  ///< index into SlaveHello::devices
  DeviceState state = DeviceState::building;
  std::string text;  ///< of a failure: "GPU 1 needs 9.4 GB for this scene, 7.8 GB are free"

  static void fields(auto& self, auto&& field) {
    field("frame", self.frame);
    field("device", self.device, kMaxDevices - 1);
    field("state", self.state);
    field("text", self.text, kMaxTextBytes);
  }
};

/// master → slave: render these units on this device, in this order. Granted while a ready device has credit.
/// The slave answers each unit in FilmContributions, and what it does not render in LeaseReturn.
struct LeaseGrant {
  static constexpr auto kType = MessageType::lease_grant;
  static constexpr auto kDirection = Direction::to_slave;
  static constexpr auto kLane = Lane::control;

  std::uint64_t lease = 0;  ///< never used twice by a master
  FrameId frame = kNoFrame;
  std::uint32_t device = 0;      ///< index into SlaveHello::devices
  std::vector<UnitRange> units;  ///< at least one; several passes of a tile come back as one sum

  static constexpr auto kPayload = &LeaseGrant::units;
  static constexpr std::size_t kMaxPayloadItems = kMaxLeaseUnits;
  static void fields(auto& self, auto&& field) {
    field("lease", self.lease);
    field("frame", self.frame);
    field("device", self.device, kMaxDevices - 1);
  }
};

/// The units of one contribution inside FilmContributions.
struct ContributionInfo {
  std::uint32_t tile = 0;
  std::uint32_t first_pass = 0, last_pass = 0;
  std::uint32_t bytes_per_sum = 0;       ///< 0..8: bytes that hold each of its sums; 0 = all are zero
  std::uint64_t non_finite_samples = 0;  ///< counted as zero: a bug

  static void fields(auto& self, auto&& field) {
    field("tile", self.tile);
    field("first_pass", self.first_pass, kMaxPasses);
    field("last_pass", self.last_pass, kMaxPasses);
    field("bytes_per_sum", self.bytes_per_sum, 8);
    field("non_finite_samples", self.non_finite_samples);
  }
};

/// slave → master: finished units of one lease (film/contribution_codec.hpp packs and unpacks the sums). A
/// lease may be answered in any number of packets, as its units finish.
struct FilmContributions {
  static constexpr auto kType = MessageType::film_contributions;
  static constexpr auto kDirection = Direction::to_master;
  static constexpr auto kLane = Lane::bulk;

  std::uint64_t lease = 0;
  FrameId frame = kNoFrame;  ///< of the lease: what belongs to a frame that has ended is dropped silently
  Compression compression = Compression::none;
  std::uint32_t raw_bytes = 0;  ///< of the sums before compression
  std::vector<ContributionInfo> units;
  Bytes sums;  ///< as packed

  static constexpr auto kPayload = &FilmContributions::sums;
  static constexpr std::size_t kMaxPayloadItems = kMaxPayloadBytes;
  static void fields(auto& self, auto&& field) {
    field("lease", self.lease);
    field("frame", self.frame);
    field("compression", self.compression);
    field("raw_bytes", self.raw_bytes, kMaxPayloadBytes);
    field("units", self.units, kMaxContributionUnits);
  }
};

/// slave → master, behind the last contribution of the lease: it does no more of it. Units not answered by
/// then are free again.
struct LeaseReturn {
  static constexpr auto kType = MessageType::lease_return;
  static constexpr auto kDirection = Direction::to_master;
  static constexpr auto kLane = Lane::bulk;

  std::uint64_t lease = 0;
  std::string text;  ///< why, for people: "recalled", "the device failed: ..."

  static void fields(auto& self, auto&& field) {
    field("lease", self.lease);
    field("text", self.text, kMaxTextBytes);
  }
};

/// master → slave: stop at the next unit of this lease and return the rest. A lease that has already ended is
/// no error.
struct LeaseRecall {
  static constexpr auto kType = MessageType::lease_recall;
  static constexpr auto kDirection = Direction::to_slave;
  static constexpr auto kLane = Lane::control;

  std::uint64_t lease = 0;

  static void fields(auto& self, auto&& field) { field("lease", self.lease); }
};

/// Both ways, every heartbeat interval from the welcome on. Any byte proves life; the counter proves
/// progress.
struct Heartbeat {
  static constexpr auto kType = MessageType::heartbeat;
  static constexpr auto kDirection = Direction::both;
  static constexpr auto kLane = Lane::control;

  std::uint64_t progress = 0;   ///< advances with every chunk, stage of upload and build, and unit
  std::uint64_t waited_us = 0;  ///< time in which the sender waited for the connection to take its bytes

  static void fields(auto& self, auto&& field) {
    field("progress", self.progress);
    field("waited_us", self.waited_us);
  }
};

/// Both ways, the last message: behind everything that is still to be sent. Then the connection is closed.
struct Goodbye {
  static constexpr auto kType = MessageType::goodbye;
  static constexpr auto kDirection = Direction::both;
  static constexpr auto kLane = Lane::bulk;

  GoodbyeReason reason = GoodbyeReason::finished;
  std::string text;

  static void fields(auto& self, auto&& field) {
    field("reason", self.reason);
    field("text", self.text, kMaxTextBytes);
  }
};

/// master → slave: nothing more is wanted of this frame. Its leases end; its scene may be kept, since the next one
/// has most of it in common.
struct FrameEnd {
  static constexpr auto kType = MessageType::frame_end;
  static constexpr auto kDirection = Direction::to_slave;
  static constexpr auto kLane = Lane::bulk;

  FrameId frame = kNoFrame;

  static void fields(auto& self, auto&& field) { field("frame", self.frame); }
};

/// Any message of the conversation; also the one list of them.
using RenderMessage = std::variant<SlaveHello, MasterWelcome, MasterRefusal, ManifestPart, ChunkRequest,
                                   Chunk, UpdateReport, DeviceReport, LeaseGrant, FilmContributions,
                                   LeaseReturn, LeaseRecall, Heartbeat, Goodbye, FrameEnd>;

/// "slave_hello"; "unknown message" for a number without name.
const char* to_string(MessageType type);
const char* to_string(Compression compression);
const char* to_string(RefusalReason reason);
const char* to_string(DeviceState state);
const char* to_string(GoodbyeReason reason);

}  // namespace oct
