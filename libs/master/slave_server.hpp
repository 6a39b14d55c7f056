#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/log.hpp"
#include "base/work_queue.hpp"
#include "master/inbox_guard.hpp"
#include "master/master_config.hpp"
#include "master/master_events.hpp"
#include "master/packed_sizes.hpp"
#include "net/event_loop.hpp"
#include "net/listener.hpp"
#include "render_data/chunks.hpp"

namespace oct {

/// The master's connections to slaves: bytes to events, actions to bytes. It decides nothing. Unpacking and
/// packing of bulk happen on workers, in order for each slave. The loop's thread only.
class SlaveServer {
 public:
  using Sink = std::function<void(MasterEvent)>;

  /// Opens the port at once, so that a port in use is known before anything else is done.
  static Result<std::unique_ptr<SlaveServer>> open(EventLoop& loop, WorkQueue& workers,
                                                   const NetworkChoice& choice, Log& log);
  ~SlaveServer();

  std::uint16_t port() const { return listener_->port(); }

  /// From now on slaves are let in; until then those who came wait.
  void begin(Sink sink);

  /// What AnnounceFrame and SendChunks will name. Until the frame has ended.
  ///   sample  of the scene's chunks, packed
  void serve(FrameId frame, std::shared_ptr<const ChunkedScene> scene, PackedSample sample);
  void frame_ended(FrameId frame) { frames_.erase(frame); }

  /// Somebody who was sent away before saying hello, for people.
  void on_refused(std::function<void(const RefusedPeer&)> call) { on_refused_ = std::move(call); }

  void carry_out(SendToSlave& action);
  void carry_out(EstablishLink& action);
  void carry_out(AnnounceFrame& action);
  void carry_out(RetractFrame& action);
  void carry_out(SendChunks& action);
  void carry_out(FinishLink& action);

  /// Connections that are not closed yet.
  std::size_t open_connections() const { return slaves_.size(); }
  std::uint64_t bytes_out(LinkId link) const;
  std::uint64_t bytes_in(LinkId link) const;
  /// Of the scenes that it was told of and that are served still.
  UpdateBytes update_bytes(LinkId link) const;

 private:
  struct Frame {
    std::shared_ptr<const ChunkedScene> scene;
    PackedSizes sizes;
  };
  /// A part of a frame's manifest, by its first chunk, or a chunk.
  struct Bulk {
    FrameId frame = kNoFrame;
    std::variant<std::uint32_t, ChunkId> what;
  };
  struct Received {
    Result<RenderMessage> message;
    std::size_t bytes;
  };
  struct Slave {
    std::unique_ptr<Connection> connection;
    std::deque<Received> inbox;  ///< waits behind a packet that is being unpacked
    InboxGuard guard;
    bool unpacking = false;
    std::deque<Bulk> outbox;  ///< waits for room in the connection
    bool packing = false;
    std::map<FrameId, DataBytes> announced;  ///< and what was sent of their scenes
    CompressionSet reads = 0;
    bool finishing = false;
    bool broken = false;          ///< nothing more is read from it
    std::optional<Error> closed;  ///< why the connection ended; told once the inbox is read
  };
  struct Traffic {
    std::uint64_t in = 0, out = 0;
    UpdateBytes update;
  };

  SlaveServer(EventLoop& loop, WorkQueue& workers, const Deadlines& deadlines, Log& log)
      : loop_(loop), workers_(workers), deadlines_(deadlines), log_(log) {}

  Result<std::unique_ptr<Listener>> listen(ListenOptions options);
  void accept(std::unique_ptr<Connection> connection);
  void start(std::unique_ptr<Connection> connection);
  void on_packet(LinkId link, Packet packet);
  void read_inbox(LinkId link);
  void read(LinkId link, Result<RenderMessage> message);
  void unpack(LinkId link, FilmContributions message);
  void send_bulk(LinkId link);
  void pack(LinkId link, FrameId frame, const ChunkId& id);
  void send_chunk(Slave& slave, FrameId frame, const Chunk& chunk);
  static ManifestPart manifest_part(FrameId frame, const Manifest& manifest, std::uint32_t first_chunk);
  void on_closed(LinkId link, const Error& error);
  void end_if_closed(LinkId link);
  Slave* find(LinkId link);

  EventLoop& loop_;
  WorkQueue& workers_;
  const Deadlines deadlines_;
  Log& log_;
  std::map<FrameId, Frame> frames_;
  Sink sink_;
  std::function<void(const RefusedPeer&)> on_refused_ = [](const RefusedPeer&) {};
  std::deque<std::unique_ptr<Connection>> early_;  ///< came before begin()
  std::map<LinkId, Slave> slaves_;
  std::map<LinkId, Traffic> traffic_;
  LinkId next_link_ = 1;
  /// Workers' answers find out by it that the server is gone.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::unique_ptr<Listener> listener_,
      listener_v6_;  ///< the latter where it listens at all addresses, IPv6 too
};

}  // namespace oct
