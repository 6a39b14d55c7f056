#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "film/film.hpp"
#include "master/master_core.hpp"
#include "slave/slave_core.hpp"
#include "support/film_maker.hpp"

namespace oct {

/// How a simulated device behaves.
struct FakeDevice {
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  double samples_per_second = 1e5;
  std::uint64_t lies_from = kNever;  ///< this unit of it, and all that follow, are wrong
  std::int64_t error = 0;            ///< what it adds to a sum then
  DeviceKind kind = DeviceKind::cpu;
};

/// A picture of the session.
struct FrameOptions {
  RenderSettings settings{};
  std::uint32_t first_chunk = 0,
                chunks = 50;   ///< of its scene; scenes with common numbers have data in common
  double added_after = 0;      ///< seconds after the one before it
  double noise_threshold = 0;  ///< ends its tiles; 0 = none
};

struct SimulationOptions {
  std::uint32_t seed = 1;
  std::vector<FrameOptions> frames;
  std::vector<FakeDevice> local_devices;
  std::uint32_t slaves = 3;
  double slowest = 1e4, fastest = 1e6;  ///< slaves' devices, samples a second
  double fault_percent = 2;             ///< chance of a fault in each simulated quarter of a second
  double restart_percent = 0;  ///< chance in each quarter that all ends and is resumed from the films
  DispatchLimits dispatch;
  AuditConfig audit;
  Duration stop_at = Duration::max();
  Duration give_up = std::chrono::hours(10);
  std::uint32_t lying_slaves = 0;  ///< the first of them compute other values,
  std::uint64_t lies_from = 0;     ///< from this unit on
  bool restart_cures = false;      ///< whoever lied computes right in the sessions that resume
};

/// A master and its slaves, their cores unchanged, in one thread: network, devices, time and faults are
/// simulated from one seed. Links delay, break and fall silent; slaves die, hang, leave and come back;
/// devices fail or lie; all of it is stopped and resumed.
class Simulation {
 public:
  struct Picture {
    explicit Picture(const FrameOptions& frame) : options(frame), film(frame.settings) {}
    FrameOptions options;
    Film film;
    std::vector<bool> filled;         ///< of the last checkpoint; empty: none
    FilmHistory history;              ///< of it
    std::optional<EndReason> ended;   ///< and of the last session
    std::uint64_t samples_ended = 0;  ///< merged, as the core says
  };

  explicit Simulation(const SimulationOptions& options);
  ~Simulation();

  /// Until the master's session has ended. Whether it did in time.
  bool run();

  const std::vector<Picture>& pictures() const { return pictures_; }
  const MasterCore& master() const { return *master_; }
  double seconds_passed() const { return to_seconds(now_ - Instant{}); }
  const std::vector<notice::DeviceRefused>& refused() const { return refused_; }
  /// Times that a device of an earlier session was found wrong.
  std::uint32_t earlier_refused() const { return earlier_refused_; }
  /// Audits that a restart took over.
  std::uint64_t audits_resumed() const { return audits_resumed_; }
  /// Contributions that were merged although they were wrong, before the end was asked for.
  std::uint64_t lies_merged() const { return lies_merged_; }
  /// The same after the end was asked for.
  std::uint64_t lies_merged_after_stop() const { return lies_merged_after_stop_; }
  /// Largest number of wanted leases that one device held at a time.
  std::uint32_t most_jobs() const { return most_jobs_; }
  std::uint32_t restarts() const { return restarts_; }
  std::uint64_t tiles_cleared() const { return tiles_cleared_; }
  std::uint64_t late_answers() const { return late_answers_; }  ///< of frames that had ended
  std::uint64_t rests() const { return rests_; }  ///< of slaves that kept their scenes for the next master
  std::uint64_t scenes_ahead() const { return scenes_ahead_; }  ///< announced while another one rendered

 private:
  struct Job {
    Lease lease;
    RenderSettings settings{};  ///< of the scene that was in the slot
    std::size_t next = 0;
    bool cancelled = false;
  };
  /// A device that renders its jobs one after the other.
  struct Runner {
    FakeDevice device;
    std::map<std::uint32_t, RenderSettings> slots;  ///< scenes that it has
    std::deque<Job> jobs;
    bool busy = false;
    std::uint64_t units_rendered = 0;
  };
  /// A chunk, or a manifest, that waits for room in the connection.
  struct Bulk {
    FrameId frame = kNoFrame;
    std::optional<ChunkId> chunk;
  };
  struct Link {
    LinkId id = 0;
    std::size_t slave = 0;
    bool master_side = true, slave_side = true;  ///< not closed there yet
    bool silent = false;                         ///< nothing arrives any more, nobody is told
    bool established = false;
    std::set<FrameId> announced;
    std::deque<Bulk> outbox;
    bool pumping = false;
    Instant last_arrival[2][2]{};  ///< by direction and lane
    Instant heard_by_master{}, heard_by_slave{};
  };
  struct Scene {
    std::vector<ChunkId> chunks;
    std::set<std::string> stored;
  };
  /// What a slave's threads are at, until it is cancelled.
  struct Building {
    std::shared_ptr<bool> cancelled = std::make_shared<bool>(false);
    std::uint32_t slot = 0;  ///< of an upload
  };
  struct Slave {
    std::unique_ptr<SlaveCore> core;
    std::vector<Runner> runners;
    std::map<std::uint64_t, Scene> scenes;                                ///< by build
    std::map<std::uint64_t, Building> rebuilds;                           ///< by build
    std::map<std::pair<std::uint32_t, std::uint64_t>, Building> uploads;  ///< by device and build
    std::optional<LinkId> link;
    bool alive = false;
    Instant hung_until{};
    std::uint64_t attempt = 0;  ///< to connect; an older one comes to nothing
    std::uint64_t epoch = 0;    ///< what an older one planned no longer happens
  };
  struct Planned {
    Instant at;
    std::uint64_t order;
    std::function<void()> call;
    bool operator<(const Planned& other) const {
      return std::tie(at, order) > std::tie(other.at, other.order);
    }
  };

  void begin_session();
  static StopRules rules_of(const Picture& picture);
  void add_frames();
  void restart();
  void after(Duration delay, std::function<void()> call);
  Duration some(double least_seconds, double most_seconds);
  bool chance(double percent) { return std::uniform_real_distribution<>(0, 100)(random_) < percent; }

  void tell_master(MasterEvent event);
  void tell_slave(std::size_t slave, SlaveEvent event);
  void carry_out(MasterAction& action);
  void carry_out(std::size_t slave, SlaveAction& action);
  void frame_ended(const FrameEnded& ended);
  void announce(const AnnounceFrame& action);
  void retract(const RetractFrame& action);
  void pump(LinkId link);
  void begin_scene(std::size_t slave, const BeginScene& begin);
  void store_chunk(std::size_t slave, const StoreChunk& store);
  void drop_by_slave(std::size_t slave);
  void tell_later(std::size_t slave, Duration delay, SlaveEvent event);
  /// As tell_later, but `cancelled` when `building` has been cancelled by then.
  template <class Event>
  void build_later(std::size_t index, Duration delay, const Building& building, Event event, Event cancelled);
  void to_master(LinkId link, Lane lane, std::function<void()> deliver);
  void to_slave(LinkId link, Lane lane, std::function<void()> deliver);
  void close_by_master(LinkId link);
  void close_by_slave(LinkId link);
  void start_slave(std::size_t slave);
  void kill_slave(std::size_t slave);
  void connect(std::size_t slave);
  void add_job(Runner& runner, std::uint32_t slot, Lease&& lease);
  void start_next(Runner& runner, std::function<bool()> alive,
                  std::function<void(std::uint64_t, FilmContribution)> answer,
                  std::function<void(std::uint64_t, Result<void>)> ended);
  void run_slave_jobs(std::size_t slave, std::uint32_t device);
  void run_local_jobs(std::uint32_t local);
  FilmContribution computed(Runner& runner, const RenderSettings& settings, UnitRange units);
  void quarter_second();
  void some_fault();

  Picture& picture(FrameId frame) { return pictures_.at(picture_of_frame_.at(frame)); }
  std::vector<ChunkId> chunks_of(const FrameOptions& frame) const;
  /// The settings are part of the scene: they are those of the picture that has these chunks.
  const RenderSettings& settings_of(const std::vector<ChunkId>& chunks) const;

  SimulationOptions options_;
  std::mt19937 random_;
  Instant now_{};
  std::priority_queue<Planned> planned_;
  std::uint64_t order_ = 0;

  std::vector<Picture> pictures_;
  std::map<FrameId, std::size_t> picture_of_frame_;  ///< of this session
  std::unique_ptr<MasterCore> master_;
  std::vector<Runner> locals_;
  std::vector<Slave> slaves_;
  std::map<LinkId, Link> links_;
  LinkId next_link_ = 1;
  bool ended_ = false;
  std::vector<notice::DeviceRefused> refused_;
  std::uint32_t most_jobs_ = 0;
  std::uint32_t restarts_ = 0;
  std::uint32_t earlier_refused_ = 0;
  std::uint64_t audits_resumed_ = 0;
  bool stopped_ = false;
  std::uint64_t lies_merged_ = 0, lies_merged_after_stop_ = 0, tiles_cleared_ = 0, late_answers_ = 0,
                rests_ = 0, scenes_ahead_ = 0;
};

}  // namespace oct
