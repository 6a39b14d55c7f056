#include "master/json_records.hpp"

#include <fmt/chrono.h>

#include <algorithm>
#include <cmath>
#include <ctime>

#include "base/json_text.hpp"
#include "base/version.hpp"
#include "render/device_choice.hpp"

namespace oct {
namespace {

using Json = nlohmann::ordered_json;

Json record(const char* event, WallTime time) {
  return {{"schema", "octane.progress/1"}, {"event", event}, {"time", utc_text(time)}};
}

Json hash_or_null(const std::optional<Digest>& digest) {
  return digest ? Json(digest->short_text()) : Json(nullptr);
}
double rounded(double value, double step) {
  return std::round(value / step) * step;
}
std::uint64_t whole(double value) {
  return static_cast<std::uint64_t>(std::max(0.0, std::round(value)));
}
double rounded_seconds(double value) {
  return std::round(value * 1000) / 1000;
}

const char* end_word(const SlaveStatus& slave) {
  if (slave.stolen) return "stolen";
  switch (slave.doing) {
    case SlaveDoing::refused: return "refused";
    case SlaveDoing::lost: return "lost";
    case SlaveDoing::left: return "left";
    default: return "finished";
  }
}

Json frame_of(const RenderOutcome& outcome) {
  return {{"frame", outcome.frame},
          {"state", outcome.frame_state},
          {"render_key", hash_or_null(outcome.render_key)},
          {"film_hash", hash_or_null(outcome.film_hash)},
          {"samples_per_pixel", outcome.samples_per_pixel},
          {"samples_wanted", outcome.samples_wanted},
          {"samples_merged", outcome.samples_merged},
          {"seconds", rounded_seconds(outcome.seconds)},
          {"outputs", outcome.outputs},
          {"error", outcome.error ? Json(outcome.error->message) : Json(nullptr)}};
}

Json device_of(const LocalStatus& device) {
  return {{"name", device_title(device.info)},
          {"kind", to_string(device.info.kind)},
          {"samples", device.samples},
          {"seconds_busy", rounded_seconds(device.seconds_busy)},
          {"bytes_in", 0},
          {"bytes_out", 0}};
}

Json slave_of(const SlaveStatus& slave, std::uint64_t bytes_out, Instant started) {
  Json devices = Json::array();
  for (const DeviceInfo& info : slave.devices) devices.push_back(device_title(info));
  return {{"name", slave.name},
          {"address", slave.address},
          {"version", slave.version},
          {"devices", devices},
          {"samples", slave.samples},
          {"samples_per_second", whole(slave.samples_per_second)},
          {"seconds_busy", rounded_seconds(slave.seconds_busy)},
          {"seconds_waiting", rounded_seconds(slave.seconds_waiting)},
          {"bytes_in", slave.bytes_in},
          {"bytes_out", bytes_out},
          {"leases_merged", slave.leases_merged},
          {"leases_returned", slave.leases_returned},
          {"leases_dropped", slave.contributions_dropped},
          {"joined_after", rounded_seconds(to_seconds(slave.joined - started))},
          {"end", end_word(slave)},
          {"reason", nullable(slave.reason)}};
}

}  // namespace

std::string utc_text(WallTime time) {
  const auto milliseconds_since =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const std::time_t seconds_since = static_cast<std::time_t>(milliseconds_since / 1000);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds_since), milliseconds_since % 1000);
}

std::string started_record(WallTime time, const std::vector<std::string>& command) {
  Json json = record("started", time);
  json["version"] = kVersion;
  json["command"] = command;
  return json_text(json);
}

std::string scene_record(WallTime time, const SceneSummary& scene) {
  Json json = record("scene", time);
  json["name"] = scene.name;
  json["triangles"] = scene.triangles;
  json["objects"] = scene.objects;
  json["materials"] = scene.materials;
  json["textures"] = scene.textures;
  json["bytes"] = scene.bytes;
  json["seconds"] = rounded_seconds(scene.seconds);
  return json_text(json);
}

std::string frame_started_record(WallTime time, const ProgressView& view) {
  Json json = record("frame_started", time);
  json["frame"] = view.frame;
  json["frames_done"] = view.frames_done;
  json["frames_total"] = view.frames_total;
  json["samples_wanted"] = view.samples_wanted;
  return json_text(json);
}

std::string progress_record(WallTime time, const ProgressView& view) {
  Json json = record("progress", time);
  json["frame"] = view.frame;
  json["frames_done"] = view.frames_done;
  json["frames_total"] = view.frames_total;
  json["percent"] = rounded(view.percent(), 0.1);
  json["frame_percent"] = rounded(view.percent(), 0.1);
  json["samples_per_pixel"] = view.samples_per_pixel();
  json["samples_per_pixel_wanted"] = view.samples_per_pixel_wanted;
  json["samples_merged"] = view.samples_merged;
  json["samples_wanted"] = view.samples_wanted;
  json["samples_per_second"] = whole(view.samples_per_second);
  json["seconds"] = rounded_seconds(view.seconds);
  json["seconds_left"] =
      view.samples_per_second > 0 ? Json(rounded_seconds(view.seconds_left())) : Json(nullptr);
  json["slaves"] = view.slaves;
  json["net_gpus_used"] = view.net_devices_used;
  json["net_gpus"] = view.net_devices;
  json["slaves_updating"] = view.slaves_updating;
  json["slaves_updated"] = view.slaves_updated;
  json["bytes_pending"] = view.bytes_pending;
  json["bytes_total"] = view.bytes_total;
  json["network_bound"] = view.slaves_network_bound > 0;
  json["slaves_network_bound"] = view.slaves_network_bound;
  return json_text(json);
}

std::string slave_record(WallTime time, const SlaveStatus& status) {
  Json json = record("slave", time);
  json["name"] = status.name;
  json["address"] = status.address;
  json["state"] = state_word(status.doing);
  json["doing"] = doing_word(status.doing);
  json["network_bound"] = status.network_bound;
  json["percent"] =
      status.bytes_total == 0
          ? 100.0
          : rounded(100.0 * static_cast<double>(status.bytes_done) / static_cast<double>(status.bytes_total),
                    0.1);
  json["bytes_done"] = status.bytes_done;
  json["bytes_total"] = status.bytes_total;
  json["reason"] = nullable(status.reason);
  return json_text(json);
}

std::string daemon_slave_record(WallTime time, const DaemonView& daemon) {
  Json json = record("slave", time);
  json["name"] = daemon.name;
  json["address"] = daemon.endpoint.address;
  json["state"] = word_of(daemon.state);
  json["doing"] = nullptr;
  json["percent"] = 0.0;
  json["bytes_done"] = 0;
  json["bytes_total"] = 0;
  std::string reason = daemon.reason;
  if (daemon.state == DaemonState::bound_to_other && daemon.owner) reason = who_occupies(*daemon.owner);
  json["reason"] = nullable(reason);
  return json_text(json);
}

std::string warning_record(WallTime time, const std::string& message, const std::string& help) {
  Json json = record("warning", time);
  json["message"] = message;
  json["help"] = nullable(help);
  return json_text(json);
}

std::string error_record(WallTime time, const Error& error, std::optional<std::int32_t> frame,
                         ExitCode code) {
  Json json = record("error", time);
  json["kind"] = to_string(error.kind);
  json["message"] = error.message;
  json["help"] = nullable(error.help);
  json["frame"] = frame ? Json(*frame) : Json(nullptr);
  json["exit_code"] = static_cast<int>(code);
  return json_text(json);
}

std::string frame_finished_record(WallTime time, const RenderOutcome& outcome) {
  Json json = record("frame_finished", time);
  json.update(frame_of(outcome));
  return json_text(json);
}

std::string finished_record(WallTime time, const RenderOutcome& outcome) {
  Json json = record("finished", time);
  json["exit_code"] = static_cast<int>(outcome.exit_code);
  json["stop_reason"] = outcome.stop_reason;
  json["film_hash"] = hash_or_null(outcome.film_hash);
  json["samples_wanted"] = outcome.samples_wanted;
  json["samples_merged"] = outcome.samples_merged;
  json["seconds"] = rounded_seconds(outcome.seconds);
  return json_text(json);
}

std::string report_document(const RenderOutcome& outcome) {
  Json devices = Json::array();
  for (const LocalStatus& device : outcome.devices) devices.push_back(device_of(device));
  Json slaves = Json::array();
  for (std::size_t i = 0; i < outcome.slaves.size(); ++i) {
    slaves.push_back(slave_of(outcome.slaves[i], outcome.slave_bytes_out[i], outcome.started));
  }
  const Json json = {
      {"schema", "octane.report/1"},
      {"version", kVersion},
      {"command", outcome.command},
      {"exit_code", static_cast<int>(outcome.exit_code)},
      {"stop_reason", outcome.stop_reason},
      {"film_hash", hash_or_null(outcome.film_hash)},
      {"samples_wanted", outcome.samples_wanted},
      {"samples_merged", outcome.samples_merged},
      {"seconds", rounded_seconds(outcome.seconds)},
      {"samples_per_second",
       whole(outcome.seconds > 0 ? static_cast<double>(outcome.samples_merged) / outcome.seconds : 0)},
      {"non_finite_samples", outcome.non_finite_samples},
      {"frames", Json::array({frame_of(outcome)})},
      {"devices", devices},
      {"slaves", slaves},
      {"warnings", outcome.warnings},
  };
  return json_text(json, 1) + "\n";
}

}  // namespace oct
