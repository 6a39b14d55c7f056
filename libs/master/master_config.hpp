#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "farm/farm_choice.hpp"
#include "farm/scan_targets.hpp"
#include "film/picture_file.hpp"
#include "master/auditor.hpp"
#include "master/camera_override.hpp"
#include "net/address.hpp"
#include "render/device_choice.hpp"
#include "report/report_choice.hpp"
#include "scene/daylight.hpp"
#include "scene/scene.hpp"
#include "wire/limits.hpp"

// What a user can ask of the master, as plain values with the defaults of the command line.

namespace oct {

/// Of scenes that are not compiled, where nothing else is asked for.
inline constexpr std::uint32_t kDefaultSamples = 256;

/// Where nothing else is asked for, tiles end at so many samples though they are noisy still.
inline constexpr std::uint32_t kMostSamplesForNoise = 4096;
/// More than most render in a night. A picture that its time limit ends has far fewer.
inline constexpr std::uint32_t kMostSamplesForTime = 65536;
/// RenderSettings::pass_steps of pictures that may end early: a tile may have a fifth more samples than it needs, on
/// average; a time limit may leave an eighth of the time unused.
inline constexpr std::uint32_t kPassStepsForNoise = 2;
inline constexpr std::uint32_t kPassStepsForTime = 8;
inline constexpr double kDefaultFramesPerSecond = 24;

/// Which scene, seen how.
struct SceneChoice {
  std::string path;
  ImportOptions import_options;
  NeutralLight neutral_light = NeutralLight::automatic;
  bool double_sided = false;  ///< surfaces have two sides whatever their materials say
  std::optional<std::uint32_t> width,
      height;  ///< none: 1280 x 720, or as a compiled scene has it; one alone keeps the camera's shape
  std::optional<std::uint32_t> samples_per_pixel;  ///< none: 256, or as a compiled scene has it
  std::uint32_t pass_steps = 0;                    ///< RenderSettings::pass_steps
  bool samples_are_default = false;   ///< nobody asked for so many: fewer where the film cannot count them
  std::optional<std::uint32_t> seed;  ///< none: 0, or as a compiled scene has it
  std::optional<std::uint32_t> max_depth;  ///< none: 16, or as a compiled scene has it
  std::optional<float> clamp_indirect;
  std::string animation;  ///< name, number or none; empty = the first
  double time_s = 0;      ///< of the animation
  std::string camera;     ///< name or number; empty = the first
  CameraOverride camera_override;
  std::string environment;           ///< .hdr or .exr; empty = the scene's own
  std::optional<Daylight> daylight;  ///< in place of an environment
  std::optional<float> environment_rotation;
  std::optional<float> environment_power;
};

/// Deadlines with which whoever is silent for `dead` is lost; heartbeats and suspicion keep their share of
/// it.
inline Deadlines deadlines_for(std::chrono::milliseconds dead) {
  const Deadlines usual;
  Deadlines deadlines;
  deadlines.dead = dead;
  deadlines.heartbeat = dead * usual.heartbeat.count() / usual.dead.count();
  deadlines.suspect = dead * usual.suspect.count() / usual.dead.count();
  return deadlines;
}

struct NetworkChoice {
  bool enable = false;
  std::uint16_t port = 21000;
  bool automatic_port = true;  ///< the first free of `port` and the 15 above it
  std::string bind;            ///< numeric address of this computer to listen at; empty = all
  std::string address_file;    ///< tells slaves where this master listens; empty = none
  std::uint32_t wait_for_slaves = 0;
  double wait_seconds = 120;
  Deadlines deadlines;    ///< of slaves and daemons, at both ends
  std::string nick_name;  ///< empty = user@HOST
  NetworkAccess access;
  Preferences preferences;  ///< followed while the master runs
  FarmOverrides overrides;
};

/// What may end a picture before it has the samples that were asked for.
struct StopChoice {
  std::optional<double> noise_threshold;  ///< relative standard error of a tile's pixels, above 0 and below 1
  std::optional<double> time_limit_s;     ///< of rendering
};

/// Who looks at the film while it grows.
struct FilmWatchChoice {
  std::string preview;  ///< a PNG; empty = none
  double preview_seconds = 5;
  std::optional<HostPort> display_server;
};

/// How the film of a render is kept while it grows.
struct CheckpointChoice {
  std::string path;  ///< empty = beside the first output; with frames, where their number goes is marked by #
  bool is_named = false;  ///< by the user
  double interval_seconds = 60;
  bool resume = false;  ///< go on with what is there
};

/// Rendered frames show the moment number / frames_per_second of their scene's animation.
struct FrameChoice {
  std::vector<std::int32_t>
      numbers;  ///< in the order in which they are rendered; empty: one still, at time_s
  double frames_per_second = kDefaultFramesPerSecond;
  bool skip_existing = false;  ///< frames whose outputs are there, whatever they show
};

/// One scene to render, as a still or as frames.
struct RenderJob {
  std::string name;    ///< in a batch; empty: the command line's own
  std::string folder;  ///< of the jobs file, which names begin with that are relative to it; empty: none
  SceneChoice scene;
  std::vector<PictureOutput> outputs;  ///< empty: <scene name>.png in the current folder
  ToneMap tone_map;
  CheckpointChoice checkpoint;
  StopChoice stop;
  FrameChoice frames;
};

struct MasterConfig {
  std::vector<RenderJob> jobs;  ///< one after the other
  std::string batch_file;       ///< that they stand in; empty: on the command line
  bool stop_on_error = false;   ///< a frame that fails is the last one
  DeviceChoice devices;
  bool no_local = false;
  NetworkChoice network;
  AuditConfig audit;
  FilmWatchChoice watch;
  ReportChoice report;
  std::vector<std::string> command;  ///< as typed, for the report
};

}  // namespace oct
