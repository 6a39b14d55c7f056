#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/event_loop.hpp"

namespace oct {

/// A question to the system's name service. Destroying it, also from inside its call, drops the answer.
class LookUp {
 public:
  virtual ~LookUp() = default;
};

/// Calls `on_found` once, never from inside this call, with the numeric addresses of a name (or of a numeric
/// address, itself); none when nobody knows it. The system may take seconds for it.
[[nodiscard]] std::unique_ptr<LookUp> look_up(EventLoop& loop, const std::string& host,
                                              std::function<void(std::vector<std::string>)> on_found);

}  // namespace oct
