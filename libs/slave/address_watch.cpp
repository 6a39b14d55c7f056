#include "slave/address_watch.hpp"

#include <utility>

#include "base/escaped.hpp"
#include "base/file.hpp"

namespace oct {
namespace {

constexpr Duration kInterval = seconds(1);
constexpr Duration kLongestLook = seconds(1);

}  // namespace

AddressWatch::AddressWatch(EventLoop& loop, const std::string& file,
                           std::function<void(const AddressFollower::Step&)> on_step)
    : loop_(loop),
      path_(path_from_utf8(file)),
      on_step_(std::move(on_step)),
      follower_(escaped(file)),
      timer_(loop.every(kInterval, [this] { look(); })) {
  look();
}

AddressWatch::~AddressWatch() {
  *alive_ = false;
}

bool AddressWatch::is_stuck() const {
  return looking_since_ && steady_now() - *looking_since_ > kLongestLook;
}

void AddressWatch::look() {
  if (looking_since_) return;
  looking_since_ = steady_now();
  reader_.post([this, alive = alive_] {
    auto reading = std::make_shared<AddressReading>(read_address_file(path_));
    loop_.post([this, alive, reading] {
      if (!*alive) return;
      looking_since_.reset();
      if (timer_) on_step_(follower_.on(*reading, steady_now()));
    });
  });
}

}  // namespace oct
