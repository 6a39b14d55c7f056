#pragma once
#include <cstdint>
#include <string>

#include "base/log.hpp"
#include "report/notice.hpp"
#include "report/render_status.hpp"

// The words of the master: what cores say in kinds and numbers, people read in these. Nowhere else is it phrased. All
// functions are pure, and every switch is complete, so that a kind without words does not compile.

namespace oct {

/// A notice as people read it.
struct Phrase {
  LogLevel level = LogLevel::info;  ///< warning, or info: an event
  std::string text;
  std::string help = {};   ///< a command or a deed that would help; may be empty
  bool is_result = false;  ///< a line of its own on stdout, without the time of day
};
Phrase phrase(const Notice& notice);

/// "out/shot.0012.exr: No space left on device; the film is kept in ...", with the command that goes on.
Error film_kept_error(const notice::FilmKept& kept);

/// Why a render ends: --net-wait was in vain, or this computer's last device is gone.
Error slaves_missing_error(std::uint32_t wanted, std::uint32_t came, double seconds_waited);
Error device_refused_error(const std::string& device, DeviceVerdict verdict);
Error no_device_error();

/// "RENDER1 (10.0.0.11)", or the address alone before it has said its name.
std::string who_text(const PeerName& peer);

/// What was found wrong with a device.
const char* check_text(DeviceCheck check);
/// Why it is not used: the same, or that another one before it was shut out.
std::string verdict_text(DeviceVerdict verdict);
/// "slave version 999002, this master is 1000000"; peers are sent it, too.
std::string refusal_text(const SlaveRefusal& refusal);
/// "it did not say hello first"; peers are sent it, too.
std::string fault_text(const SlaveFault& fault);
/// "connection closed, 2 leases returned"
std::string loss_text(const SlaveLoss& loss);
/// Why a slave is not used, or not any more; empty when there is nothing to say.
std::string end_text(const SlaveEnd& end);

/// What a slave does, in tables: "updating 63 % (120 of 190 MB)".
std::string doing_text(const SlaveStatus& status);
/// What a slave does, as an event: "RENDER1: rendering (2 GPUs)"; empty for what is not worth one.
std::string slave_event_text(const SlaveStatus& status);

/// For JSON: "updating".
const char* doing_word(SlaveDoing doing);
/// The daemon's vocabulary for the same slave: "running", "authenticating", "invalid_version".
const char* state_word(SlaveDoing doing);
/// How a slave ended, in a report: "finished", "left", "lost", "refused", "stolen".
const char* end_word(const SlaveStatus& status);

/// "using 2 of 2 enabled daemons"; empty when none is wanted.
std::string using_text(const DaemonUse& use);
/// "0 of 2 enabled daemons are usable (RENDER1 bound to other, render2 not seen)"
std::string usable_text(const DaemonUse& use);

/// "0:02", from an hour on "1:02:03".
std::string duration_text(double seconds_long);
/// "61.3 Ms/s"; three digits that say something.
std::string speed_text(double samples_per_second);
/// The number of "61 MB", of "0.3 MB", of "0.012 MB".
std::string megabytes_figure(std::uint64_t bytes);
/// "61 MB".
std::string megabytes_text(std::uint64_t bytes);

}  // namespace oct
