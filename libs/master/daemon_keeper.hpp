#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/work_queue.hpp"
#include "farm/daemon_talk.hpp"
#include "farm/scanner.hpp"
#include "farm/wanted_daemons.hpp"
#include "master/master_config.hpp"
#include "net/event_loop.hpp"

namespace oct {

/// What a render is told of its daemons.
struct DaemonEvents {
  std::function<void(const Notice&)> on_tell;
  std::function<void(const DaemonRobbed&)> on_robbed;
  std::function<void(const DaemonView&)> on_changed;
  /// Once: every wanted daemon answered, or the first answers had their time.
  std::function<void()> on_first_look;
};

/// The daemons of a render: looks for them, occupies those that are wanted, follows the preferences while it
/// runs, and releases them at the end. The shell of WantedDaemons. The loop's thread only.
class DaemonKeeper {
 public:
  /// Begins to look, occupies nothing. `files` reads the preferences. invalid_input for subnets and addresses
  /// that are none.
  static Result<std::unique_ptr<DaemonKeeper>> open(EventLoop& loop, WorkQueue& files,
                                                    const NetworkChoice& choice, std::uint16_t master_port,
                                                    bool local_devices, DaemonEvents events);
  ~DaemonKeeper();
  DaemonKeeper(const DaemonKeeper&) = delete;
  DaemonKeeper& operator=(const DaemonKeeper&) = delete;

  /// The render can take slaves.
  void begin();
  /// It is over: all are released.
  void release();
  /// All are free again, and every connection is closed.
  bool idle() const { return keeper_.idle() && talks_.empty(); }

  bool has_looked() const { return looked_; }
  const WantedDaemons& wanted() const { return keeper_; }
  /// Things to say about where it looks.
  const std::vector<std::string>& warnings() const { return scanner_->targets().warnings; }

 private:
  DaemonKeeper(EventLoop& loop, WorkQueue& files, const NetworkChoice& choice, KeeperConfig config,
               DaemonEvents events);

  void tick();
  void end_first_look();
  void read_preferences_again();
  void on_preferences(const Result<std::string>& text);
  void follow(const Preferences& preferences);
  void carry_out(KeeperActions actions);
  void open_talk(const OpenTalk& action);
  void close_talk(const std::string& key);
  void delete_later(std::unique_ptr<DaemonTalk> talk);

  EventLoop& loop_;
  WorkQueue& files_;
  const NetworkChoice choice_;
  const DaemonEvents events_;
  WantedDaemons keeper_;
  Instant started_{};
  Instant preferences_due_{};
  bool reading_ = false, looked_ = false;
  std::string preferences_text_;                              ///< as last read
  std::map<std::string, std::unique_ptr<DaemonTalk>> talks_;  ///< by the daemon's key
  std::vector<std::unique_ptr<DaemonTalk>> outdated_;         ///< end when the call in progress has ended
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::unique_ptr<Timer> timer_, deletion_;
  std::unique_ptr<Scanner> scanner_;
};

}  // namespace oct
