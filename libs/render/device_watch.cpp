#include "render/device_watch.hpp"

#include <fmt/format.h>

#include <utility>

namespace oct {

std::optional<Error> DeviceWatch::look(const DeviceInfo& info, const RenderWorker* worker, Instant now) {
  if (hung_ || info.kind == DeviceKind::cpu) return std::nullopt;
  const bool renders = worker != nullptr && worker->renders();
  const bool is_idle = worker != nullptr && !worker->busy();
  const std::uint64_t progress = worker != nullptr ? worker->progress() : 0;
  if (is_idle || progress != std::exchange(progress_, progress)) since_ = now;
  const Duration patience = worker == nullptr ? patience_.opening
                            : renders         ? patience_.rendering
                                              : patience_.uploading;
  if (now - since_ < patience) return std::nullopt;
  hung_ = true;
  const char* what = worker == nullptr ? "opening it" : renders ? "rendering" : "copying the scene";
  return hung_error(info, what, patience);
}

Error hung_error(const DeviceInfo& info, const char* what, Duration patience) {
  return Error{ErrorKind::timed_out,
               fmt::format("{}: {} has not ended within {:.0f} s: it hangs", device_title(info), what,
                           to_seconds(patience)),
               "look at nvidia-smi, and for \"Xid\" in the system's log (dmesg); restart the computer if the "
               "GPU does not "
               "answer there either"};
}

}  // namespace oct
