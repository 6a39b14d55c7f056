#pragma once
#include <cstdint>
#include <string>
#include <variant>

#include "base/instant.hpp"

// What a slave has to say, as kinds and numbers; slave_words.hpp phrases it.

namespace oct {

struct MasterSought {
  std::string master;  ///< "10.0.0.103:21000"
};
/// It is tried again after a pause.
struct MasterMissed {
  enum class Why { not_reached, lost, not_taken };
  Why why = Why::not_reached;
  std::string text;  ///< of the system, or of the master that does not take this slave now
  std::string help;  ///< what would; empty where nothing is known, or it was told already
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
  std::string text;  ///< left_out_text()
  std::string help;
};

/// What masters send is no longer kept on the disk.
struct CacheGivenUp {
  std::string why;
};

/// No master has written its address yet.
struct AddressAwaited {
  std::string file;
  Duration waited{};  ///< 0 = it begins now
};
/// The file says something else; no other content is told of until it changes.
struct AddressNotUnderstood {
  std::string file;
  std::string content;  ///< its beginning
};
struct AddressNotRead {
  std::string file;
  std::string why;
};
/// Another master has the file now.
struct AddressChanged {
  std::string file;
  std::string master;
};
struct AddressGone {
  std::string file;
};

using SlaveNews = std::variant<MasterSought, MasterMissed, MasterJoined, MasterFailed, MasterFinished,
                               MasterDropped, DeviceLeftOut, CacheGivenUp, AddressAwaited,
                               AddressNotUnderstood, AddressNotRead, AddressChanged, AddressGone>;

/// What would help; empty where nothing is known.
inline std::string help_of(const SlaveNews& news) {
  if (const auto* left_out = std::get_if<DeviceLeftOut>(&news)) return left_out->help;
  const auto* missed = std::get_if<MasterMissed>(&news);
  return missed == nullptr ? std::string() : missed->help;
}

/// Something is not as it should be; the slave goes on.
inline bool is_warning(const SlaveNews& news) {
  if (!help_of(news).empty()) return true;
  return std::holds_alternative<DeviceLeftOut>(news) || std::holds_alternative<CacheGivenUp>(news) ||
         std::holds_alternative<AddressNotUnderstood>(news) || std::holds_alternative<AddressNotRead>(news);
}

}  // namespace oct
