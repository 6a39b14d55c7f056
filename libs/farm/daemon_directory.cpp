#include "farm/daemon_directory.hpp"

#include <algorithm>
#include <tuple>

#include "farm/bound_since.hpp"
#include "farm/subnet.hpp"

namespace oct {
namespace {

constexpr std::size_t kMostAddresses = 8;  // of one daemon

bool can_be_used(const NetworkAccess& access, const std::string& address) {
  return access.key || access.insecure || is_loopback(address);
}

}  // namespace

DaemonDirectory::DaemonDirectory(DirectoryLimits limits, NetworkAccess access)
    : limits_(limits), access_(std::move(access)) {}

bool DaemonDirectory::begin_round(std::uint64_t nonce) {
  nonces_[1] = nonces_[0];
  nonces_[0] = nonce;
  for (auto& [key, entry] : entries_) {
    if (entry.round < round_) {
      ++entry.daemon.misses;
    } else {
      entry.daemon.misses = 0;
    }
  }
  ++round_;
  const std::size_t gone = std::erase_if(entries_, [&](const auto& item) {
    const SeenDaemon& daemon = item.second.daemon;
    if (daemon.misses < limits_.misses) return false;
    strangers_ -= daemon.stranger ? 1 : 0;
    return true;
  });
  if (gone > 0) see_who_still_shares();
  return gone > 0;
}

bool DaemonDirectory::expects(std::uint64_t nonce) const {
  return nonces_[0] == nonce || nonces_[1] == nonce;
}

bool DaemonDirectory::has_answered(const Endpoint& endpoint) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const auto& item) {
    const auto& heard = item.second.heard;
    return !item.second.daemon.stranger && std::any_of(heard.begin(), heard.end(), [&](const Heard& one) {
      return one.endpoint == endpoint && one.round == round_;
    });
  });
}

/// What of an answer may be believed; nothing when it must be thrown away.
std::optional<SeenDaemon> DaemonDirectory::believed(const Endpoint& from, const DaemonStatus& status,
                                                    bool proved) const {
  SeenDaemon daemon;
  daemon.endpoint = {from.address, static_cast<std::uint16_t>(status.port)};
  if (status.port == 0) return std::nullopt;
  if (access_.farm() == status.farm && (proved || !access_.key)) {
    daemon.status = status;
    daemon.stranger = status.id.size() != kDaemonIdBytes;
    if (daemon.stranger) daemon.key = from.address;
    return daemon;
  }
  // It says that it is of our farm, but cannot prove it.
  if (access_.farm() == status.farm) return std::nullopt;
  daemon.stranger = true;
  daemon.key = from.address;
  daemon.status.version = status.version;
  daemon.status.farm = status.farm;
  daemon.status.port = status.port;
  daemon.status.mode = status.farm == 0 ? DaemonMode::not_activated : DaemonMode::other_farm;
  return daemon;
}

bool DaemonDirectory::on_answer(const Endpoint& from, const DaemonStatus& status, bool proved) {
  if (!expects(status.nonce)) return false;
  auto daemon = believed(from, status, proved);
  if (!daemon) return false;
  if (!daemon->stranger) {
    drop_stranger_at(daemon->endpoint);
  } else if (is_place_taken(*daemon)) {
    return false;
  }
  Entry* entry = entry_for(*daemon);
  if (entry == nullptr) return false;
  note_place(*entry, daemon->endpoint);
  daemon->key = entry->daemon.key;
  daemon->endpoint = best_of(entry->heard);
  daemon->shares_id = entry->daemon.shares_id;
  keep_moment(daemon->status.owner, entry->daemon.status.owner);
  const std::string id = daemon->stranger ? std::string() : daemon->status.id;
  entry->daemon = *std::move(daemon);
  entry->round = round_;
  mark_shared_id(id);
  return true;
}

/// By a daemon, which a stranger must not push aside; or by another stranger of that address.
bool DaemonDirectory::is_place_taken(const SeenDaemon& stranger) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const auto& item) {
    const SeenDaemon& there = item.second.daemon;
    if (item.second.round != round_) return false;
    if (!there.stranger) return there.endpoint == stranger.endpoint;
    return there.key == stranger.key && there.endpoint != stranger.endpoint;
  });
}

/// What was a stranger has got our key, or told its id.
void DaemonDirectory::drop_stranger_at(const Endpoint& endpoint) {
  const auto found = entries_.find(endpoint.address);
  if (found == entries_.end() || !found->second.daemon.stranger) return;
  if (found->second.daemon.endpoint != endpoint) return;
  entries_.erase(found);
  --strangers_;
}

/// The entry that an answer belongs to, new perhaps; nothing when there is no room.
DaemonDirectory::Entry* DaemonDirectory::entry_for(const SeenDaemon& daemon) {
  if (daemon.stranger) {
    const auto known = entries_.find(daemon.key);
    if (known != entries_.end()) return &known->second;
  } else if (Entry* known = entry_of_run(daemon)) {
    return known;
  }
  if (!make_room(daemon.stranger)) return nullptr;
  const std::string key = daemon.stranger ? daemon.key : free_key(daemon);
  Entry& entry = entries_[key];
  entry.daemon.key = key;
  return &entry;
}

/// The entry of this very run of the daemon; else of a former run, which cannot be there any more. Nothing when all that
/// have this id are others.
DaemonDirectory::Entry* DaemonDirectory::entry_of_run(const SeenDaemon& daemon) {
  constexpr std::uint64_t kRoundsOfSilence = 2;
  const auto is_run = [&](const DaemonStatus& there) {
    if (there.run != daemon.status.run) return false;
    return there.run != 0 || there.name == daemon.status.name;  // an older release tells no run
  };
  Entry* former = nullptr;
  for (auto& [key, entry] : entries_) {
    if (entry.daemon.stranger || entry.daemon.status.id != daemon.status.id) continue;
    if (is_run(entry.daemon.status)) return &entry;
    const bool at_its_place = std::any_of(entry.heard.begin(), entry.heard.end(), [&](const Heard& heard) {
      return heard.endpoint == daemon.endpoint;
    });
    const bool silent = entry.round + kRoundsOfSilence <= round_ && !entry.daemon.shares_id;
    if (at_its_place || (silent && former == nullptr)) former = &entry;
  }
  if (former != nullptr) former->heard.clear();
  return former;
}

std::string DaemonDirectory::free_key(const SeenDaemon& daemon) const {
  const std::string& id = daemon.status.id;
  return entries_.contains(id) ? id + "@" + daemon.endpoint.text() : id;
}

bool DaemonDirectory::make_room(bool for_stranger) {
  if (!for_stranger) return entries_.size() - strangers_ < limits_.daemons;
  if (strangers_ >= limits_.strangers) {
    auto oldest = entries_.end();
    for (auto item = entries_.begin(); item != entries_.end(); ++item) {
      if (!item->second.daemon.stranger) continue;
      if (oldest == entries_.end() || item->second.round < oldest->second.round) oldest = item;
    }
    // Who came in this round stays: else a flood of them would turn the list over all the time.
    if (oldest == entries_.end() || oldest->second.round == round_) return false;
    entries_.erase(oldest);
    --strangers_;
  }
  ++strangers_;
  return true;
}

void DaemonDirectory::note_place(Entry& entry, const Endpoint& endpoint) {
  std::erase_if(entry.heard,
                [&](const Heard& heard) { return heard.round + 1 < round_ && heard.endpoint != endpoint; });
  const auto known = std::find_if(entry.heard.begin(), entry.heard.end(),
                                  [&](const Heard& heard) { return heard.endpoint == endpoint; });
  if (known != entry.heard.end()) {
    known->round = round_;
  } else if (entry.heard.size() < kMostAddresses) {
    entry.heard.push_back({endpoint, round_});
  }
}

/// Two entries with one id that answered in the same round are two daemons for sure.
void DaemonDirectory::mark_shared_id(const std::string& id) {
  if (id.empty()) return;
  std::vector<Entry*> now;
  for (auto& [key, entry] : entries_) {
    const bool has_it = !entry.daemon.stranger && entry.daemon.status.id == id;
    if (has_it && entry.round == round_) now.push_back(&entry);
  }
  if (now.size() < 2) return;
  for (Entry* entry : now) entry->daemon.shares_id = true;
}

/// After somebody has gone.
void DaemonDirectory::see_who_still_shares() {
  std::map<std::string, std::size_t> holders;
  for (const auto& [key, entry] : entries_) {
    if (!entry.daemon.stranger) ++holders[entry.daemon.status.id];
  }
  for (auto& [key, entry] : entries_) {
    SeenDaemon& daemon = entry.daemon;
    daemon.shares_id = daemon.shares_id && holders[daemon.status.id] > 1;
  }
}

/// A computer answers from each of its addresses. Best is one that we may use, and that other computers know
/// it by, too; among equals the one heard first stays, so that it does not change with every round.
const Endpoint& DaemonDirectory::best_of(const std::vector<Heard>& heard) const {
  const auto rank = [&](const Heard& one) {
    return (can_be_used(access_, one.endpoint.address) ? 2 : 0) + (is_loopback(one.endpoint.address) ? 0 : 1);
  };
  const Heard* best = &heard.front();
  for (const Heard& one : heard) {
    if (rank(one) > rank(*best)) best = &one;
  }
  return best->endpoint;
}

std::vector<SeenDaemon> DaemonDirectory::daemons() const {
  std::vector<SeenDaemon> all;
  for (const auto& [key, entry] : entries_) all.push_back(entry.daemon);
  std::stable_sort(all.begin(), all.end(), [](const SeenDaemon& a, const SeenDaemon& b) {
    const auto order = [](const SeenDaemon& daemon) {
      const auto number = ipv4_from_text(daemon.endpoint.address);
      return std::tuple(!number, number.value_or(0), daemon.endpoint.address, daemon.endpoint.port);
    };
    return order(a) < order(b);
  });
  return all;
}

const SeenDaemon* DaemonDirectory::find(const std::string& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second.daemon;
}

}  // namespace oct
