#pragma once
#include <cstdint>
#include <string>
#include <variant>

#include "base/instant.hpp"

// What a slave has to say, as kinds and numbers; slave_words.hpp phrases it.

namespace oct {

struct MasterSought {};
/// It is tried again after a pause.
struct MasterMissed {
  enum class Why { not_reached, lost, not_taken };
  Why why = Why::not_reached;
  std::string text;  ///< of the system, or of the master that does not take this slave now
  Duration pause{};
};
struct MasterJoined {
  std::uint32_t version = 0;
};
/// It ended because something was wrong there.
struct MasterFailed {
  std::string text;
};
struct MasterFinished {
  bool waits_for_next = false;  ///< the slave does
};
/// It broke the protocol.
struct MasterDropped {
  std::string why;
};
struct DeviceLeftOut {
  std::string device;
  std::string why;
};

/// What masters send is no longer kept on the disk.
struct CacheGivenUp {
  std::string why;
};

using SlaveNews = std::variant<MasterSought, MasterMissed, MasterJoined, MasterFailed, MasterFinished,
                               MasterDropped, DeviceLeftOut, CacheGivenUp>;

}  // namespace oct
