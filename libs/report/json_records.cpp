#include "report/json_records.hpp"

#include <fmt/chrono.h>

#include <ctime>

#include "base/json_text.hpp"
#include "base/version.hpp"
#include "report/json_values.hpp"
#include "report/progress.hpp"
#include "report/words.hpp"

namespace oct {
namespace {

Json record(const char* event, WallTime time) {
  return {{"schema", "octane.progress/1"}, {"event", event}, {"time", utc_text(time)}};
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

std::string network_record(WallTime time, const ListeningPlace& place) {
  Json json = record("network", time);
  json["address"] = place.address;
  json["port"] = place.port;
  json["farm"] = place.farm ? Json(*place.farm) : Json(nullptr);
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

std::string frame_started_record(WallTime time, const RenderStatus& status) {
  Json json = record("frame_started", time);
  json["frame"] = status.frame;
  json["job"] = nullable(status.job);
  json["frames_done"] = status.frames_done;
  json["frames_total"] = status.frames_total;
  json["samples_wanted"] = status.samples_wanted;
  return json_text(json);
}

std::string progress_record(WallTime time, const RenderStatus& status) {
  const NetworkTotals network = status.network.value_or(NetworkTotals{});
  Json json = record("progress", time);
  json["frame"] = status.frame;
  json["job"] = nullable(status.job);
  json["frames_done"] = status.frames_done;
  json["frames_total"] = status.frames_total;
  json["percent"] = percent_value(percent(status));
  json["frame_percent"] = percent_value(frame_percent(status));
  json["samples_per_pixel"] = samples_per_pixel(status);
  json["samples_per_pixel_wanted"] = status.samples_per_pixel_wanted;
  json["samples_merged"] = status.samples_merged;
  json["samples_wanted"] = status.samples_wanted;
  json["samples_per_second"] = whole_number(status.samples_per_second);
  json["seconds"] = rounded_seconds(status.seconds);
  json["seconds_left"] =
      status.samples_per_second > 0 ? Json(rounded_seconds(seconds_left(status))) : Json(nullptr);
  json["slaves"] = network.slaves;
  json["net_gpus_used"] = network.devices_used;
  json["net_gpus"] = network.devices;
  json["slaves_updating"] = network.slaves_updating;
  json["slaves_updated"] = network.slaves_updated;
  json["bytes_pending"] = network.bytes_pending;
  json["bytes_total"] = network.bytes_total;
  json["network_bound"] = network.slaves_network_bound > 0;
  json["slaves_network_bound"] = network.slaves_network_bound;
  return json_text(json);
}

std::string slave_record(WallTime time, const SlaveStatus& status) {
  Json json = record("slave", time);
  json["name"] = status.name;
  json["address"] = status.address;
  json["state"] = state_word(status.doing);
  json["doing"] = doing_word(status.doing);
  json["network_bound"] = status.network_bound;
  json["percent"] = status.bytes_total == 0 ? 100.0
                                            : percent_value(100.0 * static_cast<double>(status.bytes_done) /
                                                            static_cast<double>(status.bytes_total));
  json["bytes_done"] = status.bytes_done;
  json["bytes_total"] = status.bytes_total;
  json["reason"] = nullable(end_text(status.end));
  return json_text(json);
}

std::string daemon_slave_record(WallTime time, const WantedDaemonStatus& daemon) {
  Json json = record("slave", time);
  json["name"] = daemon.name;
  json["address"] = daemon.address;
  json["state"] = word_of(daemon.state);
  json["doing"] = nullptr;
  json["percent"] = 0.0;
  json["bytes_done"] = 0;
  json["bytes_total"] = 0;
  std::string reason = reason_text(daemon.reason);
  if (daemon.state == DaemonState::bound_to_other && daemon.owner) reason = who_occupies(*daemon.owner);
  json["reason"] = nullable(reason);
  return json_text(json);
}

std::string activity_record(WallTime time, const Activity& activity, double lasting) {
  Json json = record("activity", time);
  json["doing"] = activity_word(activity.kind);
  json["message"] = activity_text(activity);
  json["seconds"] = rounded_seconds(lasting);
  return json_text(json);
}

std::string warning_record(WallTime time, const Phrase& warning) {
  Json json = record("warning", time);
  json["message"] = warning.text;
  json["help"] = nullable(warning.help);
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

std::string frame_finished_record(WallTime time, const FrameOutcome& frame) {
  Json json = record("frame_finished", time);
  json.update(frame_values(frame));
  return json_text(json);
}

std::string finished_record(WallTime time, const RenderOutcome& outcome) {
  Json json = record("finished", time);
  json["exit_code"] = static_cast<int>(outcome.exit_code);
  json["stop_reason"] = stop_reason_word(outcome.stop_reason);
  json["film_hash"] = nullable(outcome.film_hash().value_or(""));
  json["samples_wanted"] = outcome.samples_wanted();
  json["samples_merged"] = outcome.samples_merged();
  json["seconds"] = rounded_seconds(outcome.seconds);
  return json_text(json);
}

}  // namespace oct
