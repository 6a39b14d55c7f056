#include "daemon/daemon_words.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <string_view>

#include "base/exit_code.hpp"
#include "base/figure.hpp"
#include "base/overloaded.hpp"
#include "wire/limits.hpp"

namespace oct {
namespace {

const char* meaning_of(int code) {
  switch (static_cast<ExitCode>(code)) {
    case ExitCode::done: return "it left by itself";
    case ExitCode::internal: return "a bug of the slave";
    case ExitCode::usage: return "its command line was wrong";
    case ExitCode::device: return "no usable device, or not enough memory";
    case ExitCode::network: return "its master was not reached";
    case ExitCode::version: return "its master has another version";
    case ExitCode::activation: return "not activated, or another farm's key";
    default: return "";
  }
}

/// Without what is done about it.
std::string cause_of(const SlaveMishap& mishap) {
  switch (mishap.kind) {
    case SlaveMishap::Kind::none: break;
    case SlaveMishap::Kind::not_started: return mishap.text;
    case SlaveMishap::Kind::ended:
      return mishap.text.empty() ? exit_text(mishap.exit)
                                 : fmt::format("{}: {}", exit_text(mishap.exit), mishap.text);
    case SlaveMishap::Kind::hung:
      return fmt::format("hung: no word from it for {:.0f} s", to_seconds(mishap.silent));
  }
  return {};
}

std::string minutes_text(Duration time) {
  const double minutes = to_seconds(time) / 60;
  return minutes == 1 ? "1 minute" : fmt::format("{:.3g} minutes", minutes);
}

std::string end_of(const WarmSlaveEnded& warm) {
  switch (warm.why) {
    case WarmSlaveEnded::Why::unused: return fmt::format("nobody needed it for {}", minutes_text(warm.kept));
    case WarmSlaveEnded::Why::memory_short:
      return fmt::format("memory is short here, {} GB are free",
                         figure(static_cast<double>(warm.free_bytes) / 1e9, 1));
    case WarmSlaveEnded::Why::gpu_memory_short:
      return fmt::format("memory of its GPU is short, {} GB are free",
                         figure(static_cast<double>(warm.free_bytes) / 1e9, 1));
    case WarmSlaveEnded::Why::hung: return "it no longer answers";
    case WarmSlaveEnded::Why::died: return fmt::format("it ended: {}", exit_text(warm.exit));
    case WarmSlaveEnded::Why::other_program: break;
  }
  return "the slave program has changed";
}

}  // namespace

std::string exit_text(const SlaveExit& exit) {
  if (exit.signal != 0) return fmt::format("signal {}", exit.signal);
  const std::string_view meaning = meaning_of(exit.code);
  return meaning.empty() ? fmt::format("exit code {}", exit.code)
                         : fmt::format("exit code {} ({})", exit.code, meaning);
}

std::string words_of(const SlaveMishap& mishap) {
  std::string words = cause_of(mishap);
  if (mishap.failures > 0)
    words = fmt::format("it failed {} times in a row, last: {}", mishap.failures, words);
  if (mishap.again_in) words += fmt::format("; starting it again in {:.0f} s", to_seconds(*mishap.again_in));
  return words;
}

std::string owner_text(const DaemonOwner& owner) {
  const bool is_v6 = owner.address.find(':') != std::string::npos;
  const std::string place = is_v6 ? fmt::format("[{}]", owner.address) : owner.address;
  return owner.port == 0 ? fmt::format("{} ({})", owner.nick, place)
                         : fmt::format("{} ({}:{})", owner.nick, place, owner.port);
}

std::string local_time_text(std::uint64_t unix_s, std::uint64_t now_unix_s) {
  const std::tm then = fmt::localtime(static_cast<std::time_t>(unix_s));
  const std::tm today = fmt::localtime(static_cast<std::time_t>(now_unix_s));
  const bool same_day = then.tm_yday == today.tm_yday && then.tm_year == today.tm_year;
  return same_day ? fmt::format("{:%H:%M}", then) : fmt::format("{:%Y-%m-%d %H:%M}", then);
}

std::string words_of(const Pause& pause) {
  if (pause.until_unix_s == 0) return "paused by the user";
  return fmt::format("paused by the user until {}", local_time_text(pause.until_unix_s, pause.since_unix_s));
}

std::string words_of(const Withheld& withheld) {
  switch (withheld.why) {
    case Withheld::Why::in_use: return "in use by the person who sits there";
    case Withheld::Why::unknown_use: return "whether somebody uses it cannot be found out there";
    case Withheld::Why::outside_hours: break;
  }
  return fmt::format("outside its hours ({})", daily_hours_text(withheld.hours));
}

std::string words_of(const Refusal& refusal) {
  const std::string other = refusal.in_favour_of ? owner_text(*refusal.in_favour_of) : std::string();
  switch (refusal.kind) {
    case OccupyRefusal::bound_to_other: return fmt::format("bound to {}", other);
    case OccupyRefusal::reserved: return fmt::format("kept for {} for a moment", other);
    case OccupyRefusal::paused:
      if (refusal.withheld) return words_of(*refusal.withheld);
      return refusal.pause ? words_of(*refusal.pause) : std::string();
    case OccupyRefusal::ending: return "the daemon is about to end";
    case OccupyRefusal::no_slave:
    case OccupyRefusal::unknown: break;
  }
  return {};
}

std::string words_of(const Eviction& eviction) {
  switch (eviction.why) {
    case Eviction::Why::new_connection: return "the same master has a new connection";
    case Eviction::Why::taken_over:
      return fmt::format("taken over by {}", eviction.by ? owner_text(*eviction.by) : "somebody");
    case Eviction::Why::paused: return eviction.pause ? words_of(*eviction.pause) : std::string();
    case Eviction::Why::withheld: return eviction.withheld ? words_of(*eviction.withheld) : std::string();
    case Eviction::Why::stopped: break;
  }
  return "the daemon was stopped there";
}

std::string words_of(const DaemonNews& news) {
  const auto unbound = [](const DaemonOwner& owner, const std::string& why) {
    return fmt::format("unbound: {} {}", owner.nick, why);
  };
  return std::visit(
      Overloaded{
          [](const SlaveStartedFor& slave) -> std::string {
            return fmt::format("bound by {}, {}", owner_text(slave.owner),
                               slave.was_warm ? "warm slave goes on" : "slave started");
          },
          [](const SlaveKeptWarm& kept) -> std::string {
            return fmt::format("slave kept warm for {}", minutes_text(kept.keep));
          },
          [](const WarmSlaveEnded& warm) -> std::string {
            return fmt::format("warm slave ended: {}", end_of(warm));
          },
          [](const SlaveStartedAgain&) -> std::string { return "slave started again"; },
          [](const SlaveStumbled& slave) -> std::string {
            return fmt::format("slave: {}", words_of(slave.mishap));
          },
          [](const SlaveCrashed& slave) -> std::string {
            return fmt::format("slave crashed: {}", words_of(slave.mishap));
          },
          [&](const OwnerFinished& former) -> std::string { return unbound(former.owner, "finished"); },
          [&](const OwnerGone& former) -> std::string {
            return unbound(former.owner, fmt::format("is gone ({})", former.reason.message));
          },
          [&](const OwnerEvicted& former) -> std::string {
            const std::string why = words_of(former.eviction);
            return unbound(former.owner, former.eviction.by ? why : fmt::format("({})", why));
          },
          [](const PauseBegun& begun) -> std::string { return words_of(begun.pause); },
          [](const PauseOver&) -> std::string { return "the pause is over"; },
          [](const PauseEnded&) -> std::string { return "the pause was ended"; },
          [](const NotLent& rules) { return fmt::format("not lent: {}", words_of(rules.withheld)); },
          [](const LentAgain&) -> std::string { return "lent again"; },
          [](const DaemonStopping&) -> std::string { return "stopping"; },
      },
      news);
}

std::string impossible_port_text(std::uint32_t port) {
  return fmt::format("port {} is not between {} and 65535", port, kMinPort);
}

std::string no_slave_text(const std::string& why) {
  return fmt::format("its slave cannot start: {}", why);
}

}  // namespace oct
