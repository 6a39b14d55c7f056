#pragma once
#include <optional>

#include "base/instant.hpp"
#include "render/render_worker.hpp"

namespace oct {

/// For how long a device may do nothing before it is given up.
struct DevicePatience {
  Duration opening = seconds(40);     ///< a daemon waits 60 s for the first word of its slave
  Duration rendering = seconds(60);   ///< without an end of the group of units that it is at
  Duration uploading = seconds(600);  ///< without an end of the stage that it is at
  Duration leaving = seconds(5);      ///< at the end of the program
};

/// That a device has been at something for so long.
///   what  "rendering"
Error hung_error(const DeviceInfo& info, const char* what, Duration patience);

/// Finds out that a device hangs: a driver may not come back, from a GPU that has left its bus most of all. A CPU only ever
/// takes its time. For one device; one thread; time is a parameter.
class DeviceWatch {
 public:
  DeviceWatch(const DevicePatience& patience, Instant now) : patience_(patience), since_(now) {}

  /// To be called several times a second. The error, once, when it hangs.
  ///   info    as far as it is known before it is opened
  ///   worker  null as long as it is being opened
  std::optional<Error> look(const DeviceInfo& info, const RenderWorker* worker, Instant now);

  bool found_hung() const { return hung_; }

 private:
  const DevicePatience patience_;
  std::uint64_t progress_ = 0;
  Instant since_;  ///< when it was last seen to get on
  bool hung_ = false;
};

}  // namespace oct
