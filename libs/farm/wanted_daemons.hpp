#pragma once
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "farm/daemon_link.hpp"
#include "farm/daemon_selection.hpp"

namespace oct {

/// Keeps what a user wants: a wanted daemon that is free gets occupied, one that others have is taken when
/// it becomes free, one that is no longer wanted is released. Pure; one thread; time is a parameter.
class WantedDaemons {
 public:
  explicit WantedDaemons(KeeperConfig config) : config_(std::move(config)) {}
  WantedDaemons(const WantedDaemons&) = delete;
  WantedDaemons& operator=(const WantedDaemons&) = delete;

  /// Nothing is occupied before this.
  KeeperActions begin(Instant now);
  KeeperActions select(DaemonSelection selection, Instant now);
  const DaemonSelection& selection() const { return selection_; }
  /// Of this computer, now. Those that it had before are not forgotten: daemons may still know us by them.
  void add_own_addresses(const std::vector<std::string>& addresses);
  /// Who answers now.
  KeeperActions on_seen(const std::vector<SeenDaemon>& daemons, Instant now);
  KeeperActions on_opened(const std::string& key, Instant now);
  KeeperActions on_failed(const std::string& key, const Error& error, bool final, Instant now);
  KeeperActions on_message(const std::string& key, const DaemonMessage& message, Instant now);
  KeeperActions on_closed(const std::string& key, const Error& error, Instant now);
  /// Several times a second.
  KeeperActions on_tick(Instant now);
  /// The render is over: everything is released, and nothing occupied again.
  KeeperActions release_all(Instant now);

  /// Nothing is occupied or on the way.
  bool idle() const;
  std::vector<DaemonView> views() const;
  std::optional<DaemonView> view(const std::string& key) const;

  /// How many of the wanted daemons there are, and how many help or are about to.
  struct Count {
    std::size_t usable = 0, wanted = 0;
  };
  Count count() const;
  /// The same, with what keeps the others from it.
  DaemonUse use() const;
  /// The user's words, not those of enabling, that mean no daemon that was ever seen.
  std::vector<std::string> named_not_seen() const;

 private:
  static constexpr std::size_t kMostStrangersTold = 16;

  void tell_of_strangers(const std::vector<SeenDaemon>& daemons, KeeperActions& actions);
  void tell_of_shared_ids(const std::vector<SeenDaemon>& daemons, KeeperActions& actions);
  bool was_any_seen(const std::function<bool(const SeenDaemon&)>& is_it) const;
  std::vector<std::string> not_seen() const;
  KeeperActions reconcile(Instant now, KeeperActions actions = {});
  std::string shown(const DaemonLink& link) const;

  KeeperConfig config_;
  DaemonSelection selection_;
  bool begun_ = false, ending_ = false;
  std::map<std::string, DaemonLink> links_;
  std::map<std::string, std::string> shown_;  ///< what people were last shown of each
  std::set<std::string> strangers_told_;      ///< their addresses
  std::set<std::string> shared_ids_told_;
};

}  // namespace oct
