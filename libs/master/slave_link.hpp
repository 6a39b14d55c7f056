#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "master/served_scene.hpp"
#include "report/notice.hpp"
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

/// What a message of a slave asks the master to do.
struct LinkActions {
  std::vector<RenderMessage> send;
  bool established = false;  ///< the slave was accepted: watch and send heartbeats, send the manifest
  std::vector<ChunkId> send_chunks;
  bool finish = false;  ///< close when everything is sent
  std::vector<std::uint32_t> devices_ready;
  std::vector<std::uint32_t> devices_failed;
  bool progress = false;         ///< it does something
  bool left = false;             ///< it said goodbye: nothing more will come
  std::optional<Notice> notice;  ///< for people
};

/// The master's side of one conversation with a slave: hello, version and kernel gate, welcome or refusal,
/// chunk requests, device states, goodbye. It knows nothing of leases or units. Pure; one thread; time is a
/// parameter.
class SlaveLink {
 public:
  struct DeviceOnSlave {
    DeviceInfo info;
    std::optional<DeviceState> state;  ///< none before its first report
    std::string failure;
  };

  /// `config` and `scene` must outlive it. `address` is the peer's, without port.
  SlaveLink(const LinkConfig& config, const ServedScene& scene, std::string address);

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
  const std::vector<DeviceOnSlave>& devices() const { return devices_; }
  std::uint64_t bytes_missing() const { return bytes_missing_; }
  std::uint64_t bytes_total() const { return bytes_total_; }
  /// Why it is refused, or not a slave any more.
  const SlaveEnd& end() const { return end_; }

  /// The conversation is broken off by this side: what to send and do.
  LinkActions reject(const SlaveFault& fault);

 private:
  enum class Stage { hello, accepted, refused, gone };

  LinkActions on_hello(const SlaveHello& hello, bool full, bool stopping);
  LinkActions refuse(RefusalReason reason);
  PeerName peer() const { return {hello_.name, address_}; }
  LinkActions on_chunk_request(const ChunkRequest& request);
  LinkActions on_update_report(const UpdateReport& report);
  LinkActions on_device_report(const DeviceReport& report);
  LinkActions on_heartbeat(const Heartbeat& heartbeat);
  LinkActions on_goodbye(const Goodbye& goodbye);

  const LinkConfig& config_;
  const ServedScene& scene_;
  std::string address_;
  Stage stage_ = Stage::hello;
  SlaveHello hello_;
  std::vector<DeviceOnSlave> devices_;
  SlaveEnd end_;
  std::size_t chunks_outstanding_ = 0;
  std::uint64_t bytes_missing_ = 0;
  std::uint64_t bytes_total_ = 0;
  std::uint64_t progress_ = 0;
};

}  // namespace oct
