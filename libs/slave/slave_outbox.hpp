#pragma once
#include <utility>

#include "slave/slave_events.hpp"

namespace oct {

/// What a slave asks to be done, in the order in which its deciding parts ask for it. It is open while the master has
/// accepted this slave: before and after that nothing is reported.
class SlaveOutbox {
 public:
  bool is_open() const { return open_; }
  void set_open(bool open) { open_ = open; }

  template <class Action>
  void act(Action action) {
    actions_.emplace_back(std::move(action));
  }
  template <class Message>
  void send(Message message) {
    act(SendToMaster{RenderMessage(std::move(message))});
  }

  SlaveActions take() { return std::exchange(actions_, {}); }

 private:
  bool open_ = false;
  SlaveActions actions_;
};

}  // namespace oct
