#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "net/address.hpp"
#include "wire/daemon_messages.hpp"

namespace oct {

struct DirectoryLimits {
  unsigned misses = 3;          ///< rounds without an answer that remove a daemon
  std::size_t daemons = 4096;   ///< more are not taken up
  std::size_t strangers = 256;  ///< addresses of strangers; more take the place of those heard longest ago
};

/// A daemon that answered.
struct SeenDaemon {
  std::string
      key;  ///< its lasting id, with its address where others have the same; of a stranger its address
  Endpoint endpoint;       ///< where to reach it by TCP
  DaemonStatus status;     ///< its last answer; of a stranger only version, farm, port and mode
  bool stranger = false;   ///< of another farm, or without a key where we have one
  bool shares_id = false;  ///< another daemon that answers, too, has the same id: a disk was copied
  unsigned misses = 0;     ///< rounds since it answered

  /// "RENDER1", or its address
  std::string name() const { return status.name.empty() ? endpoint.address : status.name; }
};

/// Who is there, by what answered: a daemon is known by its lasting id, so that a new address loses nothing,
/// and three rounds without an answer remove it. Answers count when they repeat the nonce of this round or
/// the one before. Two runs of a daemon that answer at the same time are two daemons, whatever id they claim.
/// Strangers have room of their own, one place for each address, so that they keep no daemon out. Pure; one thread; time
/// is a parameter.
class DaemonDirectory {
 public:
  /// `access` decides whose answers are believed, and which of several addresses can be used.
  DaemonDirectory(DirectoryLimits limits, NetworkAccess access);

  /// A new round of questions, with a random nonce. Whoever missed too many is gone; true when somebody is.
  bool begin_round(std::uint64_t nonce);
  /// An answer. `proved`: its MAC is right. True when it was believed.
  bool on_answer(const Endpoint& from, const DaemonStatus& status, bool proved);
  /// Whether an answer with this nonce would count.
  bool expects(std::uint64_t nonce) const;
  /// Whether a daemon of this address has answered in this round.
  bool has_answered(const Endpoint& endpoint) const;

  /// In the order of their addresses.
  std::vector<SeenDaemon> daemons() const;
  const SeenDaemon* find(const std::string& key) const;
  std::size_t size() const { return entries_.size(); }

 private:
  struct Heard {
    Endpoint endpoint;
    std::uint64_t round = 0;  ///< of its last answer from there
  };
  struct Entry {
    SeenDaemon daemon;
    std::vector<Heard> heard;
    std::uint64_t round = 0;  ///< of its last answer
  };

  std::optional<SeenDaemon> believed(const Endpoint& from, const DaemonStatus& status, bool proved) const;
  bool is_place_taken(const SeenDaemon& stranger) const;
  void drop_stranger_at(const Endpoint& endpoint);
  bool make_room(bool for_stranger);
  Entry* entry_of_run(const SeenDaemon& daemon);
  Entry* entry_for(const SeenDaemon& daemon);
  std::string free_key(const SeenDaemon& daemon) const;
  void note_place(Entry& entry, const Endpoint& endpoint);
  void mark_shared_id(const std::string& id);
  void see_who_still_shares();
  const Endpoint& best_of(const std::vector<Heard>& heard) const;

  DirectoryLimits limits_;
  NetworkAccess access_;
  std::uint64_t round_ = 0;
  std::array<std::optional<std::uint64_t>, 2> nonces_;  ///< of this round and the one before
  std::map<std::string, Entry> entries_;
  std::size_t strangers_ = 0;  ///< of the entries
};

}  // namespace oct
