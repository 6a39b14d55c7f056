#include "simulation.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "film/film_file.hpp"
#include "master/master_config.hpp"

namespace oct {
namespace {

constexpr Duration kHeartbeat = seconds(1);
constexpr Duration kDead = seconds(15);

Digest some_kernels() {
  return sha256(bytes_of_value(1));
}

std::string name_of_slave(std::size_t index) {
  return "slave" + std::to_string(index);
}

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

}  // namespace

Simulation::Simulation(const SimulationOptions& options) : options_(options), random_(options.seed) {
  for (const FrameOptions& frame : options.frames) pictures_.emplace_back(frame);
  begin_session();
}

Simulation::~Simulation() = default;

/// A master and slaves that know nothing of an earlier session.
void Simulation::begin_session() {
  MasterCoreConfig config;
  config.link.master_name = "master";
  config.link.kernel_hash = some_kernels();
  config.dispatch = options_.dispatch;
  config.audit = options_.audit;
  config.audit.seed = random_();
  config.local_devices = static_cast<std::uint32_t>(options_.local_devices.size());
  config.network = options_.slaves > 0;
  master_ = std::make_unique<MasterCore>(config, now_);

  locals_.clear();
  for (std::uint32_t i = 0; i < options_.local_devices.size(); ++i) {
    Runner runner;
    runner.device = options_.local_devices[i];
    if (restarts_ > 0 && options_.restart_cures) runner.device.lies_from = FakeDevice::kNever;
    locals_.push_back(std::move(runner));
    DeviceInfo info;
    info.kind = options_.local_devices[i].kind;
    info.index = i;
    info.name = "local" + std::to_string(i);
    after(some(0.1, 3), [this, i, info] { tell_master(LocalDeviceOpened{i, info, Digest()}); });
  }
  slaves_.clear();
  slaves_.resize(options_.slaves);
  for (std::size_t i = 0; i < slaves_.size(); ++i) after(some(0, 10), [this, i] { start_slave(i); });
  after(milliseconds(250), [this] { quarter_second(); });
  if (options_.stop_at != Duration::max()) {
    after(options_.stop_at, [this] {
      stopped_ = true;
      tell_master(StopAsked{});
    });
  }
  add_frames();
}

/// As a master makes them of what the user wants and of the film file.
StopRules Simulation::rules_of(const Picture& picture) {
  StopChoice choice;
  if (picture.options.noise_threshold > 0) choice.noise_threshold = picture.options.noise_threshold;
  return stop_rules(choice, picture.options.settings, &picture.film);
}

void Simulation::add_frames() {
  double at = 0;
  FrameId id = 0;
  picture_of_frame_.clear();
  for (std::size_t i = 0; i < pictures_.size(); ++i) {
    if (pictures_[i].ended == EndReason::complete) continue;
    at += pictures_[i].options.added_after;
    picture_of_frame_[++id] = i;
    after(some(at, at), [this, id, i] {
      const std::vector<ChunkId> chunks = chunks_of(pictures_[i].options);
      FrameAdded added;
      added.frame = id;
      added.settings = pictures_[i].options.settings;
      added.scene.bytes = std::uint64_t{chunks.size()} * kMaxChunkBytes;
      added.scene.chunks.insert(chunks.begin(), chunks.end());
      added.filled = pictures_[i].filled;
      added.history = pictures_[i].history;
      added.rules = rules_of(pictures_[i]);
      tell_master(std::move(added));
    });
  }
  after(some(at + 0.001, at + 1), [this] { tell_master(NoMoreFrames{}); });
}

/// The film files of unfinished pictures are all that is left; a new master goes on.
void Simulation::restart() {
  ++restarts_;
  for (const auto& [id, i] : picture_of_frame_) {
    const Ledger* ledger = master_->ledger(id);
    if (ledger == nullptr)
      continue;  // ended, or not added yet: then it still has what an earlier session left
    OCT_CHECK_EQ(ledger->samples_merged(), pictures_[i].film.samples_merged());
    const FilmUnits units = master_->film_units(id);
    MemorySink file;
    OCT_CHECK(write_film(file, {}, pictures_[i].film, units.filled, units.history).has_value());
    Result<LoadedFilmFile> read = read_film_file(file.take());
    OCT_CHECK(read.has_value());
    audits_resumed_ += read->header.history.audits.size();
    pictures_[i].film = std::move(read->film);
    pictures_[i].filled = std::move(read->header.units);
    pictures_[i].history = std::move(read->header.history);
  }
  planned_ = {};
  links_.clear();
  begin_session();
}

std::vector<ChunkId> Simulation::chunks_of(const FrameOptions& frame) const {
  std::vector<ChunkId> chunks;
  for (std::uint32_t i = 0; i < frame.chunks; ++i)
    chunks.push_back(chunk_id_of(bytes_of_value(frame.first_chunk + i)));
  return chunks;
}

const RenderSettings& Simulation::settings_of(const std::vector<ChunkId>& chunks) const {
  const auto found = std::find_if(pictures_.begin(), pictures_.end(), [&](const Picture& picture) {
    return chunks_of(picture.options) == chunks;
  });
  OCT_CHECK(found != pictures_.end());
  return found->options.settings;
}

bool Simulation::run() {
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
  std::visit(Overloaded{
                 [&](UploadLocal& upload) {
                   OCT_CHECK(upload.slot < kSceneSlots);
                   auto& slots = locals_[upload.local].slots;
                   slots.erase(upload.slot);
                   Result<void> result;
                   if (options_.slaves > 0 && chance(2))
                     result = fail(ErrorKind::exhausted, "too little memory");
                   if (result) slots[upload.slot] = picture(upload.frame).options.settings;
                   after(some(0.05, 3), [this, upload, result] {
                     tell_master(LocalUploaded{upload.local, upload.frame, result});
                   });
                 },
                 [&](GrantLocal& grant) {
                   add_job(locals_[grant.local], grant.slot, std::move(grant.lease));
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
                   OCT_CHECK(reference.slot < kSceneSlots);
                   OCT_CHECK(!picture(reference.frame).ended.has_value());
                   after(some(0.01, 6), [this, reference] {
                     tell_master(ReferenceRendered{
                         reference.frame, reference.units,
                         a_contribution(picture(reference.frame).options.settings, reference.units)});
                   });
                 },
                 [&](SendToSlave& send) {
                   const Lane lane =
                       std::visit([](const auto& message) { return message.kLane; }, send.message);
                   auto message = std::make_shared<RenderMessage>(std::move(send.message));
                   const LinkId link = send.link;
                   to_slave(link, lane, [this, link, message] {
                     tell_slave(links_.at(link).slave, MasterMessage{std::move(*message)});
                   });
                 },
                 [&](EstablishLink& establish) { links_.at(establish.link).established = true; },
                 [&](AnnounceFrame& announced) { announce(announced); },
                 [&](RetractFrame& retracted) { retract(retracted); },
                 [&](SendChunks& send) {
                   for (const ChunkId& id : send.chunks)
                     links_.at(send.link).outbox.push_back({send.frame, id});
                   pump(send.link);
                 },
                 [&](FinishLink& finish) {
                   links_.at(finish.link).outbox.clear();
                   close_by_master(finish.link);
                 },
                 [&](MergeIntoFilm& merge) {
                   OCT_CHECK(!picture(merge.frame).ended.has_value());
                   Picture& its = picture(merge.frame);
                   its.film.merge(merge.contribution);
                   if (merge.contribution.sums !=
                       a_contribution(its.options.settings, merge.contribution.units).sums)
                     ++(stopped_ ? lies_merged_after_stop_ : lies_merged_);
                 },
                 [&](ClearTile& clear) {
                   ++tiles_cleared_;
                   picture(clear.frame).film.clear_tile(clear.tile);
                 },
                 [&](Tell& tell) {
                   if (const auto* refused = std::get_if<notice::DeviceRefused>(&tell.notice))
                     refused_.push_back(*refused);
                   if (std::holds_alternative<notice::EarlierDeviceRefused>(tell.notice)) ++earlier_refused_;
                 },
                 [&](SlaveChanged&) {},
                 [&](FrameEnded& frame) { frame_ended(frame); },
                 [&](SessionEnded&) { ended_ = true; },
             },
             action);
}

void Simulation::frame_ended(const FrameEnded& ended) {
  Picture& its = picture(ended.frame);
  OCT_CHECK(!its.ended || its.ended == EndReason::stopped);
  its.ended = ended.reason;
  its.samples_ended = ended.samples_merged;
  its.filled = ended.filled;
}

void Simulation::announce(const AnnounceFrame& action) {
  Link& link = links_.at(action.link);
  if (!link.announced.empty()) ++scenes_ahead_;
  OCT_CHECK(link.announced.insert(action.frame).second);
  OCT_CHECK(link.announced.size() <= kSceneSlots);
  link.outbox.push_back({action.frame, std::nullopt});
  pump(action.link);
}

/// What was not handed over yet is never sent; the word that the frame has ended keeps its place behind the rest.
void Simulation::retract(const RetractFrame& action) {
  Link& link = links_.at(action.link);
  OCT_CHECK_EQ(link.announced.erase(action.frame), std::size_t{1});
  const LinkId id = action.link;
  std::erase_if(link.outbox, [&](const Bulk& bulk) {
    if (bulk.frame != action.frame) return false;
    if (bulk.chunk) after(Duration(0), [this, id] { tell_master(ChunkSent{id}); });
    return true;
  });
  const FrameEnd message{action.frame};
  to_slave(id, Lane::bulk, [this, id, message] { tell_slave(links_.at(id).slave, MasterMessage{message}); });
}

/// Hands over one piece after the other, as a connection has room.
void Simulation::pump(LinkId id) {
  Link& link = links_.at(id);
  if (link.pumping || link.outbox.empty() || !link.master_side) return;
  link.pumping = true;
  after(some(0.0005, 0.004), [this, id] {
    Link& there = links_.at(id);
    there.pumping = false;
    if (there.outbox.empty()) return;
    const Bulk next = there.outbox.front();
    there.outbox.pop_front();
    if (next.chunk) {
      Chunk chunk;
      chunk.id = *next.chunk;
      to_slave(id, Lane::bulk, [this, id, chunk] { tell_slave(links_.at(id).slave, MasterMessage{chunk}); });
      tell_master(ChunkSent{id});
    } else {
      const std::vector<ChunkId> chunks = chunks_of(picture(next.frame).options);
      ManifestPart part;
      part.frame = next.frame;
      part.arrays = {{4, std::uint64_t{chunks.size()} * kMaxChunkBytes / 4}};
      part.chunk_count = static_cast<std::uint32_t>(chunks.size());
      part.chunks = chunks;
      to_slave(id, Lane::bulk, [this, id, part] { tell_slave(links_.at(id).slave, MasterMessage{part}); });
    }
    pump(id);
  });
}

void Simulation::tell_later(std::size_t index, Duration delay, SlaveEvent event) {
  const std::uint64_t epoch = slaves_[index].epoch;
  auto shared = std::make_shared<SlaveEvent>(std::move(event));
  after(delay, [this, index, epoch, shared] {
    if (slaves_[index].epoch == epoch) tell_slave(index, std::move(*shared));
  });
}

template <class Event>
void Simulation::build_later(std::size_t index, Duration delay, const Building& building, Event event,
                             Event cancelled) {
  const std::uint64_t epoch = slaves_[index].epoch;
  after(delay, [this, index, epoch, flag = building.cancelled, event, cancelled] {
    if (slaves_[index].epoch == epoch) tell_slave(index, *flag ? cancelled : event);
  });
}

void Simulation::carry_out(std::size_t index, SlaveAction& action) {
  Slave& slave = slaves_[index];
  const std::uint64_t epoch = slave.epoch;
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
            answers->frame = send.frame;
            answers->contributions = std::move(send.contributions);
            answers->bytes = answers->contributions.size() * 5000;
            to_master(link, Lane::bulk, [this, answers] {
              if (picture(answers->frame).ended) ++late_answers_;
              tell_master(std::move(*answers));
            });
          },
          [&](FinishMaster&) {
            if (slave.link) close_by_slave(*slave.link);
          },
          [&](DropMaster&) { drop_by_slave(index); },
          [&](Rest& rest) {
            ++rests_;
            const std::uint64_t next = rest.number + 1;
            tell_later(index, some(0.1, 5), MasterNamed{next, {"10.0.0.1", 21000}});
          },
          [&](BeginScene& begin) { begin_scene(index, begin); },
          [&](StoreChunk& store) { store_chunk(index, store); },
          [&](RebuildScene& rebuild) {
            const Building& building = slave.rebuilds[rebuild.build] = {};
            build_later(index, some(0, 0.5), building,
                        SceneRebuilt{rebuild.build, settings_of(slave.scenes.at(rebuild.build).chunks)},
                        SceneRebuilt{rebuild.build, fail(ErrorKind::cancelled, "cancelled")});
          },
          [&](CancelRebuild& cancel) {
            if (!chance(20)) *slave.rebuilds.at(cancel.build).cancelled = true;  // else it comes too late
          },
          [&](ForgetScene& forget) { slave.scenes.erase(forget.build); },
          [&](ReleaseSlot& release) { slave.runners[release.device].slots.erase(release.slot); },
          [&](UploadScene& upload) {
            const bool fails = chance(2);
            Runner& runner = slave.runners[upload.device];
            runner.slots.erase(upload.slot);
            if (!fails) runner.slots[upload.slot] = settings_of(slave.scenes.at(upload.build).chunks);
            const Building& building =
                slave.uploads[{upload.device, upload.build}] = {std::make_shared<bool>(false), upload.slot};
            DeviceUploaded done{upload.device, upload.build, {}}, cancelled = done;
            if (fails) done.result = fail(ErrorKind::exhausted, "too little memory");
            cancelled.result = fail(ErrorKind::cancelled, "cancelled");
            build_later(index, some(0.1, 5), building, done, cancelled);
          },
          [&](CancelUpload& cancel) {
            if (chance(20)) return;  // it comes too late
            const Building& building = slave.uploads.at({cancel.device, cancel.build});
            *building.cancelled = true;
            slave.runners[cancel.device].slots.erase(building.slot);
          },
          [&](RenderUnits& render) {
            add_job(slave.runners[render.device], render.slot, std::move(render.lease));
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

/// What a scene that is still there has in common is in place already.
void Simulation::begin_scene(std::size_t index, const BeginScene& begin) {
  Slave& slave = slaves_[index];
  Scene scene{begin.chunks, {}};
  std::vector<ChunkId> wanted;
  for (const ChunkId& id : begin.chunks) {
    const bool is_here = std::any_of(slave.scenes.begin(), slave.scenes.end(), [&](const auto& other) {
      return other.second.stored.contains(id.hex());
    });
    if (is_here) {
      scene.stored.insert(id.hex());
    } else {
      wanted.push_back(id);
    }
  }
  slave.scenes[begin.build] = std::move(scene);
  const std::uint64_t missing = wanted.size() * std::uint64_t{kMaxChunkBytes};
  tell_later(
      index, some(0, 0.1),
      SceneBegun{begin.build, {}, wanted, missing, begin.chunks.size() * std::uint64_t{kMaxChunkBytes}});
}

void Simulation::store_chunk(std::size_t index, const StoreChunk& store) {
  const auto scene = slaves_[index].scenes.find(store.build);
  if (scene == slaves_[index].scenes.end()) return;
  scene->second.stored.insert(store.chunk.id.hex());
  const std::uint64_t missing = scene->second.chunks.size() - scene->second.stored.size();
  tell_later(index, some(0, 0.01), ChunkStored{store.build, {}, missing * kMaxChunkBytes});
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

/// At once, whatever was still to be sent.
void Simulation::drop_by_slave(std::size_t index) {
  Slave& slave = slaves_[index];
  ++slave.attempt;
  if (!slave.link) return;
  const LinkId id = *std::exchange(slave.link, std::nullopt);
  links_.at(id).slave_side = false;
  after(some(0.001, 0.2), [this, id] {
    Link& there = links_.at(id);
    if (!there.silent && std::exchange(there.master_side, false))
      tell_master(LinkClosed{id, Error{ErrorKind::cancelled, "closed", {}}});
  });
}

void Simulation::connect(std::size_t index) {
  const std::uint64_t epoch = slaves_[index].epoch;
  const std::uint64_t attempt = ++slaves_[index].attempt;
  after(some(0.001, 1), [this, index, epoch, attempt] {
    if (slaves_[index].epoch != epoch || slaves_[index].attempt != attempt || !slaves_[index].alive) return;
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
    tell_master(LinkOpened{id, "10.0.1." + std::to_string(index), false});
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
  config.name = name_of_slave(index);
  config.master = {"10.0.0.1", 21000};
  config.kernel_hash = some_kernels();
  config.devices.resize(1 + index % 2);
  config.canaries.resize(config.devices.size());
  config.supervised = config.warm = index % 2 == 1;
  config.jitter_seed = static_cast<std::uint32_t>(random_());
  slave.runners.clear();
  slave.scenes.clear();
  for (std::size_t i = 0; i < config.devices.size(); ++i) {
    config.devices[i] = {DeviceKind::cuda, static_cast<std::uint32_t>(i), "GPU", 1, 0};
    Runner runner;
    const double place = std::uniform_real_distribution<>(0, 1)(random_);
    runner.device.samples_per_second =
        options_.slowest * std::pow(options_.fastest / options_.slowest, place);
    if (index < options_.lying_slaves && !(restarts_ > 0 && options_.restart_cures)) {
      runner.device.lies_from = options_.lies_from;
      runner.device.error = static_cast<std::int64_t>(2 * index + i + 1);  // no two tell the same lie
    }
    slave.runners.push_back(std::move(runner));
  }
  slave.core = std::make_unique<SlaveCore>(config);
  tell_slave(index, SlaveStarted{});
}

/// The process is gone; the system closes its socket, unless the computer went with it.
void Simulation::kill_slave(std::size_t index) {
  Slave& slave = slaves_[index];
  slave.alive = false;
  ++slave.epoch;
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

void Simulation::add_job(Runner& runner, std::uint32_t slot, Lease&& lease) {
  OCT_CHECK(runner.slots.contains(slot));  // nobody grants what the device has no scene for
  Job job;
  job.lease = std::move(lease);
  job.settings = runner.slots.at(slot);
  runner.jobs.push_back(std::move(job));
  const auto wanted =
      std::count_if(runner.jobs.begin(), runner.jobs.end(), [](const Job& each) { return !each.cancelled; });
  most_jobs_ = std::max(most_jobs_, static_cast<std::uint32_t>(wanted));
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
      static_cast<double>(pixel_count(tile_rect(job.settings, units.tile)) *
                          (samples_of(job.settings, units.first_pass, units.last_pass).last -
                           samples_of(job.settings, units.first_pass, units.last_pass).first)) /
      runner.device.samples_per_second;
  after(some(seconds_needed * 0.8, seconds_needed * 1.3), [this, &runner, alive, answer, ended, units] {
    if (!alive()) return;
    Job& current = runner.jobs.front();
    ++current.next;
    runner.busy = false;
    answer(current.lease.id, computed(runner, current.settings, units));
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

FilmContribution Simulation::computed(Runner& runner, const RenderSettings& settings, UnitRange units) {
  FilmContribution contribution = a_contribution(settings, units);
  if (runner.units_rendered++ >= runner.device.lies_from)
    contribution.sums[contribution.sums.size() / 2] += runner.device.error;
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
        tell_master(LinkMessage{link_id, Heartbeat{progress, 0}});
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
  if (!ended_ && chance(options_.restart_percent)) return restart();
  after(milliseconds(250), [this] { quarter_second(); });
}

void Simulation::some_fault() {
  const std::size_t index = random_() % slaves_.size();
  Slave& slave = slaves_[index];
  if (!slave.alive) return;
  switch (random_() % 5) {
    case 0: return kill_slave(index);
    case 1: slave.hung_until = now_ + some(1, 40); return;  // SIGSTOP, or a sleeping laptop
    case 2: return tell_slave(index, SlaveStopAsked{});
    case 3: return tell_slave(index, RestAsked{});  // its daemon has lost its owner
    case 4:
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
