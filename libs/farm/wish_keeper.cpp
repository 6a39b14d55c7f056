#include "farm/wish_keeper.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/plural.hpp"

namespace oct {

KeeperActions WishKeeper::begin(Instant now) {
  begun_ = true;
  return settle(now);
}

KeeperActions WishKeeper::set_wishes(Wishes wishes, Instant now) {
  wishes_ = std::move(wishes);
  return settle(now);
}

KeeperActions WishKeeper::on_seen(const std::vector<SeenDaemon>& daemons, Instant now) {
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
    return !by_key.contains(item.first) && item.second.idle() && !item.second.wanted();
  });
  return settle(now);
}

KeeperActions WishKeeper::on_opened(const std::string& key, Instant now) {
  KeeperActions actions;
  if (const auto link = links_.find(key); link != links_.end()) link->second.on_opened(actions);
  return settle(now, std::move(actions));
}

KeeperActions WishKeeper::on_failed(const std::string& key, const Error& error, bool final, Instant now) {
  KeeperActions actions;
  if (const auto link = links_.find(key); link != links_.end())
    link->second.on_failed(error, final, now, actions);
  return settle(now, std::move(actions));
}

KeeperActions WishKeeper::on_message(const std::string& key, const DaemonMessage& message, Instant now) {
  KeeperActions actions;
  if (const auto link = links_.find(key); link != links_.end())
    link->second.on_message(message, now, actions);
  return settle(now, std::move(actions));
}

KeeperActions WishKeeper::on_closed(const std::string& key, const Error& error, Instant now) {
  KeeperActions actions;
  if (const auto link = links_.find(key); link != links_.end()) link->second.on_closed(error, now, actions);
  return settle(now, std::move(actions));
}

KeeperActions WishKeeper::on_tick(Instant now) {
  return settle(now);
}

KeeperActions WishKeeper::release_all(Instant now) {
  ending_ = true;
  return settle(now);
}

/// What is due after anything happened, and who looks different now.
KeeperActions WishKeeper::settle(Instant now, KeeperActions actions) {
  for (auto& [key, link] : links_) {
    const SeenDaemon& as_seen = link.as_seen();
    const bool wished = begun_ && !ending_ && wishes_.wants(as_seen);
    link.wish(wished, wished && wishes_.steals(as_seen));
    link.step(now, actions);
    if (!begun_ || ending_ || !wished) continue;
    if (std::string text = shown(link); shown_[key] != text) {
      shown_[key] = std::move(text);
      actions.push_back(DaemonChanged{key});
    }
  }
  return actions;
}

std::string WishKeeper::shown(const DaemonLink& link) const {
  const DaemonView view = link.view();
  return fmt::format("{} {} {} {}", to_string(view.state), view.reason, view.endpoint.text(),
                     view.owner ? view.owner->nick : std::string());
}

bool WishKeeper::idle() const {
  return std::all_of(links_.begin(), links_.end(), [](const auto& item) { return item.second.idle(); });
}

std::vector<DaemonView> WishKeeper::wished() const {
  std::vector<DaemonView> views;
  for (const auto& [key, link] : links_) {
    if (wishes_.wants(link.as_seen())) views.push_back(link.view());
  }
  return views;
}

std::optional<DaemonView> WishKeeper::view(const std::string& key) const {
  const auto found = links_.find(key);
  return found == links_.end() ? std::nullopt : std::optional(found->second.view());
}

/// Wished daemons that never answered, by the names that people know.
std::vector<std::string> WishKeeper::not_seen() const {
  std::vector<std::string> names;
  const auto missing = [&](const auto& is_it) {
    return std::none_of(links_.begin(), links_.end(),
                        [&](const auto& item) { return is_it(item.second.as_seen()); });
  };
  if (wishes_.by_enabling) {
    for (const EnabledDaemon& one : wishes_.enabled) {
      if (missing([&](const SeenDaemon& seen) { return is_same(one, seen); }))
        names.push_back(one.name.empty() ? one.address : one.name);
    }
  }
  for (const auto* words : {&wishes_.named, &wishes_.steal}) {
    for (const std::string& word : *words) {
      if (missing([&](const SeenDaemon& seen) { return means(word, seen); }) &&
          std::find(names.begin(), names.end(), word) == names.end())
        names.push_back(word);
    }
  }
  return names;
}

const char* WishKeeper::kind() const {
  return wishes_.all ? "seen" : wishes_.named.empty() && wishes_.steal.empty() ? "enabled" : "wished";
}

WishKeeper::Count WishKeeper::count() const {
  Count count;
  for (const auto& [key, link] : links_) {
    if (!wishes_.wants(link.as_seen())) continue;
    ++count.wished;
    count.usable += link.usable() ? 1 : 0;
  }
  count.wished += not_seen().size();
  return count;
}

std::string WishKeeper::usable_text() const {
  std::vector<std::string> others;
  for (const auto& [key, link] : links_) {
    if (!wishes_.wants(link.as_seen()) || link.usable()) continue;
    const DaemonView view = link.view();
    others.push_back(fmt::format("{} {}", view.name, link.seen() ? to_string(view.state) : "not seen"));
  }
  for (const std::string& name : not_seen()) others.push_back(name + " not seen");
  const Count counted = count();
  std::string text = fmt::format("{} of {} {} daemon{} {} usable", counted.usable, counted.wished, kind(),
                                 plural(counted.wished), counted.wished == 1 ? "is" : "are");
  if (!others.empty()) text += fmt::format(" ({})", fmt::join(others, ", "));
  return text;
}

std::string WishKeeper::using_text() const {
  const Count counted = count();
  if (counted.wished == 0) return {};
  return fmt::format("using {} of {} {} daemon{}", counted.usable, counted.wished, kind(),
                     plural(counted.wished));
}

}  // namespace oct
