#include "simulation.hpp"

#include <utility>

#include "report/words.hpp"

namespace oct {
namespace {

constexpr Duration kHeartbeat = seconds(1);
constexpr Duration kDead = seconds(15);

Digest some_kernels() {
  return sha256(bytes_of_value(1));
}

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

}  // namespace

Simulation::Simulation(const SimulationOptions& options)
    : options_(options), random_(options.seed), film_(options.settings) {
  for (std::uint32_t i = 0; i < options.chunks; ++i) chunk_ids_.push_back(chunk_id_of(bytes_of_value(i)));
  ServedScene scene;
  scene.bytes = std::uint64_t{options.chunks} * kMaxChunkBytes;
  scene.chunks.insert(chunk_ids_.begin(), chunk_ids_.end());
  MasterCoreConfig config;
  config.link.master_name = "master";
  config.link.kernel_hash = some_kernels();
  config.local_devices = static_cast<std::uint32_t>(options.local_devices.size());
  config.network = options.slaves > 0;
  master_ = std::make_unique<MasterCore>(config, options.settings, std::move(scene), now_);

  for (std::uint32_t i = 0; i < options.local_devices.size(); ++i) {
    locals_.push_back({options.local_devices[i], {}, false, 0});
    after(some(0.1, 3), [this, i] { tell_master(LocalDeviceReady{i, DeviceInfo{}}); });
  }
  slaves_.resize(options.slaves);
  for (std::size_t i = 0; i < slaves_.size(); ++i) after(some(0, 10), [this, i] { start_slave(i); });
  after(milliseconds(250), [this] { quarter_second(); });
  if (options.stop_at != Duration::max()) after(options.stop_at, [this] { tell_master(StopAsked{}); });
}

Simulation::~Simulation() = default;

std::optional<RenderEnded::Reason> Simulation::run() {
  while (!ended_ && !planned_.empty() && now_ - Instant{} < options_.give_up) {
    Planned next = planned_.top();
    planned_.pop();
    now_ = next.at;
    next.call();
  }
  return ended_;
}

void Simulation::after(Duration delay, std::function<void()> call) {
  planned_.push({now_ + delay, order_++, std::move(call)});
}

Duration Simulation::some(double least_seconds, double most_seconds) {
  const double value = std::uniform_real_distribution<>(least_seconds, most_seconds)(random_);
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(value));
}

void Simulation::tell_master(MasterEvent event) {
  if (ended_) return;
  for (MasterAction& action : master_->on(std::move(event), now_)) carry_out(action);
}

void Simulation::tell_slave(std::size_t index, SlaveEvent event) {
  if (!slaves_[index].alive) return;
  if (now_ < slaves_[index].hung_until) {  // a stopped process sees it later
    const std::uint64_t epoch = slaves_[index].epoch;
    auto later = std::make_shared<SlaveEvent>(std::move(event));
    after(slaves_[index].hung_until - now_, [this, index, epoch, later] {
      if (slaves_[index].epoch == epoch) tell_slave(index, std::move(*later));
    });
    return;
  }
  for (SlaveAction& action : slaves_[index].core->on(std::move(event), now_)) carry_out(index, action);
}

void Simulation::carry_out(MasterAction& action) {
  std::visit(
      Overloaded{
          [&](GrantLocal& grant) {
            Runner& runner = locals_[grant.local];
            runner.jobs.push_back({std::move(grant.lease)});
            most_jobs_ = std::max(most_jobs_, static_cast<std::uint32_t>(runner.jobs.size()));
            run_local_jobs(grant.local);
          },
          [&](CancelLocal& cancel) {
            for (Job& job : locals_[cancel.local].jobs) job.cancelled = true;
          },
          [&](RecallLocal& recall) {
            for (Job& job : locals_[recall.local].jobs) {
              if (job.lease.id == recall.lease_id) job.cancelled = true;
            }
          },
          [&](RenderReference& reference) {
            after(some(0.01, 2), [this, reference] {
              tell_master(
                  ReferenceRendered{reference.device, a_contribution(options_.settings, reference.units)});
            });
          },
          [&](SendToSlave& send) {
            const Lane lane = std::visit([](const auto& message) { return message.kLane; }, send.message);
            auto message = std::make_shared<RenderMessage>(std::move(send.message));
            const LinkId link = send.link;
            to_slave(link, lane, [this, link, message] {
              tell_slave(links_.at(link).slave, MasterMessage{std::move(*message)});
            });
          },
          [&](EstablishLink& establish) {
            const LinkId link = establish.link;
            links_.at(link).established = true;
            ManifestPart part;
            part.scene = 1;
            part.arrays = {{4, std::uint64_t{options_.chunks} * kMaxChunkBytes / 4}};
            part.chunk_count = static_cast<std::uint32_t>(chunk_ids_.size());
            part.chunks = chunk_ids_;
            to_slave(link, Lane::bulk,
                     [this, link, part] { tell_slave(links_.at(link).slave, MasterMessage{part}); });
          },
          [&](SendChunks& send) {
            const LinkId link = send.link;
            for (const ChunkId& id : send.chunks) {
              Chunk chunk;
              chunk.id = id;
              to_slave(link, Lane::bulk,
                       [this, link, chunk] { tell_slave(links_.at(link).slave, MasterMessage{chunk}); });
              after(milliseconds(1), [this, link] { tell_master(ChunkSent{link}); });
            }
          },
          [&](FinishLink& finish) { close_by_master(finish.link); },
          [&](MergeIntoFilm& merge) { film_.merge(merge.contribution); },
          [&](Tell& tell) { told_.push_back(phrase(tell.notice).text); },
          [&](SlaveChanged&) {},
          [&](RenderEnded& ended) { ended_ = ended.reason; },
      },
      action);
}

void Simulation::carry_out(std::size_t index, SlaveAction& action) {
  Slave& slave = slaves_[index];
  const std::uint64_t epoch = slave.epoch;
  const auto later = [&](Duration delay, SlaveEvent event) {
    auto shared = std::make_shared<SlaveEvent>(std::move(event));
    after(delay, [this, index, epoch, shared] {
      if (slaves_[index].epoch == epoch) tell_slave(index, std::move(*shared));
    });
  };
  std::visit(
      Overloaded{
          [&](ConnectToMaster&) { connect(index); },
          [&](SendToMaster& send) {
            if (!slave.link) return;
            const LinkId link = *slave.link;
            const Lane lane = std::visit([](const auto& message) { return message.kLane; }, send.message);
            auto message = std::make_shared<RenderMessage>(std::move(send.message));
            to_master(link, lane, [this, link, message] {
              tell_master(LinkMessage{link, std::move(*message)});
            });
          },
          [&](EstablishMaster&) {},
          [&](SendContributions& send) {
            if (!slave.link) return;
            const LinkId link = *slave.link;
            auto answers = std::make_shared<LinkAnswers>();
            answers->link = link;
            answers->lease_id = send.lease;
            answers->contributions = std::move(send.contributions);
            answers->bytes = answers->contributions.size() * 5000;
            to_master(link, Lane::bulk, [this, answers] { tell_master(std::move(*answers)); });
          },
          [&](FinishMaster&) {
            if (slave.link) close_by_slave(*slave.link);
          },
          [&](BeginScene& begin) {
            slave.missing_bytes = std::uint64_t{options_.chunks} * kMaxChunkBytes;
            later(some(0, 0.1),
                  SceneBegun{begin.build, {}, begin.chunks, slave.missing_bytes, slave.missing_bytes});
          },
          [&](StoreChunk& store) {
            slave.missing_bytes -= kMaxChunkBytes;
            later(some(0, 0.01), ChunkStored{store.build, {}, slave.missing_bytes});
          },
          [&](RebuildScene& rebuild) {
            later(some(0, 0.5), SceneRebuilt{rebuild.build, options_.settings});
          },
          [&](UploadScene& upload) {
            later(some(0.1, 5),
                  DeviceUploaded{upload.device, upload.build,
                                 chance(2) ? Result<void>(fail(ErrorKind::exhausted, "too little memory"))
                                           : Result<void>()});
          },
          [&](RenderUnits& render) {
            Runner& runner = slave.runners[render.device];
            runner.jobs.push_back({std::move(render.lease)});
            most_jobs_ = std::max(most_jobs_, static_cast<std::uint32_t>(runner.jobs.size()));
            run_slave_jobs(index, render.device);
          },
          [&](CancelJob& cancel) {
            for (Job& job : slave.runners[cancel.device].jobs) {
              if (job.lease.id == cancel.job) job.cancelled = true;
            }
          },
          [&](Say&) {},
          [&](EndSlave&) {
            if (slave.link) close_by_slave(*slave.link);
            after(milliseconds(0), [this, index, epoch] {
              if (slaves_[index].epoch == epoch) kill_slave(index);
            });
          },
      },
      action);
}

// The network: two lanes each way, in order within a lane, with delays that differ.

void Simulation::to_master(LinkId id, Lane lane, std::function<void()> deliver) {
  Link& link = links_.at(id);
  if (!link.slave_side) return;
  Instant& last = link.last_arrival[0][static_cast<int>(lane)];
  last = std::max(last, now_ + some(0.001, 0.3));
  after(last - now_, [this, id, deliver = std::move(deliver)] {
    Link& there = links_.at(id);
    if (!there.master_side || there.silent) return;
    there.heard_by_master = now_;
    deliver();
  });
}

void Simulation::to_slave(LinkId id, Lane lane, std::function<void()> deliver) {
  Link& link = links_.at(id);
  if (!link.master_side) return;
  Instant& last = link.last_arrival[1][static_cast<int>(lane)];
  last = std::max(last, now_ + some(0.001, 0.3));
  after(last - now_, [this, id, deliver = std::move(deliver)] {
    Link& there = links_.at(id);
    if (!there.slave_side || there.silent) return;
    there.heard_by_slave = now_;
    deliver();
  });
}

/// Behind everything that was sent; then both sides learn that it is closed.
void Simulation::close_by_master(LinkId id) {
  to_slave(id, Lane::bulk, [this, id] {
    Link& link = links_.at(id);
    link.slave_side = false;
    slaves_[link.slave].link.reset();
    tell_slave(link.slave, MasterGone{Error{ErrorKind::cancelled, "closed", {}}});
  });
  after(seconds(2), [this, id] {
    if (std::exchange(links_.at(id).master_side, false))
      tell_master(LinkClosed{id, Error{ErrorKind::cancelled, "closed", {}}});
  });
}

void Simulation::close_by_slave(LinkId id) {
  to_master(id, Lane::bulk, [this, id] {
    if (std::exchange(links_.at(id).master_side, false))
      tell_master(LinkClosed{id, Error{ErrorKind::cancelled, "closed", {}}});
  });
  const std::size_t index = links_.at(id).slave;
  const std::uint64_t epoch = slaves_[index].epoch;
  after(seconds(1), [this, id, index, epoch] {
    if (!std::exchange(links_.at(id).slave_side, false) || slaves_[index].epoch != epoch) return;
    slaves_[index].link.reset();
    tell_slave(index, MasterGone{Error{ErrorKind::cancelled, "closed", {}}});
  });
}

void Simulation::connect(std::size_t index) {
  const std::uint64_t epoch = slaves_[index].epoch;
  after(some(0.001, 1), [this, index, epoch] {
    if (slaves_[index].epoch != epoch || !slaves_[index].alive) return;
    if (chance(20)) {
      tell_slave(index,
                 MasterNotReached{Error{ErrorKind::unavailable, "connection refused", {}}, std::nullopt, 0});
      return;
    }
    const LinkId id = next_link_++;
    Link link;
    link.id = id;
    link.slave = index;
    link.heard_by_master = link.heard_by_slave = now_;
    links_[id] = link;
    slaves_[index].link = id;
    tell_master(LinkOpened{id, "10.0.0.9"});
    tell_slave(index, MasterReached{});
  });
}

// Slaves and their devices.

void Simulation::start_slave(std::size_t index) {
  Slave& slave = slaves_[index];
  ++slave.epoch;
  slave.alive = true;
  slave.hung_until = {};
  SlaveCoreConfig config;
  config.name = "slave" + std::to_string(index);
  config.master = "10.0.0.1:21000";
  config.kernel_hash = some_kernels();
  config.devices.resize(1 + index % 2);
  config.jitter_seed = static_cast<std::uint32_t>(random_());
  slave.core = std::make_unique<SlaveCore>(config);
  slave.runners.clear();
  for (std::size_t i = 0; i < config.devices.size(); ++i) {
    FakeDevice device;
    device.samples_per_second = std::pow(10, 4 + 2 * std::uniform_real_distribution<>(0, 1)(random_));
    device.wrong = index < options_.wrong_slaves;
    slave.runners.push_back({device, {}, false, 0});
  }
  tell_slave(index, SlaveStarted{});
}

/// The process is gone; the system closes its socket, unless the computer went with it.
void Simulation::kill_slave(std::size_t index) {
  Slave& slave = slaves_[index];
  slave.alive = false;
  ++slave.epoch;
  for (Runner& runner : slave.runners) ++runner.epoch;
  if (slave.link) {
    Link& link = links_.at(*slave.link);
    link.slave_side = false;
    if (chance(30)) link.silent = true;
    const LinkId id = *slave.link;
    after(some(0.001, 0.2), [this, id] {
      Link& there = links_.at(id);
      if (!there.silent && std::exchange(there.master_side, false)) {
        tell_master(LinkClosed{id, Error{ErrorKind::unavailable, "connection reset", {}}});
      }
    });
    slave.link.reset();
  }
  after(some(0.5, 20), [this, index] { start_slave(index); });
}

void Simulation::start_next(Runner& runner, std::function<bool()> alive,
                            std::function<void(std::uint64_t, FilmContribution)> answer,
                            std::function<void(std::uint64_t, Result<void>)> ended) {
  if (runner.busy || runner.jobs.empty()) return;
  Job& job = runner.jobs.front();
  runner.busy = true;
  if (job.cancelled || job.next == job.lease.units.size()) {
    after(milliseconds(1), [this, &runner, alive, answer, ended] {
      if (!alive()) return;
      const Job done = std::move(runner.jobs.front());
      runner.jobs.pop_front();
      runner.busy = false;
      ended(done.lease.id, done.next < done.lease.units.size()
                               ? Result<void>(fail(ErrorKind::cancelled, "cancelled"))
                               : Result<void>());
      start_next(runner, alive, answer, ended);
    });
    return;
  }
  const UnitRange units = job.lease.units[job.next];
  const double seconds_needed =
      static_cast<double>(master_->ledger().samples_in(units)) / runner.device.samples_per_second;
  after(some(seconds_needed * 0.8, seconds_needed * 1.3), [this, &runner, alive, answer, ended, units] {
    if (!alive()) return;
    Job& current = runner.jobs.front();
    ++current.next;
    runner.busy = false;
    answer(current.lease.id, computed(runner.device, units));
    start_next(runner, alive, answer, ended);
  });
}

void Simulation::run_slave_jobs(std::size_t index, std::uint32_t device) {
  const std::uint64_t epoch = slaves_[index].epoch;
  start_next(
      slaves_[index].runners[device],
      [this, index, epoch] { return slaves_[index].epoch == epoch && slaves_[index].alive; },
      [this, index](std::uint64_t job, FilmContribution contribution) {
        tell_slave(index, UnitsFinished{job, std::move(contribution)});
      },
      [this, index](std::uint64_t job, Result<void> result) {
        tell_slave(index, JobEnded{job, std::move(result)});
      });
}

void Simulation::run_local_jobs(std::uint32_t local) {
  start_next(
      locals_[local], [] { return true; },
      [this, local](std::uint64_t lease, FilmContribution contribution) {
        tell_master(LocalAnswer{local, lease, std::move(contribution)});
      },
      [this, local](std::uint64_t lease, Result<void> result) {
        tell_master(
            LocalLeaseEnded{local, lease, result ? std::nullopt : std::optional<Error>(result.error())});
      });
}

FilmContribution Simulation::computed(const FakeDevice& device, UnitRange units) const {
  FilmContribution contribution = a_contribution(options_.settings, units);
  if (device.wrong) contribution.sums[contribution.sums.size() / 2] += 1;
  return contribution;
}

// Time and faults.

void Simulation::quarter_second() {
  tell_master(Tick{});
  for (std::size_t i = 0; i < slaves_.size(); ++i) tell_slave(i, SlaveTick{});
  for (auto& [id, link] : links_) {
    const bool beat = (now_ - Instant{}) % kHeartbeat < milliseconds(250);
    if (link.established && beat && slaves_[link.slave].alive && now_ >= slaves_[link.slave].hung_until) {
      const LinkId link_id = id;
      const std::uint64_t progress = slaves_[link.slave].core->progress();
      to_master(id, Lane::control, [this, link_id, progress] {
        tell_master(LinkMessage{link_id, Heartbeat{progress}});
      });
    }
    if (link.established && beat && link.slave_side) to_slave(id, Lane::control, [] {});
    if (link.master_side && now_ - link.heard_by_master > kDead) {
      link.master_side = false;
      tell_master(LinkClosed{id, Error{ErrorKind::timed_out, "silent for 15 s", {}}});
    }
    if (link.slave_side && now_ - link.heard_by_slave > kDead) {
      link.slave_side = false;
      slaves_[link.slave].link.reset();
      tell_slave(link.slave, MasterGone{Error{ErrorKind::timed_out, "silent for 15 s", {}}});
    }
  }
  if (!slaves_.empty() && chance(options_.fault_percent)) some_fault();
  after(milliseconds(250), [this] { quarter_second(); });
}

void Simulation::some_fault() {
  const std::size_t index = random_() % slaves_.size();
  Slave& slave = slaves_[index];
  if (!slave.alive) return;
  switch (random_() % 4) {
    case 0: return kill_slave(index);
    case 1: slave.hung_until = now_ + some(1, 40); return;  // SIGSTOP, or a sleeping laptop
    case 2: return tell_slave(index, SlaveStopAsked{});
    case 3:
      if (!slave.link) return;
      if (chance(50)) {
        links_.at(*slave.link).silent = true;  // a pulled cable
        return;
      }
      const LinkId id = *slave.link;
      Link& link = links_.at(id);
      if (std::exchange(link.master_side, false))
        tell_master(LinkClosed{id, Error{ErrorKind::unavailable, "reset", {}}});
      link.slave_side = false;
      slave.link.reset();
      tell_slave(index, MasterGone{Error{ErrorKind::unavailable, "reset", {}}});
      return;
  }
}

}  // namespace oct
