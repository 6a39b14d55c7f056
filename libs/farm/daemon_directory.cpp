#include "farm/daemon_directory.hpp"

#include <algorithm>
#include <tuple>

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
  return std::erase_if(entries_,
                       [&](const auto& item) { return item.second.daemon.misses >= limits_.misses; }) > 0;
}

bool DaemonDirectory::is_expected(std::uint64_t nonce) const {
  return nonces_[0] == nonce || nonces_[1] == nonce;
}

/// What of an answer may be believed; nothing when it must be thrown away.
std::optional<SeenDaemon> DaemonDirectory::believed(const Endpoint& from, const DaemonStatus& status,
                                                    bool proved) const {
  SeenDaemon daemon;
  daemon.endpoint = {from.address, static_cast<std::uint16_t>(status.port)};
  if (status.port == 0) return std::nullopt;
  if (access_.farm() == status.farm && (proved || !access_.key)) {
    daemon.status = status;
    const bool has_id = status.id.size() == kDaemonIdBytes;
    daemon.key = has_id ? status.id : daemon.endpoint.text();
    daemon.stranger = !has_id;
    return daemon;
  }
  // It says that it is of our farm, but cannot prove it.
  if (access_.farm() == status.farm) return std::nullopt;
  daemon.stranger = true;
  daemon.key = daemon.endpoint.text();
  daemon.status.version = status.version;
  daemon.status.farm = status.farm;
  daemon.status.port = status.port;
  daemon.status.mode = status.farm == 0 ? DaemonMode::not_activated : DaemonMode::other_farm;
  return daemon;
}

bool DaemonDirectory::on_answer(const Endpoint& from, const DaemonStatus& status, bool proved) {
  if (!is_expected(status.nonce)) return false;
  auto daemon = believed(from, status, proved);
  if (!daemon) return false;
  if (daemon->stranger) {
    const auto is_there = [&](const auto& item) {
      return !item.second.daemon.stranger && item.second.daemon.endpoint == daemon->endpoint &&
             item.second.round == round_;
    };
    if (std::any_of(entries_.begin(), entries_.end(), is_there)) return false;
  } else {
    drop_stranger_at(daemon->endpoint);
  }
  const auto place = entries_.find(daemon->key);
  if (place == entries_.end() && entries_.size() >= limits_.daemons) return false;
  Entry& entry = place == entries_.end() ? entries_[daemon->key] : place->second;
  std::erase_if(entry.heard, [&](const Heard& heard) {
    return heard.round + 1 < round_ && heard.endpoint != daemon->endpoint;
  });
  const auto known = std::find_if(entry.heard.begin(), entry.heard.end(),
                                  [&](const Heard& heard) { return heard.endpoint == daemon->endpoint; });
  if (known != entry.heard.end()) {
    known->round = round_;
  } else if (entry.heard.size() < kMostAddresses) {
    entry.heard.push_back({daemon->endpoint, round_});
  }
  daemon->endpoint = best_of(entry.heard);
  entry.daemon = *std::move(daemon);
  entry.round = round_;
  return true;
}

/// What was a stranger has got our key, or told its id.
void DaemonDirectory::drop_stranger_at(const Endpoint& endpoint) {
  const auto found = entries_.find(endpoint.text());
  if (found != entries_.end() && found->second.daemon.stranger) entries_.erase(found);
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
