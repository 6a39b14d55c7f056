#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "net/address.hpp"
#include "slave/slave_news.hpp"

namespace oct {

/// One look at a master's address file.
struct AddressReading {
  enum class Kind {
    gone,        ///< there is no such file
    unreadable,  ///< nobody can tell: a server that is away, a file that was just replaced, missing rights
    read,
  };
  Kind kind = Kind::gone;
  std::string text;  ///< what it says; of an unreadable one why
  std::filesystem::file_time_type written{};
};

/// Never waits for a FIFO; a server that is away may keep it for minutes.
AddressReading read_address_file(const std::filesystem::path& path);

/// What looks at the file mean, one each second: which master a slave has, and when there is none any more. On network
/// drives files are seen late, half-written, and as if they were gone while they are replaced: so what matters counts
/// only when it is seen twice. Pure.
class AddressFollower {
 public:
  struct Step {
    std::optional<Endpoint> master;  ///< the file was written, and names this one
    bool is_over = false;            ///< it was there, and is gone; told once
    std::optional<SlaveNews> news;
  };

  explicit AddressFollower(std::string file) : file_(std::move(file)) {}

  Step on(const AddressReading& reading, Instant now);

 private:
  void on_gone(Step& step);
  void on_unreadable(const std::string& why, Step& step);
  void on_text(const AddressReading& reading, Step& step);
  void remind(Instant now, Step& step);

  std::string file_;
  std::optional<Endpoint> master_;  ///< that it named last
  std::filesystem::file_time_type written_{};
  std::string last_text_;                           ///< of the look before
  std::optional<std::string> warned_of_;            ///< content that was not understood
  unsigned times_gone_ = 0, times_unreadable_ = 0;  ///< in a row
  std::optional<Instant> began_, reminded_;
};

}  // namespace oct
