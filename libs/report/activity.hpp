#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "report/render_status.hpp"

// What a render does while no sample comes: silence over a second is a fault. All functions are pure.

namespace oct {

struct Activity {
  enum class Kind { loading, building, waiting, writing };
  Kind kind = Kind::loading;
  std::string file = {};                 ///< that is loaded or written; empty: several are written
  std::vector<std::string> slaves = {};  ///< that build; none: this computer does
  SlaveWait wait = {};
};

/// Why nothing is rendered at this moment: slaves are waited for, or every device that is here builds its tree.
std::optional<Activity> activity_of(const RenderStatus& status);

/// "Loading shot.glb", "Building the tree", "Waiting for render2 (not seen) and RENDER1 (bound to other)"
std::string activity_text(const Activity& activity);
/// For JSON: "loading"
const char* activity_word(Activity::Kind kind);

/// "Loading shot.glb ... 4 s" in at most `width` columns, behind the percentage of a render that has begun.
std::string activity_bar(const Activity& activity, double lasting, double percent, std::size_t width);

/// How long an activity lasts, and when it is told of. One thread.
class ActivityWatch {
 public:
  /// Called often while it lasts. Seconds since it began, once they are more than one.
  std::optional<double> lasts(const Activity& activity, Instant now);
  /// Something else is done now.
  void over() { kind_.reset(); }
  /// Whether people are to be told again: `text` is new, or they were told `interval` ago.
  bool is_due(const std::string& text, Duration interval, Instant now);

 private:
  std::optional<Activity::Kind> kind_;
  Instant since_{};
  std::string told_;
  Instant told_at_{};
};

}  // namespace oct
