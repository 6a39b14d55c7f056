#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <vector>

#include "base/hash.hpp"
#include "base/instant.hpp"
#include "film/contribution.hpp"
#include "master/ledger.hpp"
#include "wire/frame_id.hpp"

namespace oct {

/// Devices that may share a fault: those of a computer, but for the reference device.
using ComputerId = std::uint32_t;
inline constexpr ComputerId kReferenceDevice = 0xffffffff;

struct AuditConfig {
  double percent = 0.5;                ///< of all units, 0 = none
  std::uint64_t seed = 0;              ///< that nobody else knows
  Duration longest_wait = seconds(2);  ///< before a unit is rendered again, at random up to this
  Duration patience = seconds(4);      ///< with a device that was asked to; then the reference does it
};

/// A device's answer that has not been found right or wrong yet.
struct UndecidedAnswer {
  UnitRange units{};
  Digest sums;
  SourceId source = 0;
};

/// Two devices computed different sums of the same units: only the reference can tell which is right.
struct Disagreement {
  FrameId frame = kNoFrame;
  UnitRange units{};
};

/// Which units of which devices are rendered again elsewhere, and whether the answers agree. A device is never told,
/// and cannot guess: units are chosen after they have been merged, rendered again after a random time, and look like
/// any others. A unit is chosen with a chance of its share of all samples that its device has merged so far, itself
/// included, or with the percentage where that is more: a device that lies after a share f of its samples goes
/// unnoticed with a chance of about f, whatever the percentage, and it costs a logarithm. Pure; one thread; time is a
/// parameter.
class Auditor {
 public:
  explicit Auditor(const AuditConfig& config) : config_(config), random_(config.seed) {}

  /// A contribution of so many samples, over all its pixels, was merged. Not for those of the reference device.
  void accepted(FrameId frame, const FilmContribution& contribution, SourceId source, ComputerId computer,
                std::uint64_t samples, Instant now);

  /// Whether an answer with this many samples may be merged after audits have ended: what its source merged
  /// before was audited and agreed, nothing of it is in dispute, and this answer would not have been chosen. Always
  /// where audits are off.
  bool is_above_doubt(SourceId source, std::uint64_t samples);

  /// An answer that an earlier run chose, whatever the percentage now.
  ///   is_filled  the frame has these units, so that nobody who is given them can tell; else only the reference is
  void resume(FrameId frame, const UndecidedAnswer& answer, ComputerId computer, bool is_filled, Instant now);

  /// Units that this device may render again now, each of another computer; at most `most_samples` pixel samples,
  /// as `samples_in` counts them. `at_once`: the frame waits for nothing else.
  template <class SamplesIn>
  std::vector<UnitRange> take(FrameId frame, ComputerId computer, std::uint64_t most_samples, bool at_once,
                              SamplesIn samples_in, Instant now) {
    std::vector<UnitRange> units;
    std::uint64_t samples = 0;
    for (Audit& audit : audits_) {
      if (audit.frame != frame || audit.computer == computer || audit.state != State::waiting) continue;
      if (!at_once && now < audit.not_before) continue;
      const std::uint64_t size = samples_in(audit.units);
      if (samples + size > most_samples) continue;
      samples += size;
      audit.state = State::given_out;
      audit.since = now;
      units.push_back(audit.units);
    }
    return units;
  }

  /// What a device rendered again has come. A disagreement is the reference's to decide.
  std::optional<Disagreement> answered(FrameId frame, const FilmContribution& contribution, SourceId by);

  /// The device will not answer any more; what it has is given to others.
  void given_back(FrameId frame, UnitRange units);

  /// Audits that only the reference can do: nobody else is there, nobody took them in time (they may be too large for
  /// the others' leases), or nobody answered in time. Each is named once.
  std::vector<Disagreement> overdue(FrameId frame, bool others_can, Instant now);

  /// The reference's sums decide: the sources, merged or asked, that computed something else. Empty when all agree.
  std::vector<SourceId> decide(FrameId frame, const FilmContribution& reference);
  /// The reference cannot render: nothing can be said of these units.
  void undecided(FrameId frame, UnitRange units);

  /// A tile is rendered anew since a part of it was this source's, of which no more need be known. What others had
  /// filled there still tells of them, but nobody can be given it unnoticed: it is overdue, for the reference to decide.
  void tile_cleared(FrameId frame, std::uint32_t tile, SourceId source);
  /// It has ended: its audits mean nothing any more.
  void forget_frame(FrameId frame);

  /// What a later run would have to look at.
  std::vector<UndecidedAnswer> undecided_answers(FrameId frame) const;
  /// Units whose audit has not ended.
  std::size_t pending(FrameId frame) const;
  std::uint64_t units_chosen() const { return units_chosen_; }
  /// Whether what a frame holds may yet be found wrong: by one of its own audits, or by one of another frame, of the
  /// first `chosen_before` of all, that is of a source which filled a part of this one.
  bool may_change(FrameId frame, const Ledger& ledger, std::uint64_t chosen_before) const;
  std::uint64_t units_audited() const { return units_audited_; }  ///< agreed or decided

 private:
  enum class State { waiting, given_out, for_reference, with_reference };
  static bool is_open(State state) { return state == State::waiting || state == State::given_out; }
  struct Audit {
    FrameId frame = kNoFrame;
    UnitRange units{};
    Digest sums;               ///< as merged
    SourceId source = 0;       ///< who filled them
    ComputerId computer = 0;   ///< its
    std::uint64_t number = 0;  ///< counted as they were chosen
    State state = State::waiting;
    std::optional<SourceId> other;  ///< who computed something else,
    Digest other_sums;              ///< namely this
    Instant not_before{}, since{};
  };

  bool chosen(SourceId source, std::uint64_t samples);
  void add(FrameId frame, const UndecidedAnswer& answer, ComputerId computer, State state, Instant now);
  /// That which is not the reference's: at most one. Others of the same units are of a tile that was cleared.
  Audit* find_open(FrameId frame, UnitRange units);

  AuditConfig config_;
  std::mt19937_64 random_;
  std::vector<Audit> audits_;
  std::map<SourceId, std::uint64_t> merged_;  ///< samples of each source
  std::set<SourceId> agreed_;                 ///< whose answers were found right at least once
  std::uint64_t units_chosen_ = 0;
  std::uint64_t units_audited_ = 0;
};

}  // namespace oct
