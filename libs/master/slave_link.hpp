#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "master/served_scene.hpp"
#include "report/notice.hpp"
#include "wire/frame_id.hpp"
#include "wire/messages.hpp"

namespace oct {

/// What the master tells and demands of every slave.
struct LinkConfig {
  std::string master_name;
  std::string master_address;  ///< "10.0.0.103:21000", for texts
  std::uint32_t version = kVersion;
  Digest kernel_hash;
  CompressionSet reads = 0;
  Deadlines deadlines;
};

/// A device of a slave, with the scene of a frame.
struct DeviceOfFrame {
  FrameId frame = kNoFrame;
  std::uint32_t device = 0;  ///< index into SlaveHello::devices
};

/// What a message of a slave asks the master to do.
struct LinkActions {
  std::vector<RenderMessage> send;
  bool established = false;  ///< the slave was accepted: watch and send heartbeats, announce frames
  FrameId chunks_of = kNoFrame;
  std::vector<ChunkId> send_chunks;  ///< of that frame's scene
  bool finish = false;               ///< close when everything is sent
  std::vector<DeviceOfFrame> devices_ready;
  std::vector<DeviceOfFrame> devices_failed;
  bool progress = false;  ///< it does something
  bool left = false;      ///< nothing more will come
  SlaveEnd end;           ///< why, if it left
  std::optional<Notice> notice;
};

/// The master's side of one conversation with a slave: hello, version and kernel gate, welcome or refusal,
/// the frames it was told of, chunk requests, device states, goodbye. It knows nothing of leases or units. Pure; one
/// thread; time is a parameter.
class SlaveLink {
 public:
  /// `config` must outlive it. `address` is the peer's, without port.
  SlaveLink(const LinkConfig& config, std::string address);

  /// The slave is told of a frame, or that it has ended. `scene` must stay until then.
  void announce(FrameId frame, const ServedScene& scene);
  void frame_ended(FrameId frame) { frames_.erase(frame); }

  /// Any message but contributions and returned leases, which concern the ledger. `full`, `stopping`: no new
  /// slaves.
  LinkActions on(const RenderMessage& message, bool full, bool stopping);

  /// One requested chunk was handed to the connection.
  void chunk_sent() { chunks_outstanding_ -= chunks_outstanding_ > 0 ? 1 : 0; }

  bool accepted() const { return stage_ == Stage::accepted; }
  bool refused() const { return stage_ == Stage::refused; }
  const std::string& name() const { return hello_.name; }
  const std::string& address() const { return address_; }
  const SlaveHello& hello() const { return hello_; }
  const std::vector<DeviceInfo>& devices() const { return hello_.devices; }
  /// Of the frames that it was told of, together.
  std::uint64_t bytes_missing() const;
  std::uint64_t bytes_total() const;
  /// Whether the slave has told what it lacks of the oldest of them.
  bool update_known() const { return !frames_.empty() && frames_.begin()->second.is_reported; }
  /// Of the oldest of them, 0 without one.
  std::uint64_t bytes_missing_first() const {
    return frames_.empty() ? 0 : frames_.begin()->second.bytes_missing;
  }
  /// Why, once it was refused.
  const SlaveRefusal& refusal() const { return refusal_; }
  bool has_frame() const { return !frames_.empty(); }

  PeerName who() const { return {hello_.name, address_}; }

  /// The conversation is broken off by this side: what to send and do.
  LinkActions reject(SlaveFault fault);

 private:
  enum class Stage { hello, accepted, refused, gone };
  struct Frame {
    const ServedScene* scene = nullptr;
    std::uint64_t bytes_missing = 0, bytes_total = 0;
    bool is_reported = false;                      ///< these are the slave's own counts
    std::map<std::uint32_t, DeviceState> devices;  ///< those that have reported
  };

  LinkActions on_hello(const SlaveHello& hello, bool full, bool stopping);
  LinkActions refuse(RefusalReason reason);
  LinkActions on_chunk_request(const ChunkRequest& request);
  LinkActions on_update_report(const UpdateReport& report);
  LinkActions on_device_report(const DeviceReport& report);
  LinkActions on_heartbeat(const Heartbeat& heartbeat);
  LinkActions on_goodbye(const Goodbye& goodbye);

  const LinkConfig& config_;
  std::string address_;
  Stage stage_ = Stage::hello;
  SlaveHello hello_;
  SlaveRefusal refusal_;
  std::size_t chunks_outstanding_ = 0;
  std::map<FrameId, Frame> frames_;  ///< told of and not ended
  std::uint64_t progress_ = 0;
};

}  // namespace oct
