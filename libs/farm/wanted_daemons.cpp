#include "farm/wanted_daemons.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace oct {

KeeperActions WantedDaemons::begin(Instant now) {
  begun_ = true;
  return reconcile(now);
}

KeeperActions WantedDaemons::select(DaemonSelection selection, Instant now) {
  selection_ = std::move(selection);
  return reconcile(now);
}

void WantedDaemons::add_own_addresses(const std::vector<std::string>& addresses) {
  auto& own = config_.identity.addresses;
  for (const std::string& address : addresses) {
    if (std::find(own.begin(), own.end(), address) == own.end()) own.push_back(address);
  }
}

KeeperActions WantedDaemons::on_seen(const std::vector<SeenDaemon>& daemons, Instant now) {
  std::map<std::string, const SeenDaemon*> by_key;
  for (const SeenDaemon& daemon : daemons) {
    by_key[daemon.key] = &daemon;
    links_.try_emplace(daemon.key, config_, daemon);
  }
  for (auto& [key, link] : links_) {
    const auto found = by_key.find(key);
    link.see(found == by_key.end() ? nullptr : found->second, now);
  }
  // Who is gone and was never of interest is forgotten.
  std::erase_if(links_, [&](const auto& item) {
    const bool of_interest = item.second.wanted() || !item.second.idle();
    return !by_key.contains(item.first) && !of_interest;
  });
  KeeperActions actions;
  tell_of_strangers(daemons, actions);
  tell_of_shared_ids(daemons, actions);
  return reconcile(now, std::move(actions));
}

/// Who wants all that are there should know why these do not help. A hostile network may be full of them: of some.
void WantedDaemons::tell_of_strangers(const std::vector<SeenDaemon>& daemons, KeeperActions& actions) {
  if (!begun_ || ending_ || !selection_.all) return;
  for (const SeenDaemon& daemon : daemons) {
    if (strangers_told_.size() >= kMostStrangersTold) return;
    if (!daemon.stranger || !strangers_told_.insert(daemon.endpoint.address).second) continue;
    const DaemonView view = view_of(daemon, config_.identity);
    actions.push_back(TellPeople{notice::DaemonDeactivated{{view.name, view.endpoint.address}, view.reason}});
  }
}

void WantedDaemons::tell_of_shared_ids(const std::vector<SeenDaemon>& daemons, KeeperActions& actions) {
  for (notice::DaemonsShareId& shared : shared_ids(daemons)) {
    if (shared_ids_told_.insert(shared.id).second) actions.push_back(TellPeople{std::move(shared)});
  }
}

KeeperActions WantedDaemons::on_opened(const std::string& key, Instant now) {
  KeeperActions actions;
  if (const auto link = links_.find(key); link != links_.end()) link->second.on_opened(actions);
  return reconcile(now, std::move(actions));
}

KeeperActions WantedDaemons::on_failed(const std::string& key, const Error& error, bool final, Instant now) {
  KeeperActions actions;
  if (const auto link = links_.find(key); link != links_.end())
    link->second.on_failed(error, final, now, actions);
  return reconcile(now, std::move(actions));
}

KeeperActions WantedDaemons::on_message(const std::string& key, const DaemonMessage& message, Instant now) {
  KeeperActions actions;
  if (const auto link = links_.find(key); link != links_.end())
    link->second.on_message(message, now, actions);
  return reconcile(now, std::move(actions));
}

KeeperActions WantedDaemons::on_closed(const std::string& key, const Error& error, Instant now) {
  KeeperActions actions;
  if (const auto link = links_.find(key); link != links_.end()) link->second.on_closed(error, now, actions);
  return reconcile(now, std::move(actions));
}

KeeperActions WantedDaemons::on_tick(Instant now) {
  return reconcile(now);
}

KeeperActions WantedDaemons::release_all(Instant now) {
  ending_ = true;
  return reconcile(now);
}

/// What is due after anything happened, and who looks different now.
KeeperActions WantedDaemons::reconcile(Instant now, KeeperActions actions) {
  for (auto& [key, link] : links_) {
    const SeenDaemon& as_seen = link.as_seen();
    const bool wanted = begun_ && !ending_ && selection_.wants(as_seen);
    link.set_wanted(wanted, wanted && selection_.steals(as_seen));
    link.step(now, actions);
    if (!begun_ || ending_ || !wanted) continue;
    if (std::string text = shown(link); shown_[key] != text) {
      shown_[key] = std::move(text);
      actions.push_back(DaemonChanged{key});
    }
  }
  return actions;
}

std::string WantedDaemons::shown(const DaemonLink& link) const {
  const DaemonView view = link.view();
  return fmt::format("{} {} {} {}", to_string(view.state), reason_text(view.reason), view.endpoint.text(),
                     view.owner ? view.owner->nick : std::string());
}

bool WantedDaemons::idle() const {
  return std::all_of(links_.begin(), links_.end(), [](const auto& item) { return item.second.idle(); });
}

std::vector<DaemonView> WantedDaemons::views() const {
  std::vector<DaemonView> views;
  for (const auto& [key, link] : links_) {
    if (selection_.wants(link.as_seen())) views.push_back(link.view());
  }
  return views;
}

std::optional<DaemonView> WantedDaemons::view(const std::string& key) const {
  const auto found = links_.find(key);
  return found == links_.end() ? std::nullopt : std::optional(found->second.view());
}

bool WantedDaemons::was_any_seen(const std::function<bool(const SeenDaemon&)>& is_it) const {
  return std::ranges::any_of(links_, [&](const auto& item) { return is_it(item.second.as_seen()); });
}

/// Wanted daemons that never answered, by the names that people know.
std::vector<std::string> WantedDaemons::not_seen() const {
  std::vector<std::string> names;
  if (selection_.by_enabling) {
    for (const EnabledDaemon& one : selection_.enabled) {
      if (!was_any_seen([&](const SeenDaemon& seen) { return is_same(one, seen); }))
        names.push_back(one.name.empty() ? one.address : one.name);
    }
  }
  for (const std::string& word : named_not_seen()) {
    if (std::ranges::find(names, word) == names.end()) names.push_back(word);
  }
  return names;
}

std::vector<std::string> WantedDaemons::named_not_seen() const {
  std::vector<std::string> names;
  for (const auto* words : {&selection_.named, &selection_.steal}) {
    for (const std::string& word : *words) {
      if (!was_any_seen([&](const SeenDaemon& seen) { return means(word, seen); }) &&
          std::ranges::find(names, word) == names.end())
        names.push_back(word);
    }
  }
  return names;
}

WantedDaemons::Count WantedDaemons::count() const {
  Count count;
  for (const auto& [key, link] : links_) {
    if (!selection_.wants(link.as_seen())) continue;
    ++count.wanted;
    count.usable += link.usable() ? 1 : 0;
  }
  count.wanted += not_seen().size();
  return count;
}

DaemonUse WantedDaemons::use() const {
  DaemonUse use;
  use.kind = selection_.all                                         ? DaemonUse::Kind::all
             : selection_.named.empty() && selection_.steal.empty() ? DaemonUse::Kind::enabled
                                                                    : DaemonUse::Kind::named;
  const Count counted = count();
  use.usable = counted.usable;
  use.wanted = counted.wanted;
  for (const auto& [key, link] : links_) {
    if (!selection_.wants(link.as_seen())) continue;
    const DaemonView view = link.view();
    if (link.usable() && view.state == DaemonState::running) continue;
    (link.usable() ? use.coming : use.others)
        .push_back({view.name, link.seen() ? std::optional(view.state) : std::nullopt});
  }
  for (const std::string& name : not_seen()) use.others.push_back({name, std::nullopt});
  return use;
}

}  // namespace oct
