#include "master/session.hpp"

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "report/render_report.hpp"
#include "slave/slave_app.hpp"
#include "support/catch.hpp"
#include "support/environment.hpp"
#include "support/loop_thread.hpp"
#include "support/rendering.hpp"
#include "support/temp_dir.hpp"
#include "support/test_scenes.hpp"

namespace oct {
namespace {

using ScenePtr = std::shared_ptr<const ChunkedScene>;

ScenePtr chunked(RenderData data) {
  return std::make_shared<const ChunkedScene>(std::make_shared<const RenderData>(std::move(data)));
}

ScenePtr a_room(std::uint32_t samples = 16) {
  return std::make_shared<const ChunkedScene>(
      test::compile_for_test(test::small_room(), test::picture(64, 48, samples, 4)));
}

/// A scene of 20 000 triangles.
ScenePtr a_large_scene() {
  Scene scene = test::small_room();
  test::add_object(scene, test::make_sphere(0.1f, 5), test::matte({0.5f, 0.5f, 0.5f}));
  return std::make_shared<const ChunkedScene>(test::compile_for_test(scene, test::picture(64, 48, 16, 4)));
}

/// The same scene from half a metre further right.
ScenePtr moved(const ScenePtr& scene) {
  Camera camera = scene->data()->cameras.front();
  camera.world_from_camera.m[3] += 0.5f;
  return chunked(with_camera_and_settings(*scene->data(), camera, scene->data()->settings.front()));
}

/// Another seed, and smaller.
ScenePtr reseeded(const ScenePtr& scene) {
  RenderSettings settings = scene->data()->settings.front();
  settings.seed += 7;
  settings.width = 40;
  settings.height = 30;
  return chunked(with_camera_and_settings(*scene->data(), scene->data()->cameras.front(), settings));
}

Digest alone(const ScenePtr& scene) {
  return test::render_picture(*test::cpu_device(2), scene->data()).hash();
}

std::uint64_t samples_of(const ScenePtr& scene) {
  const RenderSettings& settings = scene->data()->settings.front();
  return std::uint64_t{settings.width} * settings.height * settings.samples_per_pixel;
}

std::unique_ptr<RenderReport> quiet_report() {
  ReportChoice choice;
  choice.progress = ProgressMode::none;
  choice.quiet = true;
  return *RenderReport::make(choice);
}

/// A network on loopback where nobody looks for daemons.
NetworkChoice loopback(std::uint16_t port) {
  NetworkChoice network;
  network.enable = true;
  network.port = port;
  network.automatic_port = false;
  network.overrides.use = std::vector<std::string>{"none"};
  network.overrides.subnets = {"127.0.0.1/32"};
  return network;
}

/// A session on a loop of its own, and what became of its frames.
class SessionRig {
 public:
  explicit SessionRig(std::optional<NetworkChoice> network = std::nullopt) {
    config_.devices.cpu = true;
    config_.devices.threads = 2;
    config_.plan.cpu = true;
    config_.audit.percent = 0;
    if (network) {
      config_.network = *std::move(network);
      config_.no_local = true;
      config_.plan.cpu = false;
    }
    thread_.on_loop([this] {
      Session::Events events;
      events.on_frame_ended = [this](const FrameEnded& frame) {
        if (on_frame_ended) on_frame_ended(frame);
        ended.emplace(frame.frame, frame);
      };
      events.on_ended = [this] { session_ended = true; };
      auto opened = Session::open(thread_.loop(), workers_, config_, *report_, std::move(events));
      REQUIRE(opened);
      session = *std::move(opened);
      return 0;
    });
  }
  ~SessionRig() {
    do_on_loop([this] { session.reset(); });
  }
  SessionRig(const SessionRig&) = delete;
  SessionRig& operator=(const SessionRig&) = delete;

  template <class Work>
  void do_on_loop(Work work) {
    thread_.on_loop([&] {
      work();
      return 0;
    });
  }

  void begin() {
    do_on_loop([this] { session->begin(); });
  }
  /// On any thread.
  FrameId add(const ScenePtr& scene) {
    return thread_.on_loop([&] { return add_here(scene); });
  }
  /// On the loop's thread.
  FrameId add_here(const ScenePtr& scene) {
    return add_here(scene, Film(scene->data()->settings.front()), {});
  }
  FrameId add_here(const ScenePtr& scene, Film film, std::vector<bool> filled) {
    SessionFrame frame;
    frame.scene = scene;
    frame.film = std::make_shared<FilmWorker>(std::move(film));
    frame.filled = std::move(filled);
    films.push_back(frame.film);
    return session->add(std::move(frame));
  }
  bool wait_for_frame(FrameId frame) {
    return wait_until([&] { return ended.contains(frame); });
  }
  /// No more frames come; whether the session ended, with all connections closed.
  bool finish() {
    do_on_loop([this] { session->no_more_frames(); });
    return wait_until([this] { return session_ended && session->is_closed(); });
  }
  template <class Condition>
  bool is_true(Condition condition) {
    return thread_.on_loop(condition);
  }
  template <class Condition>
  bool wait_until(Condition condition) {
    // Each waits ten seconds: enough for sanitizers on a busy machine together.
    for (int wait = 0; wait < 6; ++wait) {
      if (thread_.wait_until(condition)) return true;
    }
    return false;
  }
  FrameEnded end_of(FrameId frame) {
    return thread_.on_loop([&] { return ended.at(frame); });
  }
  Film film(FrameId frame) {
    auto copy = std::make_shared<std::promise<Film>>();
    thread_.on_loop([&] { return films.at(frame - 1); })->with_film([copy](const Film& content) {
      copy->set_value(content);
    });
    return copy->get_future().get();
  }
  Digest film_hash(FrameId frame) { return film(frame).hash(); }
  std::uint16_t port() {
    return thread_.on_loop([this] { return session->network()->server().port(); });
  }
  /// To its only slave.
  std::uint64_t bytes_out() {
    return thread_.on_loop([this] { return session->status(1).slaves.at(0).bytes_out; });
  }
  std::uint64_t trees_built() {
    return thread_.on_loop([this] { return session->trees_built(); });
  }
  std::uint64_t samples_merged(FrameId frame) {
    return thread_.on_loop([&] { return session->status(frame).samples_merged; });
  }

  // On the loop's thread alone.
  std::unique_ptr<Session> session;
  std::vector<std::shared_ptr<FilmWorker>> films;  ///< of frames 1, 2, ...
  std::map<FrameId, FrameEnded> ended;
  bool session_ended = false;
  std::function<void(const FrameEnded&)> on_frame_ended;

 private:
  test::TempDir folder_;
  test::ScopedVariable folder_variable_{"OCTANE_CONFIG_DIR", folder_.file("settings")};
  SessionConfig config_;
  std::unique_ptr<RenderReport> report_ = quiet_report();
  test::LoopThread thread_;
  WorkQueue workers_;  ///< its tasks use the loop: ends first
};

/// A slave on a thread of its own: as the program, but for its main().
class SlaveThread {
 public:
  explicit SlaveThread(std::uint16_t port)
      : app_(config_of(port)), thread_([this] { static_cast<void>(app_.run()); }) {}
  ~SlaveThread() {
    app_.stop();
    thread_.join();
  }

 private:
  static SlaveConfig config_of(std::uint16_t port) {
    SlaveConfig config;
    config.master_address = "127.0.0.1";
    config.master_port = port;
    config.devices.gpus = {};
    config.devices.cpu = true;
    config.devices.threads = 1;
    config.devices.low_priority = false;
    config.quiet = true;
    return config;
  }

  SlaveApp app_;
  std::thread thread_;
};

TEST_CASE("frames of one session have the bits of pictures rendered alone", "[session]") {
  const ScenePtr first = a_room();
  const std::vector<ScenePtr> scenes = {first, moved(first), reseeded(first), first};
  SessionRig rig;
  rig.begin();
  for (const ScenePtr& scene : scenes) rig.add(scene);
  REQUIRE(rig.finish());
  for (FrameId frame = 1; frame <= scenes.size(); ++frame) {
    INFO("frame " << frame);
    const FrameEnded end = rig.end_of(frame);
    CHECK(end.reason == EndReason::complete);
    CHECK(end.samples_merged == samples_of(scenes[frame - 1]));
    CHECK(rig.film_hash(frame) == alone(scenes[frame - 1]));
  }
  CHECK(rig.film_hash(1) == rig.film_hash(4));
  CHECK_FALSE(rig.film_hash(1) == rig.film_hash(2));
}

TEST_CASE("a moved camera and another seed build no tree", "[session]") {
  const ScenePtr first = a_room();
  SessionRig rig;
  rig.begin();
  rig.add(first);
  rig.add(moved(first));
  rig.add(reseeded(first));
  REQUIRE(rig.finish());
  CHECK(rig.trees_built() == 1);
}

TEST_CASE("a frame may come while another renders, and at the word that one has ended", "[session]") {
  const ScenePtr first = a_room(64);
  const ScenePtr second = moved(first);
  const ScenePtr third = reseeded(first);
  SessionRig rig;
  rig.on_frame_ended = [&](const FrameEnded& frame) {
    if (frame.frame == 2) rig.add_here(third);
  };
  rig.begin();
  rig.add(first);
  REQUIRE(rig.wait_until([&] {
    if (rig.session->status(1).samples_merged == 0) return false;
    rig.add_here(second);
    return true;
  }));
  REQUIRE(rig.wait_for_frame(3));
  REQUIRE(rig.finish());
  CHECK(rig.film_hash(1) == alone(first));
  CHECK(rig.film_hash(2) == alone(second));
  CHECK(rig.film_hash(3) == alone(third));
}

TEST_CASE("what a stopped session has merged is gone on with by another one", "[session]") {
  const ScenePtr scene = a_room(64);
  const ScenePtr behind = moved(scene);
  std::optional<Film> film;
  FrameEnded first, second;
  {
    SessionRig rig;
    rig.begin();
    rig.add(scene);
    rig.add(behind);
    REQUIRE(rig.wait_until([&] { return rig.session->status(1).samples_merged > 0; }));
    rig.do_on_loop([&] { rig.session->stop(); });
    REQUIRE(rig.wait_until([&] { return rig.session_ended; }));
    first = rig.end_of(1);
    second = rig.end_of(2);
    film = rig.film(1);
  }
  CHECK(first.reason == EndReason::stopped);
  CHECK(second.reason == EndReason::stopped);
  CHECK(first.samples_merged > 0);
  REQUIRE(first.samples_merged < samples_of(scene));
  CHECK(film->samples_merged() == first.samples_merged);

  SessionRig rig;
  rig.begin();
  rig.do_on_loop([&] { rig.add_here(scene, *film, first.filled); });
  CHECK(rig.samples_merged(1) >= first.samples_merged);
  REQUIRE(rig.finish());
  CHECK(rig.end_of(1).reason == EndReason::complete);
  CHECK(rig.film_hash(1) == alone(scene));
}

TEST_CASE("a scene that no device can take ends its own frame alone", "[session]") {
  const ScenePtr good = a_room();
  const ScenePtr last = moved(good);
  RenderData too_large = *good->data();
  const Instance& wall = too_large.instances.front();
  REQUIRE((wall.flags & kInstanceBaked) != 0);
  too_large.meshes.edit()[wall.mesh].triangle_count = 1u
                                                      << 29;  // more than a tree can count; none is touched
  SessionRig rig;
  rig.begin();
  rig.add(good);
  rig.add(chunked(std::move(too_large)));
  rig.add(last);
  REQUIRE(rig.finish());
  CHECK(rig.film_hash(1) == alone(good));
  CHECK(rig.end_of(2).reason == EndReason::failed);
  REQUIRE(rig.end_of(2).error);
  CHECK(rig.end_of(2).error->kind == ErrorKind::exhausted);
  CHECK(rig.film_hash(3) == alone(last));
}

// With a slave.

constexpr std::uint64_t kLittle =
    20'000;  ///< bytes: a manifest, leases, heartbeats, a chunk of camera and settings

TEST_CASE("a slave that has the scene is sent camera and settings alone", "[session]") {
  const ScenePtr first = a_large_scene();
  const ScenePtr second = moved(first);
  const ScenePtr third = reseeded(first);
  SessionRig rig(loopback(0));
  rig.begin();
  const SlaveThread slave(rig.port());
  rig.add(first);
  REQUIRE(rig.wait_for_frame(1));
  const std::uint64_t whole_scene = rig.bytes_out();
  CHECK(whole_scene > 50'000);
  rig.add(second);
  REQUIRE(rig.wait_for_frame(2));
  rig.add(third);
  REQUIRE(rig.wait_for_frame(3));
  CHECK(rig.bytes_out() - whole_scene < 2 * kLittle);
  REQUIRE(rig.finish());
  CHECK(rig.film_hash(1) == alone(first));
  CHECK(rig.film_hash(2) == alone(second));
  CHECK(rig.film_hash(3) == alone(third));
}

TEST_CASE("a slave that is told of two frames at once fetches what they share once", "[session]") {
  const ScenePtr first = a_large_scene();
  const ScenePtr second = moved(first);
  std::uint64_t one_frame = 0;
  {
    SessionRig rig(loopback(0));
    rig.begin();
    const SlaveThread slave(rig.port());
    rig.add(first);
    REQUIRE(rig.finish());
    one_frame = rig.bytes_out();
  }
  SessionRig rig(loopback(0));
  rig.begin();
  rig.add(first);
  rig.add(second);
  const SlaveThread slave(rig.port());
  REQUIRE(rig.finish());
  CHECK(rig.film_hash(1) == alone(first));
  CHECK(rig.film_hash(2) == alone(second));
  CHECK(rig.bytes_out() < one_frame + kLittle);
}

TEST_CASE("the next frame's scene is fetched while this one renders", "[session]") {
  SessionRig rig(loopback(0));
  rig.begin();
  const SlaveThread slave(rig.port());
  rig.add(a_room(16384));
  REQUIRE(rig.wait_until([&] { return rig.session->status(1).samples_merged > 0; }));
  const std::uint64_t before = rig.bytes_out();
  rig.add(a_large_scene());
  CHECK(rig.wait_until([&] {
    return rig.session->status(1).slaves.at(0).bytes_out > before + 50'000 || rig.ended.contains(1);
  }));
  CHECK(rig.is_true([&] { return !rig.ended.contains(1); }));
  rig.do_on_loop([&] { rig.session->stop(); });
  REQUIRE(rig.wait_until([&] { return rig.session_ended && rig.session->is_closed(); }));
  CHECK(rig.end_of(1).samples_merged > 0);
}

TEST_CASE("a slave that stays has the scene in the next session", "[session]") {
  const ScenePtr scene = a_large_scene();
  const ScenePtr next = moved(scene);
  std::optional<SlaveThread> slave;
  std::uint16_t port = 0;
  {
    SessionRig rig(loopback(0));
    rig.begin();
    port = rig.port();
    slave.emplace(port);
    rig.add(scene);
    REQUIRE(rig.finish());
    CHECK(rig.bytes_out() > 50'000);
  }
  SessionRig rig(loopback(port));
  rig.begin();
  rig.add(scene);
  rig.add(next);
  REQUIRE(rig.finish());
  CHECK(rig.bytes_out() < 2 * kLittle);
  CHECK(rig.film_hash(1) == alone(scene));
  CHECK(rig.film_hash(2) == alone(next));
}

}  // namespace
}  // namespace oct
