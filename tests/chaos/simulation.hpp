#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "film/film.hpp"
#include "master/master_core.hpp"
#include "slave/slave_core.hpp"
#include "support/film_maker.hpp"

namespace oct {

/// How a simulated device behaves.
struct FakeDevice {
  double samples_per_second = 1e5;
  bool wrong = false;  ///< computes other values than everybody else
};

struct SimulationOptions {
  std::uint32_t seed = 1;
  RenderSettings settings{};
  std::vector<FakeDevice> local_devices;
  std::uint32_t slaves = 3;
  std::uint32_t chunks = 50;
  double fault_percent = 2;  ///< chance of a fault in each simulated quarter of a second
  Duration stop_at = Duration::max();
  Duration give_up = std::chrono::hours(10);
  std::uint32_t wrong_slaves = 0;  ///< the first of them compute other values
};

/// A master and its slaves, their cores unchanged, in one thread: network, devices, time and faults are
/// simulated from one seed. Links delay, break and fall silent; slaves die, hang, leave and come back;
/// devices fail.
class Simulation {
 public:
  explicit Simulation(const SimulationOptions& options);
  ~Simulation();

  /// Until the master's render has ended. Returns how, or nothing when it did not end in time.
  std::optional<RenderEnded::Reason> run();

  const Film& film() const { return film_; }
  const MasterCore& master() const { return *master_; }
  double seconds_passed() const { return to_seconds(now_ - Instant{}); }
  const std::vector<std::string>& told() const { return told_; }
  /// Largest number of leases that one device held at a time.
  std::uint32_t most_jobs() const { return most_jobs_; }

 private:
  struct Job {
    Lease lease;
    std::size_t next = 0;
    bool cancelled = false;
  };
  /// A device that renders its jobs one after the other.
  struct Runner {
    FakeDevice device;
    std::deque<Job> jobs;
    bool busy = false;
    std::uint64_t epoch = 0;  ///< what an older one planned no longer happens
  };
  struct Link {
    LinkId id = 0;
    std::size_t slave = 0;
    bool master_side = true, slave_side = true;  ///< not closed there yet
    bool silent = false;                         ///< nothing arrives any more, nobody is told
    bool established = false;
    Instant last_arrival[2][2]{};  ///< by direction and lane
    Instant heard_by_master{}, heard_by_slave{};
  };
  struct Slave {
    std::unique_ptr<SlaveCore> core;
    std::vector<Runner> runners;
    std::optional<LinkId> link;
    std::uint64_t missing_bytes = 0;
    bool alive = false;
    Instant hung_until{};
    std::uint64_t epoch = 0;
  };

  void after(Duration delay, std::function<void()> call);
  Duration some(double least_seconds, double most_seconds);
  bool chance(double percent) { return std::uniform_real_distribution<>(0, 100)(random_) < percent; }

  void tell_master(MasterEvent event);
  void tell_slave(std::size_t slave, SlaveEvent event);
  void carry_out(MasterAction& action);
  void carry_out(std::size_t slave, SlaveAction& action);
  void to_master(LinkId link, Lane lane, std::function<void()> deliver);
  void to_slave(LinkId link, Lane lane, std::function<void()> deliver);
  void close_by_master(LinkId link);
  void close_by_slave(LinkId link);
  void start_slave(std::size_t slave);
  void kill_slave(std::size_t slave);
  void connect(std::size_t slave);
  void start_next(Runner& runner, std::function<bool()> alive,
                  std::function<void(std::uint64_t, FilmContribution)> answer,
                  std::function<void(std::uint64_t, Result<void>)> ended);
  void run_slave_jobs(std::size_t slave, std::uint32_t device);
  void run_local_jobs(std::uint32_t local);
  FilmContribution computed(const FakeDevice& device, UnitRange units) const;
  void quarter_second();
  void some_fault();

  SimulationOptions options_;
  std::mt19937 random_;
  Instant now_{};
  struct Planned {
    Instant at;
    std::uint64_t order;
    std::function<void()> call;
    bool operator<(const Planned& other) const {
      return std::tie(at, order) > std::tie(other.at, other.order);
    }
  };
  std::priority_queue<Planned> planned_;
  std::uint64_t order_ = 0;

  Film film_;
  std::unique_ptr<MasterCore> master_;
  std::vector<Runner> locals_;
  std::vector<Slave> slaves_;
  std::map<LinkId, Link> links_;
  LinkId next_link_ = 1;
  std::vector<ChunkId> chunk_ids_;
  std::optional<RenderEnded::Reason> ended_;
  std::vector<std::string> told_;
  std::uint32_t most_jobs_ = 0;
};

}  // namespace oct
