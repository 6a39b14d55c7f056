#include "master/slave_server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "film/contribution_codec.hpp"
#include "wire/chunk_codec.hpp"
#include "wire/codec.hpp"

namespace oct {

Result<std::unique_ptr<SlaveServer>> SlaveServer::open(EventLoop& loop, WorkQueue& workers,
                                                       const NetworkChoice& choice, Log& log) {
  auto server = std::unique_ptr<SlaveServer>(new SlaveServer(loop, workers, choice.deadlines, log));
  ListenOptions options;
  options.ports = {choice.port, choice.automatic_port ? kAutomaticPorts : std::uint16_t{1}};
  options.access = choice.access;
  options.answer.name = host_name();
  if (!choice.bind.empty()) options.address = choice.bind;
  OCT_TRY_ASSIGN(server->listener_, server->listen(options));
  if (!choice.bind.empty()) return server;
  // The same port where the computer has IPv6.
  options.address = "::";
  options.ports = {server->port(), 1};
  auto listener_v6 = server->listen(std::move(options));
  if (listener_v6) {
    server->listener_v6_ = *std::move(listener_v6);
  } else {
    log.info("net", "not on IPv6: {}", listener_v6.error().message);
  }
  return server;
}

Result<std::unique_ptr<Listener>> SlaveServer::listen(ListenOptions options) {
  return Listener::open(
      loop_, std::move(options),
      [this](std::unique_ptr<Connection> connection) { accept(std::move(connection)); },
      [this](const RefusedPeer& peer) { on_refused_(peer); });
}

SlaveServer::~SlaveServer() {
  *alive_ = false;
}

void SlaveServer::begin(Sink sink) {
  sink_ = std::move(sink);
  while (!early_.empty()) {
    start(std::move(early_.front()));
    early_.pop_front();
  }
}

void SlaveServer::serve(FrameId frame, std::shared_ptr<const ChunkedScene> scene, PackedSample sample) {
  const std::uint64_t bytes = scene->distinct_bytes();
  frames_.insert_or_assign(frame, Frame{std::move(scene), PackedSizes(bytes, sample)});
}

void SlaveServer::accept(std::unique_ptr<Connection> connection) {
  if (!sink_) {
    early_.push_back(std::move(connection));
  } else {
    start(std::move(connection));
  }
}

void SlaveServer::start(std::unique_ptr<Connection> connection) {
  const LinkId link = next_link_++;
  const std::string address = connection->peer().address;
  log_.debug("net", "connection from {}", connection->peer().text());
  Slave& slave = slaves_[link];
  slave.connection = std::move(connection);
  ConnectionEvents events;
  events.on_packet = [this, link](Packet packet) { on_packet(link, std::move(packet)); };
  events.on_bulk_room = [this, link] { send_bulk(link); };
  events.on_closed = [this, link](const Error& error) { on_closed(link, error); };
  slave.connection->start(std::move(events));
  sink_(LinkOpened{link, address, is_loopback(address)});
}

SlaveServer::Slave* SlaveServer::find(LinkId link) {
  const auto found = slaves_.find(link);
  return found == slaves_.end() ? nullptr : &found->second;
}

// From slaves.

void SlaveServer::on_packet(LinkId link, Packet packet) {
  Slave* slave = find(link);
  if (slave == nullptr || slave->broken) return;
  const std::size_t bytes = packet.document.size() + packet.payload.size();
  Result<RenderMessage> message = decode_render_message(std::move(packet));
  if (auto fault = slave->guard.arrived(message, bytes)) {
    slave->broken = true;
    slave->inbox.clear();
    return sink_(LinkBroken{link, std::move(*fault)});
  }
  slave->inbox.push_back({std::move(message), bytes});
  read_inbox(link);
}

/// Packets keep their order, although some are unpacked by a worker.
void SlaveServer::read_inbox(LinkId link) {
  for (Slave* slave = find(link); slave != nullptr && !slave->unpacking && !slave->inbox.empty();
       slave = find(link)) {
    Received received = std::move(slave->inbox.front());
    slave->inbox.pop_front();
    slave->guard.taken(received.message, received.bytes);
    read(link, std::move(received.message));
  }
  end_if_closed(link);
}

void SlaveServer::read(LinkId link, Result<RenderMessage> message) {
  if (!message) {
    sink_(LinkBroken{link, message.error().message});
  } else if (auto* contributions = std::get_if<FilmContributions>(&*message)) {
    unpack(link, std::move(*contributions));
  } else {
    if (const auto* hello = std::get_if<SlaveHello>(&*message)) slaves_.at(link).reads = hello->reads;
    sink_(LinkMessage{link, *std::move(message)});
  }
}

/// What belongs to a frame that has ended is dropped.
void SlaveServer::unpack(LinkId link, FilmContributions message) {
  const auto frame = frames_.find(message.frame);
  if (frame == frames_.end())
    return sink_(LinkAnswers{link, message.lease, message.frame, {}, message.sums.size()});
  slaves_.at(link).unpacking = true;
  const RenderSettings settings = frame->second.scene->data()->settings.front();
  auto shared = std::make_shared<const FilmContributions>(std::move(message));
  // The server may be gone when the worker comes to it: only the loop's thread may look.
  workers_.post([this, &loop = loop_, alive = alive_, link, shared, settings] {
    auto unpacked =
        std::make_shared<Result<std::vector<FilmContribution>>>(unpack_contributions(settings, *shared));
    loop.post([this, alive, link, shared, unpacked] {
      if (!*alive) return;
      Slave* slave = find(link);
      if (slave == nullptr) return;
      slave->unpacking = false;
      if (*unpacked) {
        sink_(LinkAnswers{link, shared->lease, shared->frame, std::move(**unpacked), shared->sums.size()});
      } else {
        sink_(LinkBroken{link, unpacked->error().message});
      }
      read_inbox(link);
    });
  });
}

/// What came before the end still counts: contributions, and the goodbye behind them, may be waiting for a
/// worker.
void SlaveServer::on_closed(LinkId link, const Error& error) {
  Slave* slave = find(link);
  if (slave == nullptr) return;
  log_.debug("net", "connection to {} closed: {}", slave->connection->peer().text(), error.message);
  slave->closed = error;
  end_if_closed(link);
}

void SlaveServer::end_if_closed(LinkId link) {
  const Slave* slave = find(link);
  if (slave == nullptr || !slave->closed || slave->unpacking || !slave->inbox.empty()) return;
  const Error error = *slave->closed;
  traffic_[link] = {slave->connection->bytes_in(), slave->connection->bytes_out(), update_bytes(link)};
  slaves_.erase(link);
  sink_(LinkClosed{link, error});
}

// To slaves.

void SlaveServer::carry_out(SendToSlave& action) {
  Slave* slave = find(action.link);
  if (slave == nullptr || slave->finishing) return;
  if (const auto* grant = std::get_if<LeaseGrant>(&action.message)) slave->guard.granted(*grant);
  std::visit([&](const auto& message) { slave->connection->send(message); }, action.message);
}

void SlaveServer::carry_out(EstablishLink& action) {
  Slave* slave = find(action.link);
  if (slave == nullptr) return;
  slave->connection->established(deadlines_.heartbeat, deadlines_.dead, [] { return std::uint64_t{0}; });
}

void SlaveServer::carry_out(AnnounceFrame& action) {
  Slave* slave = find(action.link);
  const auto frame = frames_.find(action.frame);
  if (slave == nullptr || slave->finishing || frame == frames_.end()) return;
  slave->announced.try_emplace(action.frame);
  const auto chunks = static_cast<std::uint32_t>(frame->second.scene->manifest().chunks.size());
  for (std::uint32_t first = 0; first < chunks; first += kMaxChunksPerPacket)
    slave->outbox.push_back({action.frame, first});
  send_bulk(action.link);
}

/// The word that it has ended keeps its place behind what was handed over; what was not is never sent.
void SlaveServer::carry_out(RetractFrame& action) {
  Slave* slave = find(action.link);
  if (slave == nullptr || slave->finishing || slave->announced.erase(action.frame) == 0) return;
  std::size_t chunks = 0;
  std::erase_if(slave->outbox, [&](const Bulk& bulk) {
    if (bulk.frame != action.frame) return false;
    chunks += std::holds_alternative<ChunkId>(bulk.what) ? 1 : 0;
    return true;
  });
  slave->connection->send(FrameEnd{action.frame});
  for (; chunks > 0; --chunks) sink_(ChunkSent{action.link});
}

void SlaveServer::carry_out(SendChunks& action) {
  Slave* slave = find(action.link);
  if (slave == nullptr || slave->finishing) return;
  for (const ChunkId& id : action.chunks) slave->outbox.push_back({action.frame, id});
  send_bulk(action.link);
}

void SlaveServer::carry_out(FinishLink& action) {
  Slave* slave = find(action.link);
  if (slave == nullptr || std::exchange(slave->finishing, true)) return;
  slave->outbox.clear();
  slave->connection->finish();
}

/// Hands bulk over as there is room, one piece after the other; chunks are packed by a worker.
void SlaveServer::send_bulk(LinkId link) {
  Slave* slave = find(link);
  while (slave != nullptr && !slave->packing && !slave->finishing && !slave->outbox.empty() &&
         slave->connection->bulk_has_room()) {
    const Bulk next = slave->outbox.front();
    slave->outbox.pop_front();
    if (!frames_.contains(next.frame)) continue;
    if (const auto* id = std::get_if<ChunkId>(&next.what)) {
      pack(link, next.frame, *id);
    } else {
      slave->connection->send(manifest_part(next.frame, frames_.at(next.frame).scene->manifest(),
                                            std::get<std::uint32_t>(next.what)));
    }
  }
}

void SlaveServer::pack(LinkId link, FrameId frame, const ChunkId& id) {
  Slave& slave = slaves_.at(link);
  slave.packing = true;
  workers_.post([this, &loop = loop_, alive = alive_, link, frame, id, reads = slave.reads,
                 scene = frames_.at(frame).scene] {
    const ChunkView view = scene->find(id).value();
    auto chunk = std::make_shared<const Chunk>(pack_chunk(id, view.content, view.element_bytes, reads));
    loop.post([this, alive, link, frame, chunk] {
      if (!*alive) return;
      Slave* there = find(link);
      if (there == nullptr) return;
      there->packing = false;
      // Behind the word that its frame has ended it would be one that nobody asked for.
      if (!there->finishing && there->announced.contains(frame)) send_chunk(*there, frame, *chunk);
      sink_(ChunkSent{link});
      send_bulk(link);
    });
  });
}

void SlaveServer::send_chunk(Slave& slave, FrameId frame, const Chunk& chunk) {
  slave.connection->send(chunk);
  const DataBytes bytes{chunk.raw_bytes, chunk.content.size()};
  DataBytes& sent = slave.announced.at(frame);
  sent.content += bytes.content;
  sent.wire += bytes.wire;
  if (const auto served = frames_.find(frame); served != frames_.end())
    served->second.sizes.packed(chunk.id, bytes);
}

ManifestPart SlaveServer::manifest_part(FrameId frame, const Manifest& manifest, std::uint32_t first_chunk) {
  ManifestPart part;
  part.frame = frame;
  part.arrays = manifest.arrays;
  part.chunk_count = static_cast<std::uint32_t>(manifest.chunks.size());
  part.first_chunk = first_chunk;
  const std::size_t last = std::min<std::size_t>(manifest.chunks.size(), first_chunk + kMaxChunksPerPacket);
  part.chunks.assign(manifest.chunks.begin() + first_chunk,
                     manifest.chunks.begin() + static_cast<std::ptrdiff_t>(last));
  return part;
}

std::uint64_t SlaveServer::bytes_out(LinkId link) const {
  const auto open = slaves_.find(link);
  if (open != slaves_.end()) return open->second.connection->bytes_out();
  const auto closed = traffic_.find(link);
  return closed == traffic_.end() ? 0 : closed->second.out;
}

std::uint64_t SlaveServer::bytes_in(LinkId link) const {
  const auto open = slaves_.find(link);
  if (open != slaves_.end()) return open->second.connection->bytes_in();
  const auto closed = traffic_.find(link);
  return closed == traffic_.end() ? 0 : closed->second.in;
}

UpdateBytes SlaveServer::update_bytes(LinkId link) const {
  const auto open = slaves_.find(link);
  if (open == slaves_.end()) {
    const auto closed = traffic_.find(link);
    return closed == traffic_.end() ? UpdateBytes{} : closed->second.update;
  }
  UpdateBytes update;
  for (const auto& [frame, sent] : open->second.announced) {
    const auto served = frames_.find(frame);
    if (served == frames_.end()) continue;
    const DataBytes total = served->second.sizes.total();
    update.total.content += total.content;
    update.total.wire += total.wire;
    update.sent.content += sent.content;
    update.sent.wire += sent.wire;
  }
  return update;
}

}  // namespace oct
