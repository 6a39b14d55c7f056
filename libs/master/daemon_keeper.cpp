#include "master/daemon_keeper.hpp"

#include <algorithm>
#include <ctime>
#include <utility>

#include "base/overloaded.hpp"
#include "farm/bound_since.hpp"
#include "farm/master_identity.hpp"
#include "preferences/preferences_file.hpp"

namespace oct {
namespace {

constexpr Duration kKeeperTick = milliseconds(100);
constexpr Duration kPreferencesInterval = milliseconds(700);  // people are promised a second
/// For first answers: those to a broadcast wait up to 200 ms, and a /24 is swept in a second.
constexpr Duration kFirstAnswers = milliseconds(1500);

void count_owners_from_here(DaemonMessage& message) {
  const auto now = static_cast<std::uint64_t>(std::time(nullptr));
  if (auto* refused = std::get_if<OccupyRefused>(&message)) count_from_here(refused->owner, now);
  if (auto* taken = std::get_if<DaemonTaken>(&message)) count_from_here(taken->by, now);
}

}  // namespace

Result<std::unique_ptr<DaemonKeeper>> DaemonKeeper::open(EventLoop& loop, WorkQueue& files,
                                                         const NetworkChoice& choice,
                                                         std::uint16_t master_port, bool local_devices,
                                                         DaemonEvents events) {
  const NetworkPreferences& preferences = choice.preferences.network;
  KeeperConfig config;
  config.identity = this_master(choice.nick_name, choice.access);
  config.master_port = master_port;
  config.local_devices = local_devices;
  config.deadlines = choice.deadlines;
  config.unix_time_s = static_cast<std::uint64_t>(std::time(nullptr));
  auto keeper = std::unique_ptr<DaemonKeeper>(
      new DaemonKeeper(loop, files, choice, std::move(config), std::move(events)));
  DaemonKeeper* self = keeper.get();
  OCT_TRY_ASSIGN(
      self->scanner_,
      Scanner::open(loop, scan_choice(preferences, choice.overrides), scan_limits(preferences), choice.access,
                    [self] {
                      self->keeper_.add_own_addresses(self->scanner_->own_addresses());
                      self->carry_out(self->keeper_.on_seen(self->scanner_->daemons(), steady_now()));
                      self->end_first_look();
                    }));
  self->carry_out(self->keeper_.select(selection_of(preferences, choice.overrides), steady_now()));
  self->timer_ = loop.every(kKeeperTick, [self] { self->tick(); });
  return keeper;
}

DaemonKeeper::DaemonKeeper(EventLoop& loop, WorkQueue& files, const NetworkChoice& choice,
                           KeeperConfig config, DaemonEvents events)
    : loop_(loop),
      files_(files),
      choice_(choice),
      events_(std::move(events)),
      keeper_(std::move(config)),
      started_(steady_now()),
      preferences_due_(steady_now()) {}

DaemonKeeper::~DaemonKeeper() {
  *alive_ = false;
}

void DaemonKeeper::begin() {
  carry_out(keeper_.begin(steady_now()));
}

void DaemonKeeper::release() {
  carry_out(keeper_.release_all(steady_now()));
}

void DaemonKeeper::tick() {
  end_first_look();
  carry_out(keeper_.on_tick(steady_now()));
  if (!reading_ && steady_now() >= preferences_due_) read_preferences_again();
}

void DaemonKeeper::end_first_look() {
  if (looked_) return;
  const WantedDaemons::Count count = keeper_.count();
  const bool all_usable = count.wanted > 0 && count.usable == count.wanted && !keeper_.selection().all;
  if (!all_usable && steady_now() - started_ < kFirstAnswers) return;
  looked_ = true;
  events_.on_first_look();
}

// Preferences: a folder on a server may hang, so a worker reads.

void DaemonKeeper::read_preferences_again() {
  reading_ = true;
  files_.post([this, &loop = loop_, alive = alive_] {
    auto text = std::make_shared<Result<std::string>>(preferences_text());
    loop.post([this, alive, text] {
      if (!*alive) return;
      reading_ = false;
      preferences_due_ = steady_now() + kPreferencesInterval;
      on_preferences(*text);
    });
  });
}

void DaemonKeeper::on_preferences(const Result<std::string>& text) {
  if (!text) return;  // a file that is being replaced, or a server away: the former ones hold
  if (std::exchange(preferences_text_, *text) == *text) return;
  const auto read = read_preferences(*text, "preferences.json");
  if (read) return follow(read->preferences);
  events_.on_tell(notice::PreferencesNotFollowed{read.error()});
}

void DaemonKeeper::follow(const Preferences& preferences) {
  if (auto chosen = scanner_->choose(scan_choice(preferences.network, choice_.overrides)); !chosen)
    events_.on_tell(notice::InputWarning{chosen.error().message, chosen.error().help});
  carry_out(keeper_.select(selection_of(preferences.network, choice_.overrides), steady_now()));
}

// Actions.

void DaemonKeeper::carry_out(KeeperActions actions) {
  for (KeeperAction& action : actions) {
    std::visit(Overloaded{
                   [&](const OpenTalk& open) { open_talk(open); },
                   [&](const SendToDaemon& send) {
                     const auto talk = talks_.find(send.key);
                     if (talk == talks_.end()) return;
                     std::visit([&](const auto& message) { talk->second->send(message); }, send.message);
                   },
                   [&](const CloseTalk& close) { close_talk(close.key); },
                   [&](const TellPeople& tell) { events_.on_tell(tell.notice); },
                   [&](const DaemonRobbed& robbed) { events_.on_robbed(robbed); },
                   [&](const DaemonChanged& changed) {
                     if (const auto view = keeper_.view(changed.key)) events_.on_changed(*view);
                   },
               },
               action);
  }
}

void DaemonKeeper::open_talk(const OpenTalk& action) {
  const std::string key = action.key;
  close_talk(key);
  TalkEvents events;
  events.on_open = [this, key] { carry_out(keeper_.on_opened(key, steady_now())); };
  events.on_message = [this, key](const DaemonMessage& message) {
    DaemonMessage copy = message;
    count_owners_from_here(copy);
    carry_out(keeper_.on_message(key, copy, steady_now()));
  };
  events.on_end = [this, key](const TalkEnd& end) {
    const TalkEnd copy = end;
    if (const auto talk = talks_.find(key); talk != talks_.end()) {
      delete_later(std::move(talk->second));
      talks_.erase(talk);
    }
    if (copy.connected) {
      carry_out(keeper_.on_closed(key, copy.error, steady_now()));
    } else {
      const bool final = copy.error.kind == ErrorKind::incompatible;
      carry_out(keeper_.on_failed(key, copy.error, final, steady_now()));
    }
  };
  talks_[key] = std::make_unique<DaemonTalk>(loop_, HostPort{action.endpoint.address, action.endpoint.port},
                                             choice_.access, choice_.deadlines, std::move(events),
                                             choice_.overrides.source);
}

/// What is queued still goes out; nothing of it is heard any more.
void DaemonKeeper::close_talk(const std::string& key) {
  const auto talk = talks_.find(key);
  if (talk == talks_.end()) return;
  delete_later(std::move(talk->second));
  talks_.erase(talk);
}

/// It may be a call of its own that is in progress.
void DaemonKeeper::delete_later(std::unique_ptr<DaemonTalk> talk) {
  outdated_.push_back(std::move(talk));
  if (deletion_) return;
  deletion_ = loop_.after(Duration{}, [this] {
    deletion_.reset();
    outdated_.clear();
  });
}

}  // namespace oct
