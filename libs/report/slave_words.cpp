#include <fmt/format.h>

#include <algorithm>

#include "base/plural.hpp"
#include "report/device_words.hpp"
#include "report/words.hpp"

// The words for slaves and for daemons that are to have one.

namespace oct {
namespace {

std::string short_hash(const Digest& digest) {
  return digest.hex().substr(0, 12);
}

struct EndTexts {
  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(const SlaveRefusal& refusal) const { return refusal_text(refusal); }
  std::string operator()(const SlaveFault& fault) const { return fault_text(fault); }
  std::string operator()(const SlaveLoss& loss) const { return loss_text(loss); }
  std::string operator()(const SlaveFarewell& farewell) const { return farewell.text; }
};

/// All that is said of what a slave does: one row for each kind, so that tables, events, JSON and reports agree.
struct DoingWords {
  const char* word = "";   ///< for JSON
  const char* state = "";  ///< the daemon's word for it
  const char* end = "";    ///< of a report
  bool is_event = false;   ///< people are told when it begins; the others are warned of, or need no words
};

DoingWords words_of(SlaveDoing doing) {
  switch (doing) {
    case SlaveDoing::authenticating: return {"authenticating", "authenticating", "finished"};
    case SlaveDoing::updating: return {"updating", "running", "finished", true};
    case SlaveDoing::building: return {"building", "running", "finished"};
    case SlaveDoing::rendering: return {"rendering", "running", "finished", true};
    case SlaveDoing::idle: return {"idle", "running", "finished"};
    case SlaveDoing::draining: return {"draining", "running", "finished"};
    case SlaveDoing::silent: return {"silent", "running", "finished", true};
    case SlaveDoing::refused: return {"refused", "invalid_version", "refused"};
    case SlaveDoing::lost: return {"lost", "crashed", "lost"};
    case SlaveDoing::left: return {"left", "unbound", "left", true};
    case SlaveDoing::finished: return {"finished", "unbound", "finished"};
  }
  return {};
}

const char* kind_text(DaemonUse::Kind kind) {
  switch (kind) {
    case DaemonUse::Kind::enabled: return "enabled";
    case DaemonUse::Kind::named: return "wanted";
    case DaemonUse::Kind::all: return "seen";
  }
  return "wanted";
}

}  // namespace

std::string who_text(const PeerName& peer) {
  return peer.name.empty() || peer.name == peer.address ? peer.address
                                                        : fmt::format("{} ({})", peer.name, peer.address);
}

const char* check_text(DeviceCheck check) {
  switch (check) {
    case DeviceCheck::canary: return "it computes the built-in test render differently";
    case DeviceCheck::audit: return "a unit it rendered differs from the reference's render of it";
  }
  return "";
}

std::string verdict_text(DeviceVerdict verdict) {
  if (!verdict.found_before) return check_text(verdict.check);
  return fmt::format("a device of the same computer, number and name was shut out before: {}",
                     check_text(verdict.check));
}

std::string refusal_text(const SlaveRefusal& refusal) {
  switch (refusal.reason) {
    case RefusalReason::other_version:
      return fmt::format("slave version {}, this master is {}", refusal.slave_version,
                         refusal.master_version);
    case RefusalReason::other_kernels:
      return fmt::format("its kernels are {}, this master's are {} (another build of the same version)",
                         short_hash(refusal.slave_kernels), short_hash(refusal.master_kernels));
    case RefusalReason::full: return "this master has as many slaves as it can serve";
    case RefusalReason::stopping: return "this master is about to end";
  }
  return {};
}

std::string fault_text(const SlaveFault& fault) {
  switch (fault.kind) {
    case SlaveFault::Kind::no_hello: return "it did not say hello first";
    case SlaveFault::Kind::second_hello: return "it said hello twice";
    case SlaveFault::Kind::no_device: return "it has no device";
    case SlaveFault::Kind::no_canary: return "it did not send a built-in check for each of its devices";
    case SlaveFault::Kind::foreign_message: return "it sent a message that only masters send";
    case SlaveFault::Kind::too_much_at_once: return "it asked for too much at once";
    case SlaveFault::Kind::foreign_chunk: return "it asked for a chunk that is not part of this scene";
    case SlaveFault::Kind::foreign_device: return "it reported a device that it does not have";
    case SlaveFault::Kind::invalid_data: return fault.detail;
    case SlaveFault::Kind::wrong_device:
      return fmt::format("{}: {}", fault.detail, verdict_text(fault.verdict));
  }
  return {};
}

std::string loss_text(const SlaveLoss& loss) {
  return fmt::format("{}, {} lease{} returned", loss.error, loss.leases_returned,
                     plural(loss.leases_returned));
}

std::string end_text(const SlaveEnd& end) {
  return std::visit(EndTexts{}, end);
}

std::string doing_text(const SlaveStatus& status) {
  const std::string word = words_of(status.doing).word;
  switch (status.doing) {
    case SlaveDoing::updating:
      return fmt::format("{} {} % ({} of {} MB)", word,
                         status.bytes_done * 100 / std::max<std::uint64_t>(1, status.bytes_total),
                         megabytes_figure(status.bytes_done), megabytes_figure(status.bytes_total));
    case SlaveDoing::rendering:
      return fmt::format("{} {}{}", word, speed_text(status.samples_per_second),
                         status.network_bound ? ", network-bound" : "");
    case SlaveDoing::silent: return fmt::format("{} for {:.0f} s", word, status.silent_for);
    case SlaveDoing::authenticating:
    case SlaveDoing::building:
    case SlaveDoing::idle:
    case SlaveDoing::draining:
    case SlaveDoing::refused:
    case SlaveDoing::lost:
    case SlaveDoing::left:
    case SlaveDoing::finished: break;
  }
  const std::string why = end_text(status.end);
  return why.empty() ? word : fmt::format("{}: {}", word, why);
}

std::string slave_event_text(const SlaveStatus& status) {
  if (!words_of(status.doing).is_event) return {};
  std::string text = doing_text(status);
  if (status.doing == SlaveDoing::updating) {
    const std::uint64_t missing = status.bytes_total - std::min(status.bytes_total, status.bytes_done);
    // Before it has told what it lacks this would be everything, and a byte stands for what is to be rebuilt.
    if (!status.update_known || missing <= 1) return {};
    text = "updating " + megabytes_text(missing);
  }
  if (status.doing == SlaveDoing::rendering)
    text = fmt::format("rendering ({})", device_count_text(status.devices));
  return fmt::format("{}: {}", status.name, text);
}

const char* doing_word(SlaveDoing doing) {
  return words_of(doing).word;
}

const char* state_word(SlaveDoing doing) {
  return words_of(doing).state;
}

const char* end_word(const SlaveStatus& status) {
  return status.stolen ? "stolen" : words_of(status.doing).end;
}

std::string using_text(const DaemonUse& use) {
  if (use.wanted == 0) return {};
  return fmt::format("using {} of {} {} daemon{}", use.usable, use.wanted, kind_text(use.kind),
                     plural(use.wanted));
}

std::string usable_text(const DaemonUse& use) {
  std::string text = fmt::format("{} of {} {} daemon{} {} usable", use.usable, use.wanted,
                                 kind_text(use.kind), plural(use.wanted), use.wanted == 1 ? "is" : "are");
  std::string others;
  for (const DaemonUse::Other& other : use.others) {
    others += fmt::format("{}{} {}", others.empty() ? "" : ", ", other.name,
                          other.state ? to_string(*other.state) : "not seen");
  }
  return others.empty() ? text : fmt::format("{} ({})", text, others);
}

}  // namespace oct
