#include "slave/address_follower.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/escaped.hpp"
#include "base/regular_file.hpp"
#include "net/address_file.hpp"

namespace oct {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kSureAfter = 2;        // looks at a file that is gone
constexpr unsigned kUnreadableAfter = 5;  // looks that a server may need to come back
constexpr Duration kReminder = seconds(60);
constexpr std::size_t kShownBytes = 60;

AddressReading unreadable(std::string why) {
  return {AddressReading::Kind::unreadable, std::move(why), {}};
}

}  // namespace

AddressReading read_address_file(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return {};
  if (!fs::status_known(status)) return unreadable(error.message());
  AddressReading reading{AddressReading::Kind::read, {}, fs::last_write_time(path, error)};
  auto file = RegularFile::open(path);
  if (!file) return unreadable(file.error().message);
  Bytes bytes;
  if (auto read = file->read(AddressFile::kMostBytes, bytes); !read) return unreadable(read.error().message);
  reading.text.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return reading;
}

AddressFollower::Step AddressFollower::on(const AddressReading& reading, Instant now) {
  Step step;
  if (!began_) began_ = now;
  times_gone_ = reading.kind == AddressReading::Kind::gone ? times_gone_ + 1 : 0;
  times_unreadable_ = reading.kind == AddressReading::Kind::unreadable ? times_unreadable_ + 1 : 0;
  switch (reading.kind) {
    case AddressReading::Kind::gone: on_gone(step); break;
    case AddressReading::Kind::unreadable: on_unreadable(reading.text, step); break;
    case AddressReading::Kind::read: on_text(reading, step); break;
  }
  if (!master_ && !step.news) remind(now, step);
  return step;
}

void AddressFollower::on_gone(Step& step) {
  last_text_.clear();
  if (!master_ || times_gone_ != kSureAfter) return;
  step.is_over = true;
  step.news = AddressGone{file_};
}

void AddressFollower::on_unreadable(const std::string& why, Step& step) {
  if (times_unreadable_ == kUnreadableAfter) step.news = AddressNotRead{file_, why};
}

void AddressFollower::on_text(const AddressReading& reading, Step& step) {
  const bool is_seen_again = std::exchange(last_text_, reading.text) == reading.text;
  const bool is_whole = reading.text.ends_with('\n') || is_seen_again;
  auto address = address_of_file_text(reading.text);
  if (!address) {
    const std::size_t end = reading.text.find_last_not_of(" \t\r\n") + 1;
    if (end == 0 || !is_seen_again || warned_of_ == reading.text) return;
    warned_of_ = reading.text;
    step.news = AddressNotUnderstood{file_, escaped(reading.text.substr(0, std::min(end, kShownBytes)))};
    return;
  }
  Endpoint master{std::move(address->host), address->port};
  if (!is_whole || (master_ == master && written_ == reading.written)) return;
  if (master_ && master_ != master) step.news = AddressChanged{file_, master.text()};
  written_ = reading.written;
  warned_of_.reset();
  master_ = step.master = std::move(master);
}

void AddressFollower::remind(Instant now, Step& step) {
  if (reminded_ && now - *reminded_ < kReminder) return;
  reminded_ = now;
  step.news = AddressAwaited{file_, now - *began_};
}

}  // namespace oct
