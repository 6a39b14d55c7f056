#include <algorithm>
#include <utility>

#include "master/find_in.hpp"
#include "master/master_core.hpp"

// What comes from slaves, and what follows from it.

namespace oct {
namespace {

// A century: no clock of ours counts further.
constexpr std::uint64_t kLongestWaitUs = 3'155'760'000'000'000;

}  // namespace

void MasterCore::on_event(LinkOpened& event, Instant now) {
  Link link(SlaveLink(config_.link, scene_, event.address));
  link.joined = link.last_progress = now;
  link.same_computer = event.same_computer;
  links_.emplace(event.link, std::move(link));
}

void MasterCore::on_event(LinkMessage& event, Instant now) {
  Link* link = find_in(links_, event.link);
  if (link == nullptr || !link->connected) return;
  if (const auto* message = std::get_if<LeaseReturn>(&event.message)) {
    if (link->conversation.accepted()) return on_lease_return(*link, *message, now);
  }
  if (const auto* heartbeat = std::get_if<Heartbeat>(&event.message)) measure_rate(*link, *heartbeat, now);
  const bool full = accepted_slaves() >= kMaxConnections || next_source_ >= kNoSource;
  apply(event.link, *link, link->conversation.on(event.message, full, stop_deadline_.has_value() || ended_),
        now);
}

void MasterCore::on_event(LinkAnswers& event, Instant now) {
  Link* link = find_in(links_, event.link);
  if (link == nullptr || !link->connected || !link->conversation.accepted()) return;
  link->bytes_in += event.bytes;
  if (!event.contributions.empty()) {
    std::uint64_t passes = 0;
    for (const FilmContribution& contribution : event.contributions)
      passes += contribution.units.last_pass - contribution.units.first_pass;
    link->rate.add(event.bytes, event.bytes * passes / event.contributions.size());
  }
  link->last_progress = now;
  const std::optional<DeviceKey> key = worker_of_lease(*link, event.lease_id);
  if (!key) {
    link->dropped += static_cast<std::uint32_t>(event.contributions.size());
    return;  // of a device that was removed meanwhile
  }
  for (FilmContribution& contribution : event.contributions)
    answer(*key, event.lease_id, std::move(contribution), now);
}

/// A slave of this computer uses no network, whatever it waits for.
void MasterCore::measure_rate(Link& link, const Heartbeat& heartbeat, Instant now) {
  if (link.same_computer) return;
  link.rate.waited(std::chrono::microseconds(std::min(heartbeat.waited_us, kLongestWaitUs)), now);
  for (const auto& [device, key] : link.keys) dispatcher_.set_network_bound(key, link.rate.bound());
}

void MasterCore::on_event(LinkBroken& event, Instant now) {
  Link* link = find_in(links_, event.link);
  if (link != nullptr && link->connected)
    apply(event.link, *link, link->conversation.reject({SlaveFault::Kind::invalid_data, event.why}), now);
}

void MasterCore::on_event(LinkClosed& event, Instant now) {
  Link* link = find_in(links_, event.link);
  if (link == nullptr) return;
  const bool said_hello = link->conversation.accepted() || link->conversation.refused() || link->said_goodbye;
  remove_workers(*link, now);
  link->leases_returned += link->leases_lost;
  link->connected = false;
  if (!said_hello) {
    links_.erase(event.link);  // a stranger; the listener's log has it
    return;
  }
  if (!link->said_goodbye && !link->conversation.refused()) {
    link->end = SlaveDoing::lost;
    const SlaveLoss loss{event.error.message, link->leases_lost};
    link->why_ended = loss;
    act(Tell{notice::SlaveLost{link->conversation.name(), loss}});
  }
  act(SlaveChanged{event.link});
}

void MasterCore::on_event(ChunkSent& event, Instant now) {
  if (Link* link = find_in(links_, event.link)) {
    link->conversation.chunk_sent();
    link->last_progress = now;
  }
}

/// Carries out what a conversation asks for.
void MasterCore::apply(LinkId id, Link& link, LinkActions&& actions, Instant now) {
  for (RenderMessage& message : actions.send) act(SendToSlave{id, std::move(message)});
  if (actions.established) {
    link.source = next_source_++;
    link.joined = now;
    link.rate = LinkRate(now);
    act(EstablishLink{id});
  }
  if (!actions.send_chunks.empty()) act(SendChunks{id, std::move(actions.send_chunks)});
  for (const std::uint32_t device : actions.devices_ready) {
    if (link.keys.empty()) link.ready_at = now;
    link.keys[device] = add_worker(id, device, link.source, false, now);
  }
  for (const std::uint32_t device : actions.devices_failed) {
    if (const DeviceKey* key = find_in(link.keys, device)) {
      link.leases_returned += dispatcher_.remove_device(*key);
      workers_.erase(*key);
      link.keys.erase(device);
    }
  }
  if (actions.progress) {
    link.last_progress = now;
    for (const auto& [device, key] : link.keys) dispatcher_.touch(key, now);
  }
  if (actions.notice) act(Tell{*std::move(actions.notice)});
  if (actions.left || (actions.finish && !link.conversation.refused())) {
    remove_workers(link, now);
    link.said_goodbye = true;
    link.end = SlaveDoing::left;
    link.why_ended = link.conversation.end();
  }
  if (actions.finish) act(FinishLink{id});
  act(SlaveChanged{id});
}

void MasterCore::on_lease_return(Link& link, const LeaseReturn& message, Instant now) {
  const std::optional<DeviceKey> key = worker_of_lease(link, message.lease);
  if (!key) return;  // answered whole, or its device is gone
  // One that was recalled because others had answered it is no loss.
  if (dispatcher_.hand_back(*key, message.lease, now) > 0) ++link.leases_returned;
}

std::optional<DeviceKey> MasterCore::worker_of_lease(const Link& link, std::uint64_t lease_id) const {
  for (const auto& [device, key] : link.keys) {
    if (dispatcher_.holds(key, lease_id)) return key;
  }
  return std::nullopt;
}

}  // namespace oct
