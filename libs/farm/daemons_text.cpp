#include "farm/daemons_text.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "base/json_text.hpp"

namespace oct {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kColumns = 7;
constexpr std::size_t kAddressWidth = 10;  // so that short addresses do not make a narrow table
using Row = std::array<std::string, kColumns>;

std::uint64_t devices_of(const DaemonView& daemon) {
  return std::uint64_t{daemon.gpus} + daemon.cpus;
}

Row row_of(const DaemonView& daemon, std::uint16_t port) {
  const bool is_known = !daemon.id.empty();
  return {daemon.address_text(port),
          daemon.name == daemon.endpoint.address ? "-" : daemon.name,
          to_string(daemon.state),
          is_known ? fmt::format("{}", devices_of(daemon)) : "-",
          daemon.version == 0 ? "-" : fmt::format("{}", daemon.version),
          daemon.owner ? (daemon.owner->nick.empty() ? daemon.owner->address : daemon.owner->nick) : "-",
          daemon.enabled ? "yes" : "no"};
}

std::string line_of(const Row& row, const std::array<std::size_t, kColumns>& widths) {
  std::string line;
  for (std::size_t i = 0; i + 1 < kColumns; ++i) line += fmt::format("{:<{}}  ", row[i], widths[i]);
  return line + row.back();
}

void add_details(std::vector<std::string>& lines, const DaemonView& daemon, const TableChoice& choice) {
  if (const std::string reason = reason_text(daemon.reason); !reason.empty())
    lines.push_back(fmt::format("  {}: {}: {}", daemon.name, to_string(daemon.state), reason));
  if (!choice.verbose) return;
  if (daemon.owner) {
    lines.push_back(fmt::format("  {}: bound to {}, slaves to port {}, since {}", daemon.name,
                                who_occupies(*daemon.owner), daemon.owner->port,
                                clock_text(daemon.owner->since_unix_s, choice.unix_time_s)));
  }
  for (const std::string& line : daemon.log) lines.push_back(fmt::format("    {}", line));
}

std::string utc_seconds(std::uint64_t unix_seconds) {
  constexpr std::uint64_t kLast = 253402300799;
  const auto time = static_cast<std::time_t>(std::min(unix_seconds, kLast));
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(time));
}

Json json_of(const DaemonView& daemon, std::uint16_t port) {
  Json owner = nullptr;
  if (daemon.owner) {
    owner = {{"address", nullable(daemon.owner->address)},
             {"nick_name", nullable(daemon.owner->nick)},
             {"since", utc_seconds(daemon.owner->since_unix_s)}};
  }
  return {{"id", nullable(daemon.id)},
          {"address", daemon.address_text(port)},
          {"name", daemon.name},
          {"state", word_of(daemon.state)},
          {"gpus", daemon.gpus},
          {"devices", devices_of(daemon)},
          {"version", daemon.version},
          {"bound_to", owner},
          {"enabled", daemon.enabled},
          {"shares_id", daemon.shares_id},
          {"reason", nullable(reason_text(daemon.reason))},
          {"log", daemon.log}};
}

}  // namespace

std::vector<std::string> daemons_table(const std::vector<DaemonView>& daemons, const TableChoice& choice) {
  const bool cpus = std::ranges::any_of(daemons, [](const DaemonView& daemon) { return daemon.cpus > 0; });
  const Row head = {"ADDRESS", "NAME", "STATE", cpus ? "DEVICES" : "GPUS", "VERSION", "BOUND TO", "ENABLED"};
  std::vector<Row> rows;
  for (const DaemonView& daemon : daemons) rows.push_back(row_of(daemon, choice.scanned_port));
  std::array<std::size_t, kColumns> widths{};
  for (std::size_t i = 0; i < kColumns; ++i) {
    widths[i] = head[i].size();
    for (const Row& row : rows) widths[i] = std::max(widths[i], row[i].size());
  }
  widths[0] = std::max(widths[0], kAddressWidth);
  std::vector<std::string> lines;
  lines.push_back(line_of(head, widths) + (choice.scanned.empty() ? "" : "        " + choice.scanned));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    lines.push_back(line_of(rows[i], widths));
    add_details(lines, daemons[i], choice);
  }
  return lines;
}

std::string daemons_json(const std::vector<DaemonView>& daemons, std::uint16_t scanned_port) {
  Json list = Json::array();
  for (const DaemonView& daemon : daemons) list.push_back(json_of(daemon, scanned_port));
  return json_text(list);
}

std::string daemon_record(const DaemonView& daemon, std::uint16_t scanned_port, const char* event) {
  Json record = {{"schema", "octane.daemons/1"}, {"event", event}};
  record.update(json_of(daemon, scanned_port));
  return json_text(record);
}

std::string exported_daemons(const std::vector<EnabledDaemon>& daemons) {
  Json list = Json::array();
  for (const EnabledDaemon& daemon : daemons)
    list.push_back({{"id", nullable(daemon.id)}, {"name", daemon.name}, {"address", daemon.address}});
  return json_text({{"schema", "octane.daemons/1"}, {"daemons", list}}, 2) + "\n";
}

}  // namespace oct
