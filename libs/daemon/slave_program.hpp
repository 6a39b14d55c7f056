#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "daemon/daemon_config.hpp"
#include "daemon/daemon_events.hpp"
#include "net/event_loop.hpp"
#include "process/async_child.hpp"
#include "wire/supervision.hpp"

namespace oct {

/// The arguments with which a slave is launched: made here, nothing of them comes from the network but the
/// target.
std::vector<std::string> slave_arguments(const DaemonConfig& config, const StartSlave& start);

/// The slave program of this computer as a shell sees it: asked, launched, listened to. Decides nothing. The
/// loop's thread only, which must live as long as this.
class SlaveProgram {
 public:
  /// Tells FactsCame, SlaveNotStarted, SlaveWrote and SlaveEnded, never from inside a call.
  using Tell = std::function<void(DaemonEvent)>;

  SlaveProgram(EventLoop& loop, const DaemonConfig& config, Log& log, Tell tell);
  ~SlaveProgram();

  /// Of the program's file, now.
  FileStamp file() const;

  void ask();
  void start(const StartSlave& action);
  void ask_to_rest(SlaveRun run);
  void send_to(const SendSlaveTo& action);
  void ask_to_leave(SlaveRun run);
  void kill(SlaveRun run);

 private:
  void say(SlaveRun run, const DaemonWord& word);
  void answered(const SlaveExit& exit);
  void tell_facts(Result<SlaveFacts> facts);

  EventLoop& loop_;
  const DaemonConfig& config_;
  Log& log_;
  Tell tell_;
  std::unique_ptr<AsyncChild> asked_, slave_;
  std::unique_ptr<Timer> patience_;
  FileStamp asked_file_ = 0;
  std::vector<std::string> answer_;
  std::size_t answer_bytes_ = 0;
  SlaveRun run_ = 0;
};

}  // namespace oct
