#include "report/report_document.hpp"

#include "base/json_text.hpp"
#include "base/version.hpp"
#include "device/device_info.hpp"
#include "report/json_values.hpp"
#include "report/words.hpp"

namespace oct {
namespace {

Json device_of(const LocalStatus& device) {
  return {{"name", device_title(device.info)},
          {"kind", to_string(device.info.kind)},
          {"samples", device.samples},
          {"seconds_busy", rounded_seconds(device.seconds_busy)},
          {"bytes_in", 0},
          {"bytes_out", 0}};
}

Json slave_of(const SlaveStatus& slave, Instant started) {
  Json devices = Json::array();
  for (const DeviceInfo& info : slave.devices) devices.push_back(device_title(info));
  return {{"name", slave.name},
          {"address", slave.address},
          {"version", slave.version},
          {"devices", devices},
          {"samples", slave.samples},
          {"samples_per_second", whole_number(slave.samples_per_second)},
          {"seconds_busy", rounded_seconds(slave.seconds_busy)},
          {"seconds_waiting", rounded_seconds(slave.seconds_waiting)},
          {"bytes_in", slave.bytes_in},
          {"bytes_out", slave.bytes_out},
          {"leases_merged", slave.leases_merged},
          {"leases_returned", slave.leases_returned},
          {"leases_dropped", slave.contributions_dropped},
          {"joined_after", rounded_seconds(to_seconds(slave.joined - started))},
          {"end", end_word(slave)},
          {"reason", nullable(end_text(slave.end))}};
}

Json seconds_or_null(const std::optional<double>& seconds) {
  return seconds ? Json(rounded_seconds(*seconds)) : Json();
}

}  // namespace

std::string report_document(const RenderOutcome& outcome, const std::vector<std::string>& warnings) {
  Json frames = Json::array();
  for (const FrameOutcome& frame : outcome.frames) frames.push_back(frame_values(frame));
  Json devices = Json::array();
  for (const LocalStatus& device : outcome.devices) devices.push_back(device_of(device));
  Json slaves = Json::array();
  for (const SlaveStatus& slave : outcome.slaves) slaves.push_back(slave_of(slave, outcome.started));
  const Json json = {
      {"schema", "octane.report/1"},
      {"version", kVersion},
      {"command", outcome.command},
      {"exit_code", static_cast<int>(outcome.exit_code)},
      {"stop_reason", stop_reason_word(outcome.stop_reason)},
      {"film_hash", nullable(outcome.film_hash().value_or(""))},
      {"samples_wanted", outcome.samples_wanted()},
      {"samples_merged", outcome.samples_merged()},
      {"seconds", rounded_seconds(outcome.seconds)},
      {"start",
       {{"loaded_seconds", seconds_or_null(outcome.start.loaded)},
        {"first_samples_seconds", seconds_or_null(outcome.start.first_samples)}}},
      {"samples_per_second",
       whole_number(outcome.seconds > 0 ? static_cast<double>(outcome.samples_rendered()) / outcome.seconds
                                        : 0)},
      {"non_finite_samples", outcome.non_finite_samples()},
      {"frames", frames},
      {"devices", devices},
      {"slaves", slaves},
      {"warnings", warnings},
  };
  return json_text(json, 1) + "\n";
}

}  // namespace oct
