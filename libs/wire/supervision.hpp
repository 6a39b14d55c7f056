#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

// What a daemon and its slave say through the two pipes between them, a line each. The end of the slave's input is the
// word to leave. Lines that are none of these are for people, or of another release: they are passed over.

namespace oct {

// daemon -> slave.

/// Let go of the master, keep the scenes, and answer with SlaveRests. Asked again at rest it is answered again: a sign of
/// life.
struct RestWord {
  friend bool operator==(const RestWord&, const RestWord&) = default;
};
/// Connect there. Only a slave at rest is told. Numbered from 1 for each process, so that an answer which was on its way is
/// not taken for a later one; number 0 is the master of its command line.
struct MasterWord {
  std::uint64_t number = 0;
  std::string address;  ///< numeric
  std::uint16_t port = 0;
  friend bool operator==(const MasterWord&, const MasterWord&) = default;
};
using DaemonWord = std::variant<RestWord, MasterWord>;

// slave -> daemon.

/// Each second while it is not at rest.
struct SlaveProgress {
  std::uint64_t progress = 0;
  friend bool operator==(const SlaveProgress&, const SlaveProgress&) = default;
};
/// It has no master, and does nothing until it is told of one.
struct SlaveRests {
  std::uint64_t number = 0;  ///< of the master that it let go
  int code = 0;              ///< with which it would have ended: done, or network
  /// Memory of its GPUs that nobody uses, on the one with the least; nothing without GPUs.
  std::optional<std::uint64_t> free_gpu_bytes;
  friend bool operator==(const SlaveRests&, const SlaveRests&) = default;
};
using SlaveWord = std::variant<SlaveProgress, SlaveRests>;

/// Longer lines are none of a daemon's.
constexpr std::size_t kMaxDaemonWordBytes = 200;

std::string line_of(const DaemonWord& word);
std::string line_of(const SlaveWord& word);

/// Nothing for any other line.
std::optional<DaemonWord> daemon_word_of(std::string_view line);
std::optional<SlaveWord> slave_word_of(std::string_view line);

}  // namespace oct
