#include "slave/slave_words.hpp"

#include <fmt/format.h>

#include "base/overloaded.hpp"

namespace oct {

std::string words_of(const MasterMissed& missed, const std::string& master) {
  switch (missed.why) {
    case MasterMissed::Why::not_reached: return fmt::format("Not reached: {}.", missed.text);
    case MasterMissed::Why::lost:
      return fmt::format("Connection to master {} lost: {}.", master, missed.text);
    case MasterMissed::Why::not_taken: break;
  }
  return fmt::format("Master {} does not take this slave now: {}.", master, missed.text);
}

std::string words_of(const SlaveNews& news, const std::string& master) {
  return std::visit(
      Overloaded{
          [&](const MasterSought&) -> std::string {
            return fmt::format("Connecting to master {} ...", master);
          },
          [&](const MasterMissed& missed) -> std::string {
            return fmt::format("{} Trying again in {:.0f} s.", words_of(missed, master),
                               to_seconds(missed.pause));
          },
          [&](const MasterJoined& joined) -> std::string {
            return fmt::format("Launching net render slave ({}) with master {}", joined.version, master);
          },
          [&](const MasterFailed& failed) -> std::string {
            return fmt::format("Master {} ended: {}", master, failed.text);
          },
          [&](const MasterFinished& finished) -> std::string {
            if (!finished.waits_for_next) return "Master finished.";
            return fmt::format("Master finished. Waiting for the next render at {}. CTRL-C ends.", master);
          },
          [&](const MasterDropped& dropped) -> std::string {
            return fmt::format("Disconnecting from master {}: {}.", master, dropped.why);
          },
          [](const DeviceLeftOut& left_out) -> std::string {
            return fmt::format("{} is left out: {}", left_out.device, left_out.why);
          },
          [](const CacheGivenUp& cache) -> std::string {
            return fmt::format("nothing more is kept in the cache: {}", cache.why);
          },
      },
      news);
}

}  // namespace oct
