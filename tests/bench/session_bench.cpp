// What a session of frames costs, on the CPU of this computer (kHelp below).
#include <fmt/format.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "bench_help.hpp"
#include "master/checkpoint.hpp"
#include "master/resumed_film.hpp"
#include "master/scene_loader.hpp"
#include "master/session.hpp"
#include "slave/slave_app.hpp"
#include "support/loop_thread.hpp"

namespace {

using namespace oct;

constexpr const char* kHelp =
    R"(usage: octane_bench_session SCENE frames|checkpoints|audits [WIDTH HEIGHT SAMPLES]

What a session of frames costs, on the CPU of this computer.

  frames       (640 360 4) one session renders the scene, the scene again, a moved camera and another seed. For each:
               milliseconds to make its render data, from Session::add to the first contribution that is merged, trees
               built, samples a second
  checkpoints  (1920 1080 1) frames with a film file every second and without in turn; CPU seconds of the film's thread
               and of the process
  audits       (640 360 16) two slaves of one thread each over loopback and a master without devices, sessions that audit
               nothing and 0.5 % of the units in turn

Counted is CPU time where it can be, so the figures hold on a busy computer, too.
)";

using ScenePtr = std::shared_ptr<const ChunkedScene>;

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

/// CPU seconds of this process, the system's part of it included.
double process_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

double thread_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// CPU seconds of a film's thread so far, behind all that was asked of it.
double film_seconds(FilmWorker& film) {
  auto seconds = std::make_shared<std::promise<double>>();
  film.with_film([seconds](const Film&) { seconds->set_value(thread_seconds()); });
  return seconds->get_future().get();
}

double milliseconds_of(Duration duration) {
  return 1e3 * to_seconds(duration);
}

/// What one frame took.
struct FrameFigures {
  Instant added, first_merge, complete, ended;
  std::uint64_t trees_at_first_merge = 0;
  std::uint64_t samples = 0;
  std::uint64_t units_audited = 0;
  std::uint32_t checkpoints = 0;  ///< begun
  double process = 0;             ///< CPU seconds from the first merge to the end
  double film = 0;                ///< of them, the film's thread's
};

/// Keeps the film of a frame in a file.
struct Keeping {
  std::string path;
  Duration interval{};
  FilmSource source;
};

/// A session on a loop of its own.
class Rig {
 public:
  /// `port`: without devices of its own, for slaves.
  explicit Rig(std::optional<std::uint16_t> port, double audit_percent = 0) {
    ReportChoice quiet;
    quiet.progress = ProgressMode::none;
    quiet.quiet = true;
    report_ = *RenderReport::make(quiet);
    config_.devices.cpu = true;
    config_.audit.percent = audit_percent;
    config_.plan.cpu = !port;
    if (port) listen(*port);
    on_loop([this] {
      Session::Events events;
      events.on_frame_ended = [this](const FrameEnded& frame) { frame_ended(frame); };
      events.on_ended = [this] { session_ended_ = true; };
      session_ =
          std::move(Session::open(loop_.loop(), workers_, config_, *report_, std::move(events)).value());
      watch_ = loop_.loop().every(std::chrono::microseconds(200), [this] { watch(); });
      session_->begin();
    });
  }
  ~Rig() {
    on_loop([this] { session_->no_more_frames(); });
    loop_.wait_until([this] { return session_ended_ && session_->is_closed(); });
    on_loop([this] {
      watch_.reset();
      checkpoint_.reset();
      session_.reset();
    });
  }
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  FrameFigures render(const ScenePtr& scene, const std::optional<Keeping>& keeping = std::nullopt) {
    SessionFrame frame;
    frame.scene = scene;
    frame.film = std::make_shared<FilmWorker>(Film(scene->data()->settings.front()));
    const std::shared_ptr<FilmWorker> film = frame.film;
    const double film_before = film_seconds(*film);
    auto done = std::make_shared<std::promise<void>>();
    on_loop([&] {
      done_ = done;
      figures_ = {};
      checkpoint_.reset();
      if (keeping) {
        checkpoint_ = std::make_unique<Checkpoint>(
            loop_.loop(), keeping->path, keeping->interval, keeping->source,
            [](const Error& error) { fmt::print("no checkpoint: {}\n", error.message); });
        checkpoint_->start(film, 0, true, steady_now());
      }
      figures_.added = steady_now();
      frame_ = session_->add(std::move(frame));
    });
    done->get_future().get();
    const double film_after = film_seconds(*film);
    return loop_.on_loop([&] {
      figures_.film = film_after - film_before;
      return figures_;
    });
  }

  std::uint64_t trees_built() {
    return loop_.on_loop([this] { return session_->trees_built(); });
  }
  std::uint16_t port() {
    return loop_.on_loop([this] { return session_->network()->server().port(); });
  }
  std::uint32_t slaves() {
    return loop_.on_loop([this] { return session_->core().accepted_slaves(); });
  }

 private:
  void listen(std::uint16_t port) {
    config_.no_local = true;
    config_.network.enable = true;
    config_.network.port = port;
    config_.network.automatic_port = false;
    config_.network.wait_for_slaves = 2;
    config_.network.overrides.use = std::vector<std::string>{"none"};
    config_.network.overrides.subnets = {"127.0.0.1/32"};
  }

  template <class Work>
  void on_loop(Work work) {
    loop_.on_loop([&] {
      work();
      return 0;
    });
  }

  /// Five times a millisecond.
  void watch() {
    const Ledger* ledger = session_->core().ledger(frame_);
    if (ledger == nullptr || ledger->samples_merged() == 0) return;
    note_first_merge();
    if (ledger->complete() && figures_.complete == Instant{}) figures_.complete = steady_now();
    if (!checkpoint_) return;
    checkpoint_->on_tick(steady_now(), *ledger, [&] {
      ++figures_.checkpoints;
      return FilmUnits{ledger->filled(), {}};
    });
  }

  void note_first_merge() {
    if (figures_.first_merge != Instant{}) return;
    figures_.first_merge = steady_now();
    figures_.trees_at_first_merge = session_->trees_built();
    figures_.process = -process_seconds();
  }

  void frame_ended(const FrameEnded& frame) {
    note_first_merge();
    figures_.ended = steady_now();
    if (figures_.complete == Instant{}) figures_.complete = figures_.ended;
    figures_.process += process_seconds();
    figures_.samples = frame.samples_merged;
    figures_.units_audited = session_->core().units_audited();
    if (const auto done = std::exchange(done_, nullptr)) done->set_value();
  }

  SessionConfig config_;
  std::unique_ptr<RenderReport> report_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Checkpoint> checkpoint_;
  std::unique_ptr<Timer> watch_;
  FrameId frame_ = kNoFrame;
  FrameFigures figures_;
  std::shared_ptr<std::promise<void>> done_;
  bool session_ended_ = false;
  test::LoopThread loop_;
  WorkQueue workers_{2};  ///< its tasks use the loop: ends first
};

ScenePtr variant(const LoadedScene& scene, bool moves, std::uint32_t seed) {
  Camera camera = scene.data()->cameras.front();
  if (moves) camera.world_from_camera.m[3] += 0.05f;
  RenderSettings settings = scene.settings();
  settings.seed += seed;
  return std::make_shared<const ChunkedScene>(
      std::make_shared<const RenderData>(with_camera_and_settings(*scene.data(), camera, settings)));
}

void bench_frames(const LoadedScene& scene) {
  Rig rig(std::nullopt);
  std::uint64_t trees = 0;
  const auto row = [&](const char* name, bool moves, std::uint32_t seed) {
    const Instant start = steady_now();
    const ScenePtr frame = variant(scene, moves, seed);
    const Instant made = steady_now();
    const FrameFigures figures = rig.render(frame);
    const std::uint64_t trees_now = rig.trees_built();
    fmt::print("{:<14} data {:6.2f} ms, first sample {:8.2f} ms, {} trees, {:.3f} Ms/s\n", name,
               milliseconds_of(made - start), milliseconds_of(figures.first_merge - figures.added),
               trees_now - trees,
               1e-6 * static_cast<double>(figures.samples) / to_seconds(figures.ended - figures.first_merge));
    trees = trees_now;
  };
  row("first frame", false, 0);
  for (std::uint32_t round = 0; round < 3; ++round) {
    row("the same", false, 0);
    row("moved camera", true, 0);
    row("another seed", false, 1 + round);
  }
}

void bench_checkpoints(const LoadedScene& scene) {
  constexpr double kUsualInterval = 60;
  constexpr int kCheckpointRounds = 3;
  const std::string path =
      (std::filesystem::temp_directory_path() / fmt::format("octane-bench-{}.octcheck", getpid())).string();
  Rig rig(std::nullopt);
  rig.render(scene.chunks);  // builds the tree
  for (int round = 0; round < kCheckpointRounds; ++round) {
    const FrameFigures without = rig.render(scene.chunks);
    const FrameFigures with = rig.render(scene.chunks, Keeping{path, seconds(1), film_source_of(scene)});
    const double each = (with.film - without.film) / std::max(1u, with.checkpoints);
    fmt::print(
        "without {:.3f} us of CPU a sample, {:.3f} Ms/s; with {:.3f}, {:.3f} Ms/s; film's thread {:.2f} and "
        "{:.2f} s with {} checkpoints, {:.3f} s each: {:.2f} % of a core every {} s\n",
        1e6 * without.process / static_cast<double>(without.samples),
        1e-6 * static_cast<double>(without.samples) / to_seconds(without.ended - without.first_merge),
        1e6 * with.process / static_cast<double>(with.samples),
        1e-6 * static_cast<double>(with.samples) / to_seconds(with.ended - with.first_merge), without.film,
        with.film, with.checkpoints, each, 100 * each / kUsualInterval, kUsualInterval);
  }
  std::error_code ignored;
  if (const auto header = read_film_file_header(path)) {
    fmt::print(
        "film file {:.1f} MB with {:.0f} % of the samples\n",
        1e-6 * static_cast<double>(std::filesystem::file_size(path, ignored)),
        100 * static_cast<double>(header->samples_merged()) / static_cast<double>(header->samples_wanted()));
  }
  std::filesystem::remove(path, ignored);
}

/// A slave of one thread in this process.
class Slave {
 public:
  explicit Slave(std::uint16_t port)
      : app_(config_of(port)), thread_([this] { static_cast<void>(app_.run()); }) {}
  ~Slave() {
    app_.stop();
    thread_.join();
  }

 private:
  static SlaveConfig config_of(std::uint16_t port) {
    SlaveConfig config;
    config.master_address = "127.0.0.1";
    config.master_port = port;
    config.devices.cpu = true;
    config.devices.threads = 1;
    config.devices.low_priority = false;
    config.quiet = true;
    return config;
  }

  SlaveApp app_;
  std::thread thread_;
};

void bench_audits(const LoadedScene& scene) {
  std::optional<Slave> first, second;
  std::uint16_t port = 0;
  for (int round = 0; round < 3; ++round) {
    for (const double percent : {0.0, 0.5}) {
      Rig rig(port, percent);
      if (!first) {
        port = rig.port();
        first.emplace(port);
        second.emplace(port);
      }
      const FrameFigures figures = rig.render(scene.chunks);
      const double units = double{1} * tile_count(scene.settings()) * pass_count(scene.settings());
      fmt::print(
          "audit {:.1f} %: {:.3f} us of CPU a sample, {:.3f} Ms/s until all were merged, {:.0f} ms more "
          "until all audits "
          "had ended; {} units audited, {:.2f} % of all; first sample {:.0f} ms after add, when the master "
          "had built {} trees, "
          "and {} at the end\n",
          percent, 1e6 * figures.process / static_cast<double>(figures.samples),
          1e-6 * static_cast<double>(figures.samples) / to_seconds(figures.complete - figures.first_merge),
          milliseconds_of(figures.ended - figures.complete), figures.units_audited,
          100 * static_cast<double>(figures.units_audited) / units,
          milliseconds_of(figures.first_merge - figures.added), figures.trees_at_first_merge,
          rig.trees_built());
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  oct::bench::answer_help(argc, argv, kHelp);
  const std::string_view mode = argc > 2 ? argv[2] : "";
  const auto bench = mode == "frames"        ? bench_frames
                     : mode == "checkpoints" ? bench_checkpoints
                     : mode == "audits"      ? bench_audits
                                             : nullptr;
  if (bench == nullptr || (argc != 3 && argc != 6)) {
    fmt::print(stderr, "{}", kHelp);
    return 2;
  }
  const auto number = [&](int index, std::uint32_t otherwise) {
    return argc > index ? static_cast<std::uint32_t>(std::strtoul(argv[index], nullptr, 10)) : otherwise;
  };
  SceneChoice choice;
  choice.path = argv[1];
  choice.width = number(3, mode == "checkpoints" ? 1920 : 640);
  choice.height = number(4, mode == "checkpoints" ? 1080 : 360);
  choice.samples_per_pixel = number(5, mode == "frames" ? 4 : mode == "checkpoints" ? 1 : 16);
  ThreadPool pool(0);
  ExitCode code = ExitCode::done;
  const auto scene = load_scene(choice, pool, code);
  if (!scene) {
    fmt::print(stderr, "{}\n", scene.error().message);
    return static_cast<int>(code);
  }
  bench(*scene);
  return 0;
}
