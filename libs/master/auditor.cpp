#include "master/auditor.hpp"

#include <algorithm>
#include <span>

namespace oct {
namespace {

Digest sums_digest(const FilmContribution& contribution) {
  Sha256 hash;
  hash.add(bytes_of(std::span<const std::int64_t>(contribution.sums)));
  hash.add(bytes_of_value(contribution.non_finite_samples));
  return hash.finish();
}

bool overlap(const UnitRange& a, const UnitRange& b) {
  return a.tile == b.tile && a.first_pass < b.last_pass && b.first_pass < a.last_pass;
}

bool is_same(const UnitRange& a, const UnitRange& b) {
  return a.tile == b.tile && a.first_pass == b.first_pass && a.last_pass == b.last_pass;
}

}  // namespace

void Auditor::accepted(FrameId frame, const FilmContribution& contribution, SourceId source,
                       ComputerId computer, std::uint64_t samples, Instant now) {
  if (config_.percent <= 0 || !chosen(source, samples)) return;
  add(frame, {contribution.units, sums_digest(contribution), source}, computer, State::waiting, now);
}

bool Auditor::is_above_doubt(SourceId source, std::uint64_t samples) {
  if (config_.percent <= 0) return true;
  const bool in_dispute = std::ranges::any_of(audits_, [&](const Audit& audit) {
    return audit.other && (audit.source == source || *audit.other == source);
  });
  return agreed_.contains(source) && !in_dispute && !chosen(source, samples);
}

void Auditor::resume(FrameId frame, const UndecidedAnswer& answer, ComputerId computer, bool is_filled,
                     Instant now) {
  const bool is_free = std::none_of(audits_.begin(), audits_.end(), [&](const Audit& audit) {
    return audit.frame == frame && is_open(audit.state) && overlap(audit.units, answer.units);
  });
  add(frame, answer, computer, is_filled && is_free ? State::waiting : State::for_reference, now);
}

void Auditor::add(FrameId frame, const UndecidedAnswer& answer, ComputerId computer, State state,
                  Instant now) {
  Audit audit;
  audit.frame = frame;
  audit.units = answer.units;
  audit.sums = answer.sums;
  audit.source = answer.source;
  audit.computer = computer;
  audit.state = state;
  audit.number = units_chosen_++;
  const auto wait = static_cast<std::uint64_t>(std::max<Duration::rep>(1, config_.longest_wait.count()));
  audit.not_before = now + Duration(static_cast<Duration::rep>(random_() % wait));
  audits_.push_back(audit);
}

bool Auditor::chosen(SourceId source, std::uint64_t samples) {
  constexpr double kRange = 18446744073709551616.0;  // 2^64
  const double share = static_cast<double>(samples) / static_cast<double>(merged_[source] += samples);
  const double chance = std::max(config_.percent / 100, share);
  return static_cast<double>(random_()) < chance * kRange;
}

std::optional<Disagreement> Auditor::answered(FrameId frame, const FilmContribution& contribution,
                                              SourceId by) {
  Audit* audit = find_open(frame, contribution.units);
  if (audit == nullptr || audit->source == by) return std::nullopt;
  const Digest sums = sums_digest(contribution);
  if (sums == audit->sums) {
    ++units_audited_;
    agreed_.insert({audit->source, by});
    audits_.erase(audits_.begin() + (audit - audits_.data()));
    return std::nullopt;
  }
  audit->state = State::with_reference;
  audit->other = by;
  audit->other_sums = sums;
  return Disagreement{frame, audit->units};
}

void Auditor::given_back(FrameId frame, UnitRange units) {
  Audit* audit = find_open(frame, units);
  if (audit != nullptr) audit->state = State::waiting;
}

std::vector<Disagreement> Auditor::overdue(FrameId frame, bool others_can, Instant now) {
  std::vector<Disagreement> asked;
  for (Audit& audit : audits_) {
    if (audit.frame != frame || audit.state == State::with_reference) continue;
    const Instant since = audit.state == State::given_out ? audit.since : audit.not_before;
    const bool somebody_may = is_open(audit.state) && (others_can || audit.state == State::given_out);
    if (somebody_may && now - since < config_.patience) continue;
    audit.state = State::with_reference;
    asked.push_back({frame, audit.units});
  }
  return asked;
}

std::vector<SourceId> Auditor::decide(FrameId frame, const FilmContribution& reference) {
  std::vector<SourceId> wrong;
  const Digest sums = sums_digest(reference);
  std::erase_if(audits_, [&](const Audit& audit) {
    if (audit.frame != frame || audit.state != State::with_reference ||
        !is_same(audit.units, reference.units))
      return false;
    const auto judge = [&](SourceId answered, const Digest& its_sums) {
      if (its_sums != sums) wrong.push_back(answered);
      if (its_sums == sums) agreed_.insert(answered);
    };
    judge(audit.source, audit.sums);
    if (audit.other) judge(*audit.other, audit.other_sums);
    ++units_audited_;
    return true;
  });
  return wrong;
}

void Auditor::undecided(FrameId frame, UnitRange units) {
  std::erase_if(audits_, [&](const Audit& audit) {
    return audit.frame == frame && audit.state == State::with_reference && is_same(audit.units, units);
  });
}

void Auditor::tile_cleared(FrameId frame, std::uint32_t tile, SourceId source) {
  const auto is_of_tile = [&](const Audit& audit) {
    return audit.frame == frame && audit.units.tile == tile;
  };
  std::erase_if(audits_, [&](const Audit& audit) { return is_of_tile(audit) && audit.source == source; });
  for (Audit& audit : audits_) {
    if (is_of_tile(audit) && is_open(audit.state)) audit.state = State::for_reference;
  }
}

void Auditor::forget_frame(FrameId frame) {
  std::erase_if(audits_, [&](const Audit& audit) { return audit.frame == frame; });
}

std::vector<UndecidedAnswer> Auditor::undecided_answers(FrameId frame) const {
  std::vector<UndecidedAnswer> answers;
  for (const Audit& audit : audits_) {
    if (audit.frame != frame) continue;
    answers.push_back({audit.units, audit.sums, audit.source});
    if (audit.other) answers.push_back({audit.units, audit.other_sums, *audit.other});
  }
  return answers;
}

std::size_t Auditor::pending(FrameId frame) const {
  return static_cast<std::size_t>(std::count_if(audits_.begin(), audits_.end(),
                                                [&](const Audit& audit) { return audit.frame == frame; }));
}

bool Auditor::may_change(FrameId frame, const Ledger& ledger, std::uint64_t chosen_before) const {
  return std::any_of(audits_.begin(), audits_.end(), [&](const Audit& audit) {
    return audit.frame == frame || (audit.number < chosen_before && ledger.has_part(audit.source));
  });
}

Auditor::Audit* Auditor::find_open(FrameId frame, UnitRange units) {
  const auto found = std::find_if(audits_.begin(), audits_.end(), [&](const Audit& audit) {
    return audit.frame == frame && is_open(audit.state) && is_same(audit.units, units);
  });
  return found == audits_.end() ? nullptr : &*found;
}

}  // namespace oct
