#pragma once
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "daemon/daemon_events.hpp"
#include "daemon/warm_slave.hpp"
#include "wire/supervision.hpp"

namespace oct {

struct SlaveSupervisorLimits {
  Duration first_word = seconds(60);  ///< from its start: drivers of GPUs take their time
  Duration grace = seconds(5);        ///< from being asked to leave, or to rest, to being killed
  Duration first_pause = seconds(1);  ///< before it is started again; doubles each time
  Duration longest_pause = seconds(30);
  /// What it wrote may wait unread while this very program did not run (a suspended computer): nobody is
  /// called hung before so long a second look.
  Duration second_look = seconds(1);
  Duration stable = seconds(60);  ///< who ran so long begins the count of crashes anew
  unsigned most_crashes = 4;      ///< in a row: then no more
  WarmSlaveLimits warm;
};

/// Decides when the slave of this computer is started, asked to rest, to leave, and killed. There is at most one
/// process; a request for another waits until it has ended, or rests. Hung (alive, but its heartbeat stopped) is not
/// busy (its heartbeat comes, with the same progress) is not crashed. Whose owner has gone is kept warm for a while if
/// it can rest. Pure; one thread.
class SlaveSupervisor {
 public:
  explicit SlaveSupervisor(const SlaveSupervisorLimits& limits = {}) : limits_(limits), warm_(limits.warm) {}

  /// Whether the slave program can rest (SlaveFacts). Holds for processes that are started from now on.
  void set_can_rest(bool can_rest) { program_can_rest_ = can_rest; }

  /// A slave is wanted there, by a new owner: counts begin at zero. `silence`: without a heartbeat for so
  /// long it is hung.
  void want(const SlaveTarget& target, Duration silence, Instant now);
  /// It is not wanted any more. One that can is kept warm; any other is asked to leave, and killed after the grace.
  void dismiss(Instant now);
  /// The same, and nothing is kept: also one that is warm already leaves.
  void end(Instant now);
  /// One that is warm leaves.
  void cool(const WarmSlaveEnded& why, Instant now);
  /// Forgets crashes, and starts it if it is wanted and not there.
  void retry(Instant now);
  /// It is wanted, but cannot be started.
  void give_up(SlaveMishap mishap);

  void not_started(SlaveRun run, const std::string& why, Instant now);
  void wrote(SlaveRun run, std::string line, Instant now);
  void ended(SlaveRun run, const SlaveExit& exit, Instant now);
  /// What LookAtMemory led to.
  void memory_seen(std::uint64_t free_bytes, Instant now);
  /// Call it at wake_at().
  void wake(Instant now);

  /// When the next deadline passes; nothing = only events matter.
  std::optional<Instant> wake_at() const;
  /// Whether there is a process.
  bool is_alive() const { return process_ != Process::none; }
  /// Whether it is kept for nobody in particular.
  bool is_warm() const { return process_ == Process::resting && !target_; }
  /// Whether it works for somebody, is about to, or has not yet let go.
  bool is_busy() const { return (is_alive() && !is_warm()) || start_at_; }
  bool is_wanted() const { return target_.has_value(); }

  SlaveStage stage() const { return stage_; }
  /// Why it is hung, waited for, or given up.
  const SlaveMishap& mishap() const { return mishap_; }
  std::uint32_t starts() const { return starts_; }
  /// The process that works for this owner was warm before.
  bool was_warm() const { return was_warm_; }
  std::uint64_t progress() const { return progress_; }
  std::vector<LogLine> log() const { return {log_.begin(), log_.end()}; }

  /// What is to be done; call it after every call of the above.
  DaemonActions take_actions();
  /// Whether stage, mishap or starts changed since the last call.
  bool take_changed();
  /// News of a warm slave, with no owner that they concern.
  std::optional<DaemonNews> take_news() { return std::exchange(news_, std::nullopt); }

 private:
  enum class Process { none, up, settling, resting, leaving, killed };
  enum class Why { unknown, dismissed, hung };  ///< it is asked to leave, or to rest

  void begin(Instant now);
  void start();
  void send_to_work();
  void let_go(Instant now);
  void ask_to_leave(Why why, Instant now);
  void rested(const SlaveRests& said, Instant now);
  void gpu_memory_seen(const SlaveRests& said, Instant now);
  void keep(Instant now);
  void stopped_by_itself(const SlaveExit& exit, Instant now);
  void silent(Instant now);
  void look_after_warm(Instant now);
  void crashed(SlaveMishap mishap, Instant now);
  void wait(SlaveMishap mishap, Duration pause, Instant now);
  void set(SlaveStage stage, SlaveMishap mishap = {});
  std::string last_words() const;
  Duration patience() const { return spoke_ ? silence_ : limits_.first_word; }
  bool is_current(SlaveRun run) const { return is_alive() && run == run_; }
  bool may_rest() const;

  SlaveSupervisorLimits limits_;
  bool program_can_rest_ = false;
  std::optional<SlaveTarget> target_;
  Duration silence_{};
  Process process_ = Process::none;
  Why why_leaving_ = Why::unknown;
  SlaveRun run_ = 0;
  std::uint64_t master_ = 0;  ///< number of the master that this process was sent to last
  bool can_rest_ = false;     ///< this process
  Instant started_{}, heard_{};
  bool spoke_ = false;                    ///< a heartbeat of this process came
  std::optional<Instant> look_again_at_;  ///< it is silent
  Instant kill_at_{};
  std::optional<Instant> start_at_;
  WarmSlave warm_;
  unsigned crashes_ = 0, tries_ = 0;

  SlaveStage stage_ = SlaveStage::unknown;
  SlaveMishap mishap_;
  std::uint32_t starts_ = 0;
  bool was_warm_ = false;
  std::uint64_t progress_ = 0, progress_before_ = 0;
  std::deque<LogLine> log_;
  DaemonActions actions_;
  bool changed_ = false;
  std::optional<DaemonNews> news_;
};

}  // namespace oct
