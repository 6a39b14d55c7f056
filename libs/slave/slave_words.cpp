#include "slave/slave_words.hpp"

#include <fmt/format.h>

#include "base/overloaded.hpp"
#include "report/name_list.hpp"

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

std::string left_out_text(const std::string& why, const std::string& device,
                          const std::vector<std::string>& others) {
  if (others.empty()) return why;
  return fmt::format("{}; {} is left out, the slave goes on with {}", why, device,
                     name_list(others, others.size()));
}

std::string words_of(const SlaveNews& news, const std::string& master) {
  return std::visit(
      Overloaded{
          [](const MasterSought& sought) -> std::string {
            return fmt::format("Connecting to master {} ...", sought.master);
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
          [](const DeviceLeftOut& left_out) -> std::string { return left_out.text; },
          [](const CacheGivenUp& cache) -> std::string {
            return fmt::format("nothing more is kept in the cache: {}", cache.why);
          },
          [](const AddressAwaited& awaited) -> std::string {
            if (awaited.waited == Duration{})
              return fmt::format("Waiting for {}, which a master writes. CTRL-C ends.", awaited.file);
            return fmt::format("Still waiting for {}, for {:.0f} min now.", awaited.file,
                               to_seconds(awaited.waited) / 60);
          },
          [](const AddressNotUnderstood& file) -> std::string {
            return fmt::format(
                "{}: \"{}\" is not an address and a port, such as \"10.0.0.103 21000\"; waiting "
                "for one",
                file.file, file.content);
          },
          [](const AddressNotRead& file) -> std::string {
            return fmt::format("{}: {}; it is tried again each second", file.file, file.why);
          },
          [](const AddressChanged& changed) -> std::string {
            return fmt::format("{} names another master now: {}.", changed.file, changed.master);
          },
          [](const AddressGone& gone) -> std::string {
            return fmt::format("{} is gone: no master is left to wait for.", gone.file);
          },
      },
      news);
}

}  // namespace oct
