#include "octane_master/options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <string_view>

#include "base/file.hpp"
#include "common/name_pattern.hpp"
#include "compile/compile.hpp"
#include "device_options/device_options.hpp"
#include "film/contribution.hpp"
#include "master/display_server.hpp"
#include "master/frame_list.hpp"
#include "net/adapters.hpp"
#include "octane_master/farm_context.hpp"
#include "render_data/limits.hpp"
#include "wire/limits.hpp"

namespace oct {
namespace {

constexpr double kLargest = kLargestCoordinate;
constexpr OptionWords kTimeOption{"--time S (0)", "the moment of the animation that is shown, in seconds"};

/// Of `render` and of `resolve`.
OptionGroup output_group(const char* first_output) {
  return {"Output",
          {{"-o,--output-png FILE (.exr writes EXR)", first_output},
           {"--output-png16 FILE", "PNG with 16 bits per channel"},
           {"--output-exr FILE", "OpenEXR, scene-linear"},
           {"--output-exr-tm FILE", "OpenEXR with exposure and tone curve applied"},
           {"--exr-type half|float (half)", "type of the colour channels"},
           {"--imager-exposure F|auto (1)", "linear factor; auto chooses it from the finished picture"},
           {"--tone-curve none|filmic|aces|agx (none)", "applies to all outputs but --output-exr"}}};
}

const std::vector<OptionGroup>& render_groups() {
  static const std::vector<OptionGroup> groups = {
      output_group("the picture; <scene name>.png if no output is given"),
      {"Checkpoint",
       {{"--checkpoint FILE", "where the film is kept while it grows (beside the first output, .octcheck)"},
        {"--checkpoint-interval S (60)",
         "seconds between checkpoints; one is written at every early end, too"},
        {"--resume",
         "skip what its outputs show already, continue what has a checkpoint, and just start the rest"},
        {"--skip-existing", "skip frames whose outputs are there, whatever they show"}}},
      {"Scene",
       {{"--animation NAME|N|none", "what moves the scene; the first animation unless given"},
        {"--allow-external-files",
         "let the scene read files anywhere: by absolute names, and through links that leave its folder"},
        {"--double-sided",
         "all surfaces are seen, and cast shadows, from both sides; else the back of a single-sided one is "
         "not there"},
        {"--light-units auto|watts|photometric (auto)",
         "units of a glTF file's lights; photometric = candela and lux, 683 lumens to the watt"},
        {"--neutral-light auto|on|off (auto)",
         "a soft studio light; auto = where the scene would be dark without"},
        {"--solid-glass",
         "treat glass as solid where a glTF file gives no thickness; otherwise it is a thin wall"},
        {"--strict", "treat what could be mended or left out as errors"}}},
      {"Picture",
       {{"-s,--samples N (256)", "samples per pixel"},
        {"--film-width N", "pixels; width or height alone keeps the camera's aspect ratio"},
        {"--film-height N (1280x720)", "pixels"},
        {"--seed N (0)", "a different seed gives different noise"},
        {"--max-depth N (16)", "light bounces; 0 = only what the camera sees directly"},
        {"--clamp-indirect F", "largest contribution after the first bounce"}}},
      {"Stop",
       {{"--noise-threshold F",
         "stop each tile once its noise, as a fraction of its brightness, is at most F; -s is the most "
         "(4096)"},
        {"--time-limit S",
         "stop after S seconds of rendering, all pixels at one sample count; -s is the most (65536)"}}},
      {"Camera",
       {{"--camera NAME|N", "one of the scene's cameras, the first is 0"},
        {"--cam-pos-{x,y,z} F", "metres"},
        {"--cam-target-{x,y,z} F", "metres; the point it looks at"},
        {"--cam-up-{x,y,z} F", "direction"},
        {"--cam-fov F", "horizontal field of view in degrees"},
        {"--cam-aperture F", "lens radius in metres; 0 = everything in focus"},
        {"--cam-focaldepth F", "distance to the plane in focus, in metres"},
        {"--cam-lensshift-{up,right} F", "in picture heights and widths"}}},
      {"Light",
       {{"--environment FILE (.hdr .exr)", "equirectangular environment map"},
        {"--environment-rotation F", "degrees about the vertical axis"},
        {"--environment-power F (1)", "linear factor"},
        {"--daylight-sundir-{x,y,z} F", "a clear sky, and a sun in this direction (+Y up), as environment"},
        {"--daylight-turbidity F (3)",
         "haze from 2 to 10; the more, the whiter the sky and the softer the light"}}},
      {"Frames",
       {{"--frames LIST", "frames to render: 1-240, 1-240x2, 1,5,10-20, -5..5; # in names is the number"},
        {"--fps F (24)", "frame N shows the moment N / fps of the animation"},
        {kTimeOption.words, kTimeOption.help},
        {"--batch FILE", "render the jobs of this JSON file one after the other"},
        {"--stop-on-error", "the first frame that fails ends the run; otherwise the others are rendered"}}},
      {"Devices",
       {{"-g,--gpu N (repeat; all)", "GPUs to use, by number"},
        {"--cpu", "also use the CPU; without a GPU it is used anyway"},
        {"--threads N (all)", "CPU threads to use"},
        {"--no-local", "render on slaves only"}}},
      {"Network",
       {{"--net-enable", "let slaves help, and use the enabled daemons"},
        {"--no-net", "no network rendering, whatever the preferences say"},
        {"--net-master-port N (21000; 0 = automatic)", "automatic = the first free of 21000-21015"},
        {"--net-daemon-port N (48000)", "UDP and TCP port of the daemons"},
        {"--net-subnet CIDR|ADAPTER",
         "scan only this: 10.0.0.0/24 or eth0 (repeat; all that lead to other computers)"},
        {"--net-daemon ADDRESS", "also look at this name or address, with or without :port (repeat)"},
        {"--net-daemon-list FILE",
         "also look at the addresses in FILE: one a line, or as daemons export writes them"},
        {"--net-use enabled|all|none|LIST (enabled)", "daemons to use; LIST is names or addresses"},
        {"--net-steal LIST", "use these, and take each of them once from another master"},
        {"--net-wait N", "start once N slaves are usable"},
        {"--net-wait-time S (120)", "wait at most S seconds for them, then fail"},
        {"--net-dead-time S (15)", "treat a slave or daemon as lost after S silent seconds"},
        {"--net-nick NAME (user@HOST)",
         "name of this master, shown to people; %h is the computer, %j the job of an engine"},
        {"--bind ADDRESS", "listen at this address of this computer only, and reach daemons from it"},
        {"--net-address-file FILE",
         "write \"host port\" there once slaves can connect; it is removed at the end"},
        {"--net-insecure", "serve other computers without a key"},
        {"--net-test", "render nothing, run doctor --all"},
        {"--audit PERCENT (0.5)", "render this share of all units again on another device, and compare"}}},
      {"Watch",
       {{"--progress auto|bar|plain|json|openjd|none (auto)", "auto = bar on a terminal, else plain"},
        {"--progress-interval S", "seconds between progress lines"},
        {"--net-verbose", "also show what each slave does"},
        {"--preview FILE", "a tone-mapped PNG of the film so far, renamed into place"},
        {"--preview-interval S (5)", "seconds between previews"},
        {"--display-server HOST:PORT", "show the growing picture in tev (port 14158 if none is given)"},
        {"--report FILE", "a JSON report on the whole render, even if it fails"},
        {"--log-file FILE", "write a log, rotated at 10 MB"},
        {"--log-level error|warning|info|debug (info)", "level of the log"},
        {"--no-color", "no colours"},
        {"-q,--quiet", "only errors, warnings and what was asked for"},
        {"-e,--exit", "accepted, does nothing: the program always ends"}}},
      {"Examine",
       {{"--debug-pixel X,Y[,SAMPLE]", "trace one sample of a pixel, explain it, and exit"},
        {"--cpu-code auto|x64|v3 (auto)", "instruction set of the CPU device; all give the same bits"}}},
  };
  return groups;
}

CommandLineSpec render_spec() {
  CommandLineSpec spec;
  spec.program = "octane_master";
  spec.usage = {
      "octane_master [render] [OPTION...] SCENE     SCENE: .gltf .glb .obj, or compiled: .octscene",
      "octane_master [OPTION...] --batch FILE       many scenes",
      "octane_master devices [--json]               what this computer has",
      "octane_master daemons list|watch|enable|disable|steal|export|import ...   the daemons of the network",
      "octane_master doctor [ADDRESS...] [--all]    why a daemon is not seen",
      "octane_master preferences [show|set KEY VALUE|reset|path]",
      "octane_master resolve FILE.octcheck -o FILE [OPTION...]     pictures of a checkpoint, without "
      "rendering",
      "octane_master compile SCENE -o FILE.octscene [OPTION...]    a scene as one file, to be rendered where "
      "its "
      "own are not",
      "octane_master inspect FILE|SCENE [--json]    what a picture, a checkpoint or a scene holds",
      "octane_master bench SCENE --rays FILE --hits FILE    traces rays from a file",
      "octane_master activate [--show|--rotate] [--into FOLDER]    the key that the computers of a farm "
      "share",
  };
  spec.groups = render_groups();
  spec.refused = {
      {"-t", "choose the camera with --camera NAME; a scene has one picture"},
      {"--target", "choose the camera with --camera NAME; a scene has one picture"},
      {"-m", "give the scene file itself: octane_master SCENE"},
      {"--mesh", "give the scene file itself: octane_master SCENE"},
      {"-l", "scene files are read anew at every start, nothing needs linking"},
      {"-r", "scene files are read anew at every start, nothing needs relinking"},
      {"-R", "scene files are read anew at every start, nothing needs reloading"},
      {"-n", "every start is a new render"},
      {"--script",
       "write a script around octane_master, or use --frames and --batch; --progress json tells it what "
       "happens"},
  };
  return spec;
}

CommandLineSpec devices_spec() {
  CommandLineSpec spec;
  spec.program = "octane_master devices";
  spec.usage = {"octane_master devices [--json]     the devices of this computer"};
  spec.groups = {{"Output", {{"--json", "print JSON"}}}};
  return spec;
}

CommandLineSpec inspect_spec() {
  CommandLineSpec spec;
  spec.program = "octane_master inspect";
  spec.usage = {
      "octane_master inspect FILE|SCENE [--json]     size, channels and metadata of a PNG or EXR picture, or "
      "of a",
      "                                              checkpoint (.octcheck); what a scene holds, and what of "
      "it",
      "                                              is left out"};
  spec.groups = {
      {"Output", {{"--json", "as JSON"}}},
      {"Scene",
       {{"--allow-external-files",
         "let the scene read files anywhere, as a render with this option (or its preference) does"}}}};
  return spec;
}

CommandLineSpec resolve_spec() {
  CommandLineSpec spec;
  spec.program = "octane_master resolve";
  spec.usage = {
      "octane_master resolve FILE.octcheck -o FILE [OPTION...]",
      "  Makes pictures of a checkpoint, finished or not, without its scene and without a sample.",
  };
  spec.groups = {output_group("the picture; at least one output is needed")};
  return spec;
}

/// Everything that decides what a scene is compiled to.
CommandLineSpec compile_spec() {
  CommandLineSpec spec;
  spec.program = "octane_master compile";
  spec.usage = {
      "octane_master compile SCENE -o FILE.octscene [OPTION...]",
      "  Writes all that a render needs into one file, camera and settings included. octane_master "
      "FILE.octscene renders",
      "  it to the same film, without the scene's own files; size, samples, seed, depth and clamp may still "
      "be changed.",
  };
  spec.groups = {{"Output", {{"-o,--output FILE", "the compiled scene (.octscene)"}}}};
  for (const OptionGroup& group : render_groups()) {
    constexpr std::array<std::string_view, 4> kWanted{"Scene", "Picture", "Camera", "Light"};
    if (std::find(kWanted.begin(), kWanted.end(), group.title) != kWanted.end()) spec.groups.push_back(group);
  }
  spec.groups.push_back({"Frames", {kTimeOption}});
  spec.groups.push_back({"Devices", {{"--threads N (all)", "CPU threads to use"}}});
  return spec;
}

/// What one job of a batch may say for itself. The rest is one for the whole run.
CommandLineSpec job_spec() {
  CommandLineSpec spec;
  spec.program = "octane_master";
  spec.usage = {"\"scene\": \"FILE\""};
  for (const OptionGroup& group : render_groups()) {
    constexpr std::array<std::string_view, 8> kWanted{"Output", "Checkpoint", "Scene", "Picture",
                                                      "Stop",   "Camera",     "Light", "Frames"};
    if (std::find(kWanted.begin(), kWanted.end(), group.title) != kWanted.end()) spec.groups.push_back(group);
  }
  std::erase_if(spec.groups.back().options, [](const OptionWords& option) {
    const std::string_view words = option.words;
    return words.starts_with("--batch") || words.starts_with("--stop-on-error");
  });
  return spec;
}

CommandLineSpec bench_spec() {
  CommandLineSpec spec;
  spec.program = "octane_master bench";
  spec.usage = {
      "octane_master bench SCENE --rays FILE --hits FILE",
      "  Traces rays through a scene, once each, and writes where they hit.",
      "  A ray is 8 little-endian float32: origin x y z, t_min, direction x y z, t_max; a hit is t, one "
      "float32, inf = none.",
  };
  spec.groups = {
      {"Files", {{"--rays FILE", "rays to trace"}, {"--hits FILE", "where to write t of each ray"}}},
      {"Devices",
       {{"-g,--gpu N (repeat; all)", "the GPU to trace on, by number"},
        {"--cpu", "trace on the CPU even if there is a GPU"},
        {"--threads N (all)", "CPU threads to use"},
        {"--cpu-code auto|x64|v3 (auto)", "instruction set of the CPU device; all give the same bits"}}}};
  return spec;
}

template <class To, class From>
std::optional<To> narrowed(const std::optional<From>& value) {
  return value ? std::optional<To>(static_cast<To>(*value)) : std::nullopt;
}

/// Whether a name ends in digits or #, as numbers of frames and versions do: that is no kind of file.
bool is_number_ending(const std::string& ending) {
  return ending.find_first_not_of(".0123456789#") == std::string::npos;
}

/// Refuses names that promise another kind of file than the option writes.
Result<void> check_ending(const std::string& option, const std::string& path,
                          const std::vector<std::string>& written) {
  if (path == "-") {
    return fail(ErrorKind::invalid_input,
                fmt::format("--{} -: a picture is not written to standard output", option),
                fmt::format("--{} FILE{}", option, written.front()));
  }
  const std::string ending = file_extension(path);
  if (is_number_ending(ending) || std::find(written.begin(), written.end(), ending) != written.end())
    return {};
  return fail(ErrorKind::invalid_input,
              fmt::format("--{} {}: writes {}, not {}", option, path, fmt::join(written, " and "), ending),
              "-o writes .png and .exr, --output-png16 .png, --output-exr and --output-exr-tm .exr");
}

Result<void> read_outputs(const CommandLine& line, RenderJob& job) {
  OCT_TRY_ASSIGN(const auto type, line.choice("exr-type", {"half", "float"}));
  const ExrType exr_type = type.value_or(0) == 0 ? ExrType::half : ExrType::single;
  const auto add = [&](const char* option, PictureFormat format) -> Result<void> {
    const auto path = line.text(option);
    if (!path) return {};
    OCT_TRY(check_ending(option, *path, {format == PictureFormat::png16 ? ".png" : ".exr"}));
    job.outputs.push_back({*path, format, exr_type});
    return {};
  };
  if (const auto path = line.text("output-png")) {
    OCT_TRY(check_ending("output-png", *path, {".png", ".exr"}));
    const bool exr = file_extension(*path) == ".exr";
    job.outputs.push_back({*path, exr ? PictureFormat::exr : PictureFormat::png8, exr_type});
  }
  OCT_TRY(add("output-png16", PictureFormat::png16));
  OCT_TRY(add("output-exr", PictureFormat::exr));
  OCT_TRY(add("output-exr-tm", PictureFormat::exr_toned));
  job.tone_map.auto_exposure = line.text("imager-exposure") == "auto";
  if (!job.tone_map.auto_exposure) {
    OCT_TRY_ASSIGN(const auto exposure, line.number("imager-exposure", 0, 1e6));
    job.tone_map.exposure = static_cast<float>(exposure.value_or(1));
  }
  if (const auto curve = line.text("tone-curve")) {
    OCT_TRY_ASSIGN(job.tone_map.curve, tone_curve_from_text(*curve));
  }
  return {};
}

/// Samples per pixel that the film can count at this depth.
std::uint32_t most_samples(std::uint32_t max_depth) {
  const CompileOptions options;
  RenderSettings settings{};
  settings.max_depth = max_depth;
  settings.quantum_log2 = options.quantum_log2;
  settings.contribution_limit = options.contribution_limit;
  return most_samples_per_pixel(settings);
}

/// Samples per pixel, if given; no more than the film can count, which is known before a scene is loaded.
Result<std::optional<std::uint32_t>> read_samples(const CommandLine& line, std::uint32_t max_depth) {
  const std::uint32_t most = most_samples(max_depth);
  const auto given = parse_whole(line.text("samples").value_or(""));
  if (given && *given > most) {
    return fail(ErrorKind::invalid_input,
                fmt::format("--samples {}: at depth {} the film counts at most {}", *given, max_depth, most),
                fmt::format("-s {}, or a smaller --max-depth", most));
  }
  OCT_TRY_ASSIGN(const auto samples, line.whole("samples", 1, most));
  return narrowed<std::uint32_t>(samples);
}

Result<void> read_picture(const CommandLine& line, SceneChoice& scene) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  OCT_TRY_ASSIGN(const auto width, line.whole("film-width", 1, kMaxFilmSide));
  OCT_TRY_ASSIGN(const auto height, line.whole("film-height", 1, kMaxFilmSide));
  OCT_TRY_ASSIGN(const auto seed, line.whole("seed", 0, kMost));
  OCT_TRY_ASSIGN(const auto depth, line.whole("max-depth", 0, kMaxBounces));
  OCT_TRY_ASSIGN(const auto clamp, line.number("clamp-indirect", 1e-6, 65536));
  scene.max_depth = narrowed<std::uint32_t>(depth);
  OCT_TRY_ASSIGN(scene.samples_per_pixel,
                 read_samples(line, scene.max_depth.value_or(CompileOptions{}.max_depth)));
  scene.width = narrowed<std::uint32_t>(width);
  scene.height = narrowed<std::uint32_t>(height);
  scene.seed = narrowed<std::uint32_t>(seed);
  scene.clamp_indirect = narrowed<float>(clamp);
  return {};
}

/// What may end the picture early. It cuts the samples into more passes, since pictures end at the end of a pass.
Result<void> read_stop_rules(const CommandLine& line, RenderJob& job) {
  constexpr double kFinestNoise = 1e-4;
  constexpr double kCoarsestNoise = 0.9;
  OCT_TRY_ASSIGN(job.stop.noise_threshold, line.number("noise-threshold", kFinestNoise, kCoarsestNoise));
  OCT_TRY_ASSIGN(job.stop.time_limit_s, line.number("time-limit", 0.1, 1e7));
  SceneChoice& scene = job.scene;
  scene.samples_are_default = !scene.samples_per_pixel;
  if (job.stop.noise_threshold) {
    scene.pass_steps = kPassStepsForNoise;
    if (!scene.samples_per_pixel) scene.samples_per_pixel = kMostSamplesForNoise;
  } else if (job.stop.time_limit_s) {
    scene.pass_steps = kPassStepsForTime;
    const std::uint32_t most = most_samples(scene.max_depth.value_or(CompileOptions{}.max_depth));
    if (!scene.samples_per_pixel) scene.samples_per_pixel = std::min(kMostSamplesForTime, most);
  }
  return {};
}

Result<void> read_moment(const CommandLine& line, SceneChoice& scene) {
  scene.animation = line.text("animation").value_or("");
  OCT_TRY_ASSIGN(const auto time, line.number("time", -1e9, 1e9));
  scene.time_s = time.value_or(0);
  return {};
}

Result<void> read_camera(const CommandLine& line, SceneChoice& scene) {
  scene.camera = line.text("camera").value_or("");
  CameraOverride& camera = scene.camera_override;
  const auto read = [&]<class T>(const std::string& name, double least, double most,
                                 std::optional<T>& into) -> Result<void> {
    OCT_TRY_ASSIGN(const auto value, line.number(name, least, most));
    into = narrowed<T>(value);
    return {};
  };
  constexpr const char* kAxes[] = {"x", "y", "z"};
  for (std::size_t i = 0; i < 3; ++i) {
    OCT_TRY(read(fmt::format("cam-pos-{}", kAxes[i]), -kLargest, kLargest, camera.position[i]));
    OCT_TRY(read(fmt::format("cam-target-{}", kAxes[i]), -kLargest, kLargest, camera.target[i]));
    OCT_TRY(read(fmt::format("cam-up-{}", kAxes[i]), -kLargest, kLargest, camera.up[i]));
  }
  OCT_TRY(read("cam-fov", 0.001, 179.9, camera.fov));
  OCT_TRY(read("cam-aperture", 0, kLargest, camera.lens_radius));
  OCT_TRY(read("cam-focaldepth", 1e-9, kLargest, camera.focus_distance));
  OCT_TRY(read("cam-lensshift-up", -100, 100, camera.shift_up));
  OCT_TRY(read("cam-lensshift-right", -100, 100, camera.shift_right));
  return {};
}

Result<void> read_scene_options(const CommandLine& line, SceneChoice& scene) {
  OCT_TRY_ASSIGN(const auto units, line.choice("light-units", {"auto", "watts", "photometric"}));
  OCT_TRY_ASSIGN(const auto light, line.choice("neutral-light", {"auto", "on", "off"}));
  constexpr LightUnits kUnits[] = {LightUnits::automatic, LightUnits::watts, LightUnits::photometric};
  constexpr NeutralLight kLights[] = {NeutralLight::automatic, NeutralLight::on, NeutralLight::off};
  scene.import_options.light_units = kUnits[units.value_or(0)];
  scene.neutral_light = kLights[light.value_or(0)];
  scene.import_options.solid_glass = line.has("solid-glass");
  scene.import_options.strict = line.has("strict");
  scene.double_sided = line.has("double-sided");
  return {};
}

/// A direction of which not all components need to be given.
Result<void> read_daylight(const CommandLine& line, SceneChoice& scene) {
  const auto refused = [](std::string message, std::string help) {
    return fail(ErrorKind::invalid_input, std::move(message), std::move(help));
  };
  OCT_TRY_ASSIGN(const auto x, line.number("daylight-sundir-x", -1e6, 1e6));
  OCT_TRY_ASSIGN(const auto y, line.number("daylight-sundir-y", -1e6, 1e6));
  OCT_TRY_ASSIGN(const auto z, line.number("daylight-sundir-z", -1e6, 1e6));
  OCT_TRY_ASSIGN(const auto haze, line.number("daylight-turbidity", kLeastTurbidity, kMostTurbidity));
  if (!x && !y && !z) {
    if (!haze) return {};
    return refused("--daylight-turbidity is of a sky that is not there",
                   "--daylight-sundir-y 1   puts the sun above");
  }
  const Vec3 to_sun{static_cast<float>(x.value_or(0)), static_cast<float>(y.value_or(0)),
                    static_cast<float>(z.value_or(0))};
  if (!(to_sun.y > 0) || !(normalize(to_sun).y > 0))
    return refused(fmt::format("--daylight-sundir {} {} {}: the sun is not above the horizon", to_sun.x,
                               to_sun.y, to_sun.z),
                   "--daylight-sundir-y, the direction up, must be more than 0");
  if (line.has("environment"))
    return refused("--environment and --daylight-sundir are two skies", "leave one of them out");
  if (line.has("environment-rotation"))
    return refused("--environment-rotation would turn the sky away from its sun",
                   "turn both by --daylight-sundir-{x,z}");
  scene.daylight = Daylight{to_sun, static_cast<float>(haze.value_or(Daylight{}.turbidity))};
  return {};
}

Result<void> read_light(const CommandLine& line, SceneChoice& scene) {
  scene.environment = line.text("environment").value_or("");
  OCT_TRY_ASSIGN(const auto rotation, line.number("environment-rotation", -1e6, 1e6));
  OCT_TRY_ASSIGN(const auto power, line.number("environment-power", 0, 1e6));
  scene.environment_rotation = narrowed<float>(rotation);
  scene.environment_power = narrowed<float>(power);
  return read_daylight(line, scene);
}

Result<void> read_devices(const CommandLine& line, MasterConfig& config) {
  OCT_TRY_ASSIGN(config.devices, read_device_choice(line));
  config.no_local = line.has("no-local");
  return {};
}

Result<void> apply_device_preferences(const CommandLine& line, const DevicePreferences& preferences,
                                      DeviceChoice& devices) {
  devices.cpu = devices.cpu || preferences.cpu;
  if (line.has("gpu") || line.has("cpu") || preferences.gpus == "all") return {};
  for (const std::string& gpu : words_of(preferences.gpus)) {
    const auto number = parse_whole(gpu);
    if (!number || *number > 255)
      return fail(ErrorKind::invalid_input,
                  fmt::format("preferences, devices.gpus: {} is not a GPU number", gpu));
    devices.gpus.push_back(static_cast<std::uint32_t>(*number));
  }
  return {};
}

/// Where this master is, on this computer and for others.
Result<void> read_places(const CommandLine& line, NetworkChoice& network) {
  if (const auto bind = line.text("bind")) {
    auto address = numeric_address(*bind);
    if (!address)
      return fail(ErrorKind::invalid_input, "--bind " + address.error().message,
                  fmt::format("addresses of this computer: {}", fmt::join(list_addresses(), ", ")));
    network.bind = *std::move(address);
    if (!is_any_address(network.bind)) network.overrides.source = network.bind;
    if (!network.enable)
      return fail(ErrorKind::invalid_input,
                  "--bind is where slaves are listened for, but network rendering is off",
                  "add --net-enable");
  }
  network.address_file = line.text("net-address-file").value_or("");
  if (!network.address_file.empty() && !network.enable)
    return fail(ErrorKind::invalid_input,
                "--net-address-file tells slaves where this master is, but network rendering is off",
                "add --net-enable");
  return {};
}

Result<void> read_network(const CommandLine& line, const NetworkPreferences& preferences,
                          NetworkChoice& network) {
  OCT_TRY_ASSIGN(const auto port, line.whole("net-master-port", 0, 65535));
  OCT_TRY_ASSIGN(const auto wait, line.whole("net-wait", 0, kMaxConnections));
  OCT_TRY_ASSIGN(const auto wait_time, line.number("net-wait-time", 0, 1e7));
  OCT_TRY_ASSIGN(const auto dead_time, line.number("net-dead-time", 1, kMaxDeadlineMs / 1000));
  if (port && *port != 0 && *port < kMinPort) {
    return fail(ErrorKind::invalid_input,
                fmt::format("--net-master-port {}: must be 0 or from {} to 65535", *port, kMinPort));
  }
  network.port = preferences.master_port;
  network.automatic_port = preferences.automatic_port || port.value_or(1) == 0;
  if (port && *port != 0) {
    network.port = static_cast<std::uint16_t>(*port);
    network.automatic_port = false;
  }
  network.enable = (line.has("net-enable") || preferences.enable) && !line.has("no-net");
  OCT_TRY_ASSIGN(network.overrides, read_farm_overrides(line));
  network.wait_for_slaves = static_cast<std::uint32_t>(wait.value_or(0));
  network.wait_seconds = wait_time.value_or(120);
  if (dead_time) {
    network.deadlines = deadlines_for(std::chrono::milliseconds(std::llround(*dead_time * 1000)));
  }
  network.nick_name = preferences.nick_name;
  if (const auto nick = line.text("net-nick")) {
    OCT_TRY_ASSIGN(network.nick_name, name_of_pattern("--net-nick", *nick));
  }
  OCT_TRY(read_places(line, network));
  network.access.insecure = line.has("net-insecure");
  if (network.wait_for_slaves > 0 && !network.enable) {
    return fail(ErrorKind::invalid_input, "--net-wait waits for slaves, but network rendering is off",
                "add --net-enable");
  }
  if (network.nick_name.size() > kMaxNickBytes)
    return fail(ErrorKind::invalid_input, fmt::format("--net-nick: at most {} bytes", kMaxNickBytes));
  return {};
}

Result<void> read_frames(const CommandLine& line, const SceneChoice& scene, FrameChoice& frames) {
  OCT_TRY_ASSIGN(const auto rate, line.number("fps", 0.01, 100'000));
  frames.frames_per_second = rate.value_or(frames.frames_per_second);
  frames.skip_existing = line.has("skip-existing");
  if (!line.has("frames")) return {};
  if (line.has("time"))
    return fail(ErrorKind::invalid_input, "--time shows one moment, --frames shows several",
                "give one of them; frame N shows the moment N / fps");
  if (file_extension(scene.path) == ".octscene")
    return fail(ErrorKind::invalid_input,
                fmt::format("--frames: {} is compiled already, and holds one moment", file_name(scene.path)),
                "render the frames of the scene that it was compiled from");
  OCT_TRY_ASSIGN(frames.numbers, frames_from_items(line.list("frames")));
  return {};
}

Result<void> read_checkpoint(const CommandLine& line, CheckpointChoice& checkpoint) {
  checkpoint.path = line.text("checkpoint").value_or("");
  checkpoint.resume = line.has("resume");
  OCT_TRY_ASSIGN(const auto interval, line.number("checkpoint-interval", 1, 1e6));
  checkpoint.interval_seconds = interval.value_or(checkpoint.interval_seconds);
  return {};
}

Result<void> read_film_watchers(const CommandLine& line, FilmWatchChoice& watch) {
  watch.preview = line.text("preview").value_or("");
  OCT_TRY_ASSIGN(const auto interval, line.number("preview-interval", 0.1, 1e6));
  if (interval && watch.preview.empty())
    return fail(ErrorKind::invalid_input, "--preview-interval says how often, but there is no preview",
                "add --preview FILE.png");
  watch.preview_seconds = interval.value_or(5);
  if (!watch.preview.empty() && file_extension(watch.preview) != ".png")
    return fail(ErrorKind::invalid_input, fmt::format("--preview {}: previews are PNG files", watch.preview),
                "--preview FILE.png");
  if (const auto address = line.text("display-server")) {
    const auto display = host_port_from_text(*address, kDisplayPort);
    if (!display)
      return fail(ErrorKind::invalid_input,
                  fmt::format("--display-server {}: is not an address such as localhost:14158", *address));
    watch.display_server = *display;
  }
  return {};
}

Result<void> read_report(const CommandLine& line, ReportChoice& report) {
  OCT_TRY_ASSIGN(const auto progress,
                 line.choice("progress", {"auto", "bar", "plain", "json", "openjd", "none"}));
  OCT_TRY_ASSIGN(const auto interval, line.number("progress-interval", 0.05, 1e6));
  constexpr ProgressMode kModes[] = {ProgressMode::automatic, ProgressMode::bar,    ProgressMode::plain,
                                     ProgressMode::json,      ProgressMode::openjd, ProgressMode::none};
  report.progress = kModes[progress.value_or(0)];
  report.interval_seconds = interval;
  report.net_verbose = line.has("net-verbose");
  report.report = line.text("report").value_or("");
  report.log_file = line.text("log-file").value_or("");
  if (const auto level = line.text("log-level")) {
    OCT_TRY_ASSIGN(report.log_level, log_level_from_text(*level));
  }
  report.no_color = line.has("no-color");
  report.quiet = line.has("quiet");
  return {};
}

Result<std::string> one_file(const CommandLine& line, const char* what, const std::string& usage) {
  if (line.positional().size() == 1) return line.positional().front();
  if (line.positional().empty())
    return fail(ErrorKind::invalid_input, fmt::format("no {} is given", what), usage);
  return fail(ErrorKind::invalid_input,
              fmt::format("one {} is expected, got {}: {}", what, line.positional().size(),
                          fmt::join(line.positional(), " ")),
              usage);
}

Result<void> read_debug_pixel(const CommandLine& line, MasterCommand& command) {
  const auto given = line.text("debug-pixel");
  if (!given) return {};
  std::vector<std::uint32_t> numbers;
  for (const std::string& item : line.list("debug-pixel")) {
    const auto number = parse_whole(item);
    if (number && *number <= std::numeric_limits<std::uint32_t>::max())
      numbers.push_back(static_cast<std::uint32_t>(*number));
  }
  if (numbers.size() < 2 || numbers.size() > 3) {
    return fail(ErrorKind::invalid_input, fmt::format("--debug-pixel {}: must be x,y or x,y,sample", *given));
  }
  command.kind = MasterCommand::Kind::debug_pixel;
  command.pixel_x = numbers[0];
  command.pixel_y = numbers[1];
  command.sample = numbers.size() == 3 ? numbers[2] : 0;
  return {};
}

/// What decides how a scene is seen and compiled.
Result<void> read_scene_choice(const CommandLine& line, const CommandLineSpec& spec,
                               const Preferences& preferences, SceneChoice& scene) {
  OCT_TRY_ASSIGN(scene.path, one_file(line, "scene", spec.usage.front()));
  scene.import_options.allow_external_files =
      line.has("allow-external-files") || preferences.scene.allow_external_files;
  OCT_TRY(read_scene_options(line, scene));
  OCT_TRY(read_picture(line, scene));
  OCT_TRY(read_moment(line, scene));
  OCT_TRY(read_camera(line, scene));
  return read_light(line, scene);
}

Result<RenderJob> read_job(const CommandLineSpec& spec, const CommandLine& line,
                           const Preferences& preferences) {
  RenderJob job;
  OCT_TRY(read_scene_choice(line, spec, preferences, job.scene));
  OCT_TRY(read_stop_rules(line, job));
  OCT_TRY(read_outputs(line, job));
  OCT_TRY(read_checkpoint(line, job.checkpoint));
  OCT_TRY(read_frames(line, job.scene, job.frames));
  return job;
}

/// The jobs stand in a file; what the command line says of pictures holds for all of them.
Result<void> read_batch(const CommandLine& line, MasterCommand& command) {
  command.batch = line.text("batch").value_or("");
  if (!line.positional().empty())
    return fail(ErrorKind::invalid_input,
                fmt::format("--batch {}: the scenes stand in that file, and {} is one more", command.batch,
                            line.positional().front()),
                "give the scene, or --batch");
  if (line.has("debug-pixel"))
    return fail(ErrorKind::invalid_input, "--debug-pixel explains a pixel of one scene, and --batch has many",
                "give the scene in place of --batch");
  const std::vector<std::string> names = option_names(job_spec());
  for (const auto& [name, values] : line.given()) {
    if (std::find(names.begin(), names.end(), name) == names.end()) continue;
    command.batch_options[name] =
        name == "frames" ? fmt::format("{}", fmt::join(values, ",")) : values.back();
  }
  return {};
}

Result<MasterCommand> parse_render(const CommandLineSpec& spec, const CommandLine& line,
                                   const Preferences& preferences) {
  MasterCommand command;
  command.kind = MasterCommand::Kind::render;
  MasterConfig& config = command.render;
  if (line.has("batch")) {
    OCT_TRY(read_batch(line, command));
  } else {
    OCT_TRY_ASSIGN(command.job, read_job(spec, line, preferences));
    config.jobs = {command.job};
  }
  config.stop_on_error = line.has("stop-on-error");
  OCT_TRY(read_devices(line, config));
  OCT_TRY(apply_device_preferences(line, preferences.devices, config.devices));
  config.network.preferences = preferences;
  OCT_TRY(read_network(line, preferences.network, config.network));
  OCT_TRY_ASSIGN(const auto audit, line.number("audit", 0, 100));
  config.audit.percent = audit.value_or(config.audit.percent);
  OCT_TRY(read_film_watchers(line, config.watch));
  OCT_TRY(read_report(line, config.report));
  OCT_TRY(read_debug_pixel(line, command));
  return command;
}

Result<MasterCommand> parse_compile(const CommandLineSpec& spec, const CommandLine& line,
                                    const Preferences& preferences) {
  MasterCommand command;
  command.kind = MasterCommand::Kind::compile;
  OCT_TRY(read_scene_choice(line, spec, preferences, command.job.scene));
  OCT_TRY_ASSIGN(const auto threads, line.whole("threads", 1, 4096));
  command.render.devices.threads = static_cast<unsigned>(threads.value_or(0));
  command.file = line.text("output").value_or("");
  if (command.file.empty()) return fail(ErrorKind::invalid_input, "no output is given", spec.usage.front());
  if (file_extension(command.file) == ".octscene") return command;
  return fail(ErrorKind::invalid_input, fmt::format("-o {}: compile writes .octscene", command.file),
              spec.usage.front());
}

Result<MasterCommand> parse_resolve(const CommandLineSpec& spec, const CommandLine& line) {
  MasterCommand command;
  command.kind = MasterCommand::Kind::resolve;
  OCT_TRY_ASSIGN(command.file, one_file(line, "checkpoint", spec.usage.front()));
  OCT_TRY(read_outputs(line, command.job));
  if (command.job.outputs.empty())
    return fail(ErrorKind::invalid_input, "no output is given", spec.usage.front());
  return command;
}

Result<MasterCommand> parse_bench(const CommandLineSpec& spec, const CommandLine& line) {
  MasterCommand command;
  command.kind = MasterCommand::Kind::bench;
  OCT_TRY_ASSIGN(command.job.scene.path, one_file(line, "scene", spec.usage.front()));
  OCT_TRY(read_devices(line, command.render));
  command.rays = line.text("rays").value_or("");
  command.hits = line.text("hits").value_or("");
  if (command.rays.empty() || command.hits.empty()) {
    return fail(ErrorKind::invalid_input, "bench needs --rays FILE and --hits FILE", spec.usage.front());
  }
  return command;
}

}  // namespace

Result<RenderJob> parse_job(const std::vector<std::string>& arguments, const Preferences& preferences) {
  const CommandLineSpec spec = job_spec();
  OCT_TRY_ASSIGN(const CommandLine line, CommandLine::parse(spec, arguments));
  return read_job(spec, line, preferences);
}

std::vector<std::string> job_option_names() {
  return option_names(job_spec());
}

std::vector<std::string> render_option_names() {
  return option_names(render_spec());
}

Result<MasterCommand> parse_master_command(const std::vector<std::string>& arguments,
                                           const std::function<Result<Preferences>()>& preferences) {
  std::vector<std::string> rest = arguments;
  std::string word = "render";
  if (!rest.empty() && (rest[0] == "render" || rest[0] == "devices" || rest[0] == "inspect" ||
                        rest[0] == "bench" || rest[0] == "resolve" || rest[0] == "compile")) {
    word = rest.front();
    rest.erase(rest.begin());
  }
  const CommandLineSpec spec = word == "devices"   ? devices_spec()
                               : word == "inspect" ? inspect_spec()
                               : word == "bench"   ? bench_spec()
                               : word == "resolve" ? resolve_spec()
                               : word == "compile" ? compile_spec()
                                                   : render_spec();
  OCT_TRY_ASSIGN(const CommandLine line, CommandLine::parse(spec, rest));
  MasterCommand command;
  if (line.has("help")) {
    command.text = help_text(spec);
    return command;
  }
  if (line.has("version")) {
    command.kind = MasterCommand::Kind::version;
    return command;
  }
  if (word == "bench") return parse_bench(spec, line);
  if (word == "resolve") return parse_resolve(spec, line);
  if (word == "compile") {
    OCT_TRY_ASSIGN(const Preferences wanted, preferences());
    return parse_compile(spec, line, wanted);
  }
  if (word == "render") {
    OCT_TRY_ASSIGN(const Preferences wanted, preferences());
    OCT_TRY_ASSIGN(command, parse_render(spec, line, wanted));
    command.render.command = arguments;
    command.render.command.insert(command.render.command.begin(), "octane_master");
    return command;
  }
  if (word == "inspect") {
    command.kind = MasterCommand::Kind::inspect;
    OCT_TRY_ASSIGN(command.file, one_file(line, "file", spec.usage.front()));
    command.json = line.has("json");
    OCT_TRY_ASSIGN(const Preferences wanted, preferences());
    command.job.scene.import_options.allow_external_files =
        line.has("allow-external-files") || wanted.scene.allow_external_files;
    return command;
  }
  command.kind = MasterCommand::Kind::devices;
  command.json = line.has("json");
  return command;
}

}  // namespace oct
