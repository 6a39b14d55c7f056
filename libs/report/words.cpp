#include "report/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "base/figure.hpp"
#include "base/plural.hpp"
#include "report/name_list.hpp"

namespace oct {
namespace {

constexpr std::size_t kMostNamesTold = 8;  ///< of daemons in one warning

Phrase event_phrase(std::string text) {
  return {LogLevel::info, std::move(text)};
}

Phrase warning_phrase(std::string text, std::string help = {}) {
  return {LogLevel::warning, std::move(text), std::move(help)};
}

std::string copy_release_help(const PeerName& peer) {
  return fmt::format("copy this release folder to {}", peer.name.empty() ? peer.address : peer.name);
}

/// When a slave was lost, where that tells something of the way to it; else empty.
std::string loss_moment(const SlaveLoss& loss) {
  if (loss.nothing_arrived) return " at updating 0 %";
  if (loss.stood_still_at)
    return fmt::format(" at updating {} %, where nothing more arrived", *loss.stood_still_at);
  return loss.nothing_came ? " before its first result" : "";
}

const char* device_help(DeviceVerdict verdict) {
  return verdict.found_before ? "check its driver, clocks and memory; if it has taken the place of one that "
                                "was faulty, the next "
                                "render uses it"
                              : "check its driver, clocks and memory";
}

/// As it is typed.
std::string argument_text(const std::string& path) {
  return path.find(' ') == std::string::npos ? path : fmt::format("\"{}\"", path);
}

std::string how_to_go_on(const notice::CheckpointWritten& n) {
  using Place = notice::CheckpointWritten::Place;
  switch (n.place) {
    case Place::usual: return "the same command with --resume goes on.";
    case Place::elsewhere:
      return fmt::format("the same command with --resume --checkpoint {} goes on.", argument_text(n.path));
    case Place::of_frame:
      return fmt::format("octane_master resolve {} -o FILE makes a picture of it.", argument_text(n.path));
  }
  return {};
}

/// One function for each kind: a kind without one does not compile.
struct Phrases {
  // Slaves.
  Phrase operator()(const notice::SlaveRefused& n) const {
    const bool copying_helps =
        n.refusal.reason == RefusalReason::other_version || n.refusal.reason == RefusalReason::other_kernels;
    return warning_phrase(fmt::format("{}: refused, {}", who_text(n.slave), refusal_text(n.refusal)),
                          copying_helps ? copy_release_help(n.slave) : std::string());
  }
  Phrase operator()(const notice::PeerSentAway& n) const {
    if (n.peer.name.empty())
      return event_phrase(fmt::format("{} was sent away: {}", n.peer.address, n.error.message));
    const bool said = n.error.message.starts_with("refused");
    return warning_phrase(fmt::format("{}: {}{}", who_text(n.peer), said ? "" : "refused, ", n.error.message),
                          n.error.help);
  }
  Phrase operator()(const notice::StrangersSentAway& n) const {
    return event_phrase(fmt::format("{} more connection{} sent away, from {} address{}", n.connections,
                                    n.connections == 1 ? " was" : "s were", n.addresses,
                                    n.addresses == 1 ? "" : "es"));
  }
  Phrase operator()(const notice::SlaveDisconnected& n) const {
    // Of a device that was found wrong now another warning has told.
    const bool is_news = n.fault.kind == SlaveFault::Kind::wrong_device && n.fault.verdict.found_before;
    return warning_phrase(fmt::format("{}: disconnected, {}", who_text(n.slave), fault_text(n.fault)),
                          is_news ? device_help(n.fault.verdict) : "");
  }
  Phrase operator()(const notice::SlaveEnded& n) const {
    return warning_phrase(fmt::format("{}: ended: {}", who_text(n.slave), n.text));
  }
  Phrase operator()(const notice::SlaveLost& n) const {
    const std::string when = loss_moment(n.loss);
    const std::string text = fmt::format("{}: lost{}: {}", n.slave, when, loss_text(n.loss));
    if (when.empty()) return warning_phrase(text);
    return warning_phrase(
        text + "; large packets may vanish on the way (MTU)",
        fmt::format("octane_master doctor {}   tests it", n.address.empty() ? n.slave : n.address));
  }
  Phrase operator()(const notice::SlaveDeviceFailed& n) const {
    return warning_phrase(fmt::format("{}: {}", n.slave, n.text));
  }
  Phrase operator()(const notice::SlaveTakenOver& n) const {
    const std::string by = n.by.nick.empty() ? n.by.address : n.by.nick;
    return warning_phrase(fmt::format("{} was taken over by {}; its {} lease{} returned to the pool", n.slave,
                                      by, n.leases_returned, plural(n.leases_returned)),
                          fmt::format("this render does not ask for it again; ask {}", by));
  }
  Phrase operator()(const notice::WaitingForSlaves& n) const {
    if (n.daemons.wanted > 0) return event_phrase("Waiting for a slave: " + usable_text(n.daemons));
    return event_phrase(
        fmt::format("Waiting for a slave: none is connected to port {}, and no daemon is enabled", n.port));
  }

  // Devices.
  Phrase operator()(const notice::LocalDeviceFailed& n) const {
    const std::string others = n.others.empty() ? "slaves" : name_list(n.others, n.others.size());
    return warning_phrase(fmt::format("{}; {} is left out, the render goes on with {}", n.error.message,
                                      n.device.empty() ? "the device" : n.device, others),
                          n.error.help);
  }
  Phrase operator()(const notice::DeviceUnchecked& n) const {
    return warning_phrase(fmt::format("a device could not be checked: {}", n.error.message));
  }
  Phrase operator()(const notice::DeviceRefused& n) const {
    std::string text = fmt::format("{} is not used: {}", n.device, verdict_text(n.verdict));
    if (!n.slave.empty()) text = fmt::format("{}: {}", who_text({n.slave, n.slave_address}), text);
    if (n.units_rendered_again > 0) {
      text += fmt::format("; the {} unit{} that it had rendered {} rendered again", n.units_rendered_again,
                          plural(n.units_rendered_again), n.units_rendered_again == 1 ? "is" : "are");
    }
    return warning_phrase(std::move(text), device_help(n.verdict));
  }
  Phrase operator()(const notice::EarlierDeviceRefused& n) const {
    return warning_phrase(
        fmt::format("a device of an earlier run of this render is shut out: {}; the {} tile{} that it had a "
                    "part in {} rendered again",
                    check_text(DeviceCheck::audit), n.tiles_rendered_again, plural(n.tiles_rendered_again),
                    n.tiles_rendered_again == 1 ? "is" : "are"),
        "a film file does not name its devices; if this one is connected, another warning names it");
  }

  // Daemons.
  Phrase operator()(const notice::DaemonBoundToOther& n) const {
    return warning_phrase(fmt::format("{} is bound to other: {} since {}", who_text(n.daemon),
                                      who_occupies(n.owner), clock_text(n.owner.since_unix_s, n.now_unix_s)),
                          fmt::format("ask there, or add --net-steal {}", n.daemon.name));
  }
  Phrase operator()(const notice::DaemonHasOtherVersion& n) const {
    return warning_phrase(fmt::format("{}: refused, slave {}", who_text(n.daemon), reason_text(n.reason)),
                          copy_release_help(n.daemon) + " and run _install_daemon.bat there");
  }
  Phrase operator()(const notice::DaemonDeactivated& n) const {
    return warning_phrase(fmt::format("{} is deactivated: {}", who_text(n.daemon), reason_text(n.reason)),
                          fmt::format("octane_master doctor {}   says more", n.daemon.address));
  }
  Phrase operator()(const notice::DaemonsNeverSeen& n) const {
    const bool is_one = n.names.size() == 1;
    return warning_phrase(
        fmt::format("{} {} wanted by name, and {} not seen during this render",
                    name_list(n.names, kMostNamesTold), is_one ? "was" : "were", is_one ? "was" : "were"),
        fmt::format(
            "octane_master doctor {}   says why; octane_master daemons list   shows who is there",
            fmt::join(n.names.begin(),
                      n.names.begin() + static_cast<std::ptrdiff_t>(std::min(n.names.size(), kMostNamesTold)),
                      " ")));
  }
  Phrase operator()(const notice::DaemonTooOld& n) const {
    return warning_phrase(fmt::format("{}: its daemon is too old to be occupied", who_text(n.daemon)),
                          copy_release_help(n.daemon));
  }
  Phrase operator()(const notice::DaemonNotReached& n) const {
    return warning_phrase(n.error.message, n.error.help);
  }
  Phrase operator()(const notice::DaemonLost& n) const {
    return warning_phrase(fmt::format("{}: the connection to its daemon is lost: {}", n.daemon, n.error));
  }
  Phrase operator()(const notice::DaemonTakenBack& n) const {
    return warning_phrase(fmt::format("{} was taken back by its user: {}", who_text(n.daemon), n.reason));
  }
  Phrase operator()(const notice::DaemonsShareId& n) const {
    std::vector<std::string> names;
    for (const PeerName& daemon : n.daemons) names.push_back(who_text(daemon));
    return warning_phrase(
        fmt::format("{} have the same daemon id {}: a disk or a folder of settings was copied",
                    name_list(names, names.size()), n.id),
        "on all but one of them delete daemon.id (in ~/.config/octane or /var/lib/octane, on Windows in "
        "%APPDATA%\\octane or %ProgramData%\\octane\\daemon), and start the daemon again");
  }
  Phrase operator()(const notice::DaemonSharesDevices& n) const {
    return warning_phrase(
        fmt::format("{} is this computer: its slave and this master share its devices", n.daemon),
        fmt::format("--no-local leaves them to the slave, octane_master daemons disable {} to the master",
                    n.daemon));
  }
  Phrase operator()(const notice::SlaveStarted& n) const {
    if (n.starts > 1)
      return event_phrase(
          fmt::format("{}: slave started again (start {}), authenticating", n.daemon, n.starts));
    return event_phrase(fmt::format("{}: slave started, authenticating", n.daemon));
  }
  Phrase operator()(const notice::SlaveHangs& n) const {
    return event_phrase(fmt::format("{}: slave hangs: {}", n.daemon, n.reason));
  }
  Phrase operator()(const notice::SlaveRestarts& n) const {
    return event_phrase(
        fmt::format("{}: slave ended: {}; its daemon starts it again after a pause", n.daemon, n.reason));
  }
  Phrase operator()(const notice::SlaveCrashed& n) const {
    return warning_phrase(fmt::format("{}: crashed: {}", n.daemon, n.reason),
                          fmt::format("octane_master daemons enable {} tries it again", n.daemon));
  }

  // The render.
  Phrase operator()(const notice::InputWarning& n) const { return warning_phrase(n.text, n.help); }
  Phrase operator()(const notice::InputNote& n) const { return event_phrase(n.text); }
  Phrase operator()(const notice::PreferencesNotFollowed& n) const {
    return warning_phrase(fmt::format("{}; the former preferences hold", n.error.message), n.error.help);
  }
  Phrase operator()(const notice::NonFiniteSamples& n) const {
    return warning_phrase(
        fmt::format("{} contribution{} not finite and counted as zero: this is a bug of the renderer",
                    n.count, n.count == 1 ? " was" : "s were"));
  }
  Phrase operator()(const notice::NeutralLightAdded&) const {
    return warning_phrase(
        "the scene has no light of its own, or too little to be seen by: a neutral studio light was added",
        "--environment FILE lights it otherwise, --neutral-light off leaves it as it is");
  }
  Phrase operator()(const notice::ExposureChosen& n) const {
    Phrase words =
        event_phrase(fmt::format("{:<11}{} (--imager-exposure {})", "Exposure", n.exposure, n.exposure));
    words.is_result = true;
    return words;
  }
  Phrase operator()(const notice::PictureAlmostBlack& n) const {
    return warning_phrase(
        "the picture is almost black: the scene's lights reach little of what the camera sees",
        fmt::format(
            "{}--environment FILE or --neutral-light on lights the scene",
            n.better_exposure ? fmt::format("--imager-exposure {} brightens it, ", *n.better_exposure) : ""));
  }
  Phrase operator()(const notice::PictureAlmostWhite& n) const {
    return warning_phrase(
        "the picture is almost white: its light is too strong for its exposure",
        fmt::format("--imager-exposure {} darkens it; --light-units photometric divides lamps by 683",
                    n.better_exposure));
  }
  Phrase operator()(const notice::Stopping& n) const {
    Phrase words = event_phrase(fmt::format("Stopping: {} lease{} under way (CTRL-C again ends at once)",
                                            n.leases_under_way, plural(n.leases_under_way)));
    words.is_result = true;
    return words;
  }
  Phrase operator()(const notice::WritingPictures&) const {
    Phrase words = event_phrase("Writing the pictures; nothing is missing (CTRL-C again ends at once)");
    words.is_result = true;
    return words;
  }
  Phrase operator()(const notice::CheckpointWritten& n) const {
    const std::string amount = n.samples_per_pixel
                                   ? fmt::format("{} spp", *n.samples_per_pixel)
                                   : fmt::format("{} %", whole_percent(n.samples_kept, n.samples_wanted));
    Phrase words = event_phrase(fmt::format("Checkpoint {}: {}.", n.path, amount));
    if (n.resumes) words.text += " help: " + how_to_go_on(n);
    words.is_result = n.resumes;
    return words;
  }
  Phrase operator()(const notice::StoppedByTime& n) const {
    Phrase words = event_phrase(fmt::format("{0}Stopped by --time-limit at {1} spp; the same picture: -s {1}",
                                            n.frame ? fmt::format("Frame {}: ", *n.frame) : std::string(),
                                            n.samples_per_pixel));
    words.is_result = true;
    return words;
  }
  Phrase operator()(const notice::FilmResumed& n) const {
    if (n.samples_per_pixel)
      return event_phrase(fmt::format("Resuming {}: {} spp are there", n.path, *n.samples_per_pixel));
    return event_phrase(fmt::format("Resuming {}: {} % of the samples are there", n.path,
                                    whole_percent(n.samples_held, n.samples_wanted)));
  }
  Phrase operator()(const notice::FilmNotResumed& n) const {
    return warning_phrase(
        fmt::format("{} holds a part of this render; it is kept until this run is further", n.path),
        "--resume goes on with it");
  }
  Phrase operator()(const notice::FilmKept& n) const {
    const Error error = film_kept_error(n);
    return warning_phrase(error.message, error.help);
  }
  Phrase operator()(const notice::CheckpointFailed& n) const {
    return warning_phrase(fmt::format("no checkpoint was written: {}", n.error.message), n.error.help);
  }
};

}  // namespace

/// What helps depends on why the picture could not be written, and whoever could not write it knows.
Error film_kept_error(const notice::FilmKept& kept) {
  const std::string first = kept.error.help.empty() ? std::string() : kept.error.help + ", then ";
  if (!kept.output.empty()) {
    return {kept.error.kind, fmt::format("{}; the film is kept in {}", kept.error.message, kept.path),
            fmt::format("{}octane_master resolve {} -o {} writes the picture without rendering again", first,
                        argument_text(kept.path), argument_text(kept.output))};
  }
  return {kept.error.kind, fmt::format("{}; the film is kept in {}", kept.error.message, kept.path),
          fmt::format("{}the same command with --resume --checkpoint {} writes the picture without "
                      "rendering again",
                      first, argument_text(kept.path))};
}

Error slaves_missing_error(std::uint32_t wanted, std::uint32_t came, double seconds_waited) {
  return {ErrorKind::unavailable, fmt::format("--net-wait {}: only {} slave{} came within {:.0f} s", wanted,
                                              came, plural(came), seconds_waited)};
}

Error device_refused_error(const std::string& device, DeviceVerdict verdict) {
  return {ErrorKind::exhausted, fmt::format("{}: {}", device, verdict_text(verdict)), device_help(verdict)};
}

Error no_device_error() {
  return {ErrorKind::exhausted, "there is no device to render with"};
}

Phrase phrase(const Notice& notice) {
  return std::visit(Phrases{}, notice);
}

}  // namespace oct
