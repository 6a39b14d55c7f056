#include "report/slave_changes.hpp"

#include <fmt/format.h>

#include <utility>

#include "report/words.hpp"

namespace oct {

bool SlaveChanges::is_new_record(const SlaveStatus& status) {
  const std::uint64_t tenth = status.bytes_total == 0 ? 10 : status.bytes_done * 10 / status.bytes_total;
  const std::string key = fmt::format("{} {} {}", doing_word(status.doing), tenth, status.network_bound);
  return std::exchange(records_[status.link], key) != key;
}

std::string SlaveChanges::new_event(const SlaveStatus& status) {
  std::string text = slave_event_text(status);
  // Its text counts seconds, or has a size that is estimated better and better; people are told once.
  const bool once = status.doing == SlaveDoing::silent || status.doing == SlaveDoing::updating;
  const std::string key = once ? doing_word(status.doing) : text;
  if (text.empty() || std::exchange(events_[status.link], key) == key) return {};
  return text;
}

}  // namespace oct
