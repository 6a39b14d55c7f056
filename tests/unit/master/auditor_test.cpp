#include "master/auditor.hpp"

#include "support/catch.hpp"
#include "support/film_maker.hpp"

using namespace oct;

namespace {

constexpr SourceId kSource = 5, kOther = 6;
constexpr ComputerId kItsComputer = 1, kOtherComputer = 2;

AuditConfig all_audited() {
  AuditConfig config;
  config.percent = 100;
  config.seed = 7;
  config.longest_wait = seconds(2);
  config.patience = seconds(4);
  return config;
}

struct AuditRig {
  explicit AuditRig(const AuditConfig& config = all_audited()) : auditor(config) {}

  FilmContribution right(UnitRange units) const { return a_contribution(settings, units); }
  FilmContribution wrong(UnitRange units, std::int64_t error = 1) const {
    FilmContribution contribution = right(units);
    contribution.sums[3] += error;
    return contribution;
  }
  void merge(const FilmContribution& contribution, SourceId source = kSource,
             ComputerId computer = kItsComputer, FrameId frame = 1) {
    auditor.accepted(frame, contribution, source, computer, Ledger(settings).samples_in(contribution.units),
                     now);
  }
  std::vector<UnitRange> take(ComputerId computer, std::uint64_t most = 1'000'000, bool at_once = true) {
    return auditor.take(
        1, computer, most, at_once, [&](UnitRange units) { return Ledger(settings).samples_in(units); }, now);
  }

  RenderSettings settings = a_setting(160, 160, 20);  // 100 tiles
  Auditor auditor;
  Instant now{};
};

constexpr UnitRange kUnits{3, 0, 1};

}  // namespace

TEST_CASE("the n-th unit of a device is audited with a chance of 1/n, the first for certain", "[master]") {
  constexpr int kRounds = 4000;
  int chosen[4] = {};
  for (int seed = 0; seed < kRounds; ++seed) {
    AuditConfig config = all_audited();
    config.percent = 0.001;
    config.seed = static_cast<std::uint64_t>(seed);
    AuditRig rig(config);
    for (std::uint32_t i = 0; i < 4; ++i) {
      const std::uint64_t before = rig.auditor.units_chosen();
      rig.merge(rig.right({i, 0, 1}));
      chosen[i] += rig.auditor.units_chosen() > before ? 1 : 0;
    }
  }
  CHECK(chosen[0] == kRounds);
  for (int n = 2; n <= 4; ++n) CHECK(chosen[n - 1] == Approx(kRounds / n).epsilon(0.1));
}

TEST_CASE("a unit of many samples is the likelier to be audited", "[master]") {
  constexpr int kRounds = 4000;
  int chosen = 0;
  for (int seed = 0; seed < kRounds; ++seed) {
    AuditConfig config = all_audited();
    config.percent = 0.001;
    config.seed = static_cast<std::uint64_t>(seed);
    AuditRig rig(config);
    for (std::uint32_t i = 0; i < 4; ++i) rig.merge(rig.right({i, 0, 1}));  // 1 sample of each pixel
    const std::uint64_t before = rig.auditor.units_chosen();
    rig.merge(rig.right({4, 1, 2}));  // 3
    chosen += rig.auditor.units_chosen() > before ? 1 : 0;
  }
  CHECK(chosen == Approx(kRounds * 3.0 / 7).epsilon(0.1));
}

TEST_CASE("each device is counted for itself", "[master]") {
  AuditConfig config = all_audited();
  config.percent = 0.001;
  AuditRig rig(config);
  for (std::uint32_t i = 0; i < 100; ++i) rig.merge(rig.right({i, 0, 1}), 100 + i);
  CHECK(rig.auditor.units_chosen() == 100);
}

TEST_CASE("the percentage is a lower bound, and none means never", "[master]") {
  AuditConfig config = all_audited();
  config.percent = 10;
  AuditRig rig(config);
  const FilmContribution contribution = rig.right(kUnits);
  for (int i = 0; i < 10'000; ++i) rig.merge(contribution);
  CHECK(rig.auditor.units_chosen() > 900);
  CHECK(rig.auditor.units_chosen() < 1150);
  config.percent = 0;
  AuditRig never(config);
  never.merge(contribution);
  CHECK(never.auditor.units_chosen() == 0);
  CHECK(never.auditor.pending(1) == 0);
}

TEST_CASE("units are rendered again after a random time, unless the frame waits for nothing else",
          "[master]") {
  AuditRig rig;
  for (std::uint32_t i = 0; i < 100; ++i) rig.merge(rig.right({i, 0, 1}));
  rig.now += seconds(1);
  const std::size_t early = rig.take(kOtherComputer, 1'000'000, false).size();
  CHECK(early > 25);
  CHECK(early < 75);
  rig.now += seconds(1);
  CHECK(rig.take(kOtherComputer, 1'000'000, false).size() == 100 - early);

  AuditRig waits;
  waits.merge(waits.right(kUnits));
  CHECK(waits.take(kOtherComputer, 1'000'000, true).size() == 1);
}

TEST_CASE("only another computer renders a unit again, once, and within its budget", "[master]") {
  AuditRig rig;
  rig.merge(rig.right({0, 0, 1}));  // 256 samples
  rig.merge(rig.right({1, 1, 2}));  // 768
  CHECK(rig.take(kItsComputer).empty());
  const auto small = rig.take(kOtherComputer, 300);
  REQUIRE(small.size() == 1);
  CHECK(small[0].tile == 0);
  CHECK(rig.take(kReferenceDevice).size() == 1);
  CHECK(rig.take(kOtherComputer).empty());
  rig.auditor.given_back(1, {1, 1, 2});
  CHECK(rig.take(kOtherComputer).at(0).tile == 1);
}

TEST_CASE("an audit that agrees has ended", "[master]") {
  AuditRig rig;
  rig.merge(rig.right(kUnits));
  rig.take(kOtherComputer);
  CHECK(rig.auditor.pending(1) == 1);
  CHECK_FALSE(rig.auditor.answered(1, rig.right(kUnits), kSource).has_value());  // not by itself
  CHECK(rig.auditor.pending(1) == 1);
  CHECK_FALSE(rig.auditor.answered(1, rig.right(kUnits), kOther).has_value());
  CHECK(rig.auditor.pending(1) == 0);
  CHECK(rig.auditor.units_audited() == 1);
}

TEST_CASE("samples that are not finite count in a comparison", "[master]") {
  AuditRig rig;
  rig.merge(rig.right(kUnits));
  rig.take(kOtherComputer);
  FilmContribution other = rig.right(kUnits);
  other.non_finite_samples = 1;
  CHECK(rig.auditor.answered(1, other, kOther).has_value());
}

TEST_CASE("the reference decides who was wrong", "[master]") {
  AuditRig rig;
  std::vector<SourceId> wrong;
  const auto decide = [&](const FilmContribution& merged, const FilmContribution& again) {
    rig.merge(merged);
    rig.take(kOtherComputer);
    const auto asked = rig.auditor.answered(1, again, kOther);
    REQUIRE(asked.has_value());
    CHECK(asked->frame == 1);
    CHECK(asked->units.tile == kUnits.tile);
    CHECK(rig.auditor.pending(1) == 1);
    CHECK(rig.take(kOtherComputer).empty());
    wrong = rig.auditor.decide(1, rig.right(kUnits));
  };
  SECTION("who filled it") {
    decide(rig.wrong(kUnits), rig.right(kUnits));
    CHECK(wrong == std::vector<SourceId>{kSource});
  }
  SECTION("who rendered it again") {
    decide(rig.right(kUnits), rig.wrong(kUnits));
    CHECK(wrong == std::vector<SourceId>{kOther});
  }
  SECTION("both") {
    decide(rig.wrong(kUnits, 1), rig.wrong(kUnits, 2));
    CHECK(wrong == std::vector<SourceId>{kSource, kOther});
  }
  CHECK(rig.auditor.pending(1) == 0);
  CHECK(rig.auditor.units_audited() == 1);
  CHECK(rig.auditor.decide(1, rig.right(kUnits)).empty());  // it is over
}

TEST_CASE("without a reference nothing can be said", "[master]") {
  AuditRig rig;
  rig.merge(rig.wrong(kUnits));
  rig.take(kOtherComputer);
  REQUIRE(rig.auditor.answered(1, rig.right(kUnits), kOther).has_value());
  rig.auditor.undecided(1, kUnits);
  CHECK(rig.auditor.pending(1) == 0);
  CHECK(rig.auditor.units_audited() == 0);
}

TEST_CASE("the reference does what nobody else can, or did in time", "[master]") {
  AuditRig rig;
  rig.merge(rig.wrong(kUnits));
  SECTION("nobody else is there") {
    CHECK(rig.auditor.overdue(1, false, rig.now).size() == 1);
  }
  SECTION("nobody took it: too large for all others, perhaps") {
    rig.now += seconds(4);
    CHECK(rig.auditor.overdue(1, true, rig.now).size() <= 1);
    rig.now += seconds(3);  // the wait is 2 s at most, the patience 4 s
    rig.auditor.overdue(1, true, rig.now);
    CHECK(rig.take(kOtherComputer).empty());
  }
  SECTION("who has it does not answer") {
    rig.take(kOtherComputer);
    rig.now += milliseconds(3900);
    CHECK(rig.auditor.overdue(1, false, rig.now).empty());
    rig.now += milliseconds(200);
    CHECK(rig.auditor.overdue(2, true, rig.now).empty());
    CHECK(rig.auditor.overdue(1, true, rig.now).size() == 1);
  }
  CHECK(rig.auditor.overdue(1, false, rig.now).empty());                        // once
  CHECK_FALSE(rig.auditor.answered(1, rig.right(kUnits), kOther).has_value());  // too late
  CHECK(rig.auditor.decide(1, rig.right(kUnits)) == std::vector<SourceId>{kSource});
}

TEST_CASE("when a tile is cleared the liar's audits there are over, the others are the reference's",
          "[master]") {
  AuditRig rig;
  rig.merge(rig.wrong({3, 0, 1}), kSource);
  rig.merge(rig.wrong({3, 1, 2}), kOther, kOtherComputer);
  rig.merge(rig.right({4, 0, 1}), kSource);
  rig.auditor.tile_cleared(1, 3, kSource);
  CHECK(rig.take(3).size() == 1);  // of the other tile
  const auto asked = rig.auditor.overdue(1, true, rig.now);
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].units.first_pass == 1);
  CHECK(rig.auditor.pending(1) == 2);

  // The same units are filled anew, and chosen again: that is another audit.
  rig.merge(rig.right({3, 1, 2}), 8, 3);
  CHECK(rig.auditor.pending(1) == 3);
  CHECK(rig.auditor.decide(1, rig.right({3, 1, 2})) == std::vector<SourceId>{kOther});
  CHECK(rig.auditor.pending(1) == 2);
  rig.take(kOtherComputer);
  CHECK_FALSE(rig.auditor.answered(1, rig.right({3, 1, 2}), kOther).has_value());
  CHECK(rig.auditor.pending(1) == 1);
}

TEST_CASE("audits end with their frame", "[master]") {
  AuditRig rig;
  rig.merge(rig.right(kUnits), kSource, kItsComputer, 1);
  rig.merge(rig.right(kUnits), kSource, kItsComputer, 2);
  rig.auditor.forget_frame(1);
  CHECK(rig.auditor.pending(1) == 0);
  CHECK(rig.auditor.pending(2) == 1);
}

TEST_CASE("a frame may change while one who filled a part of it is audited in another", "[master]") {
  AuditRig rig;
  Ledger ledger(rig.settings);
  ledger.offer(rig.right(kUnits), kSource);
  CHECK_FALSE(rig.auditor.may_change(1, ledger, 0));
  rig.merge(rig.right(kUnits), kSource, kItsComputer, 2);
  const std::uint64_t until_now = rig.auditor.units_chosen();
  CHECK(rig.auditor.may_change(1, ledger, until_now));
  CHECK_FALSE(rig.auditor.may_change(1, ledger, 0));                        // chosen after it was complete
  CHECK_FALSE(rig.auditor.may_change(1, Ledger(rig.settings), until_now));  // it filled nothing here
  CHECK(rig.auditor.may_change(2, Ledger(rig.settings), 0));                // its own
  rig.auditor.forget_frame(2);
  CHECK_FALSE(rig.auditor.may_change(1, ledger, until_now));
}

TEST_CASE("what an earlier run chose is still decided, whatever is audited now", "[master]") {
  AuditConfig config = all_audited();
  config.percent = 0;
  AuditRig earlier, rig(config);
  earlier.merge(earlier.wrong(kUnits));
  const std::vector<UndecidedAnswer> answers = earlier.auditor.undecided_answers(1);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].source == kSource);
  CHECK(earlier.auditor.undecided_answers(2).empty());

  rig.auditor.resume(1, answers[0], kItsComputer, true, rig.now);
  CHECK(rig.auditor.pending(1) == 1);
  CHECK(rig.auditor.overdue(1, true, rig.now).empty());
  CHECK(rig.take(kItsComputer).empty());
  CHECK(rig.take(kOtherComputer).size() == 1);
  REQUIRE(rig.auditor.answered(1, rig.right(kUnits), kOther).has_value());
  CHECK(rig.auditor.decide(1, rig.right(kUnits)) == std::vector<SourceId>{kSource});
}

TEST_CASE("an audit that is resumed waits before anybody is asked, like any other", "[master]") {
  AuditRig rig;
  for (std::uint32_t tile = 0; tile < 20; ++tile)
    rig.auditor.resume(1, {{tile, 0, 1}, {}, kSource}, kItsComputer, true, rig.now);
  const std::size_t at_once = rig.take(kOtherComputer, 1'000'000, false).size();
  rig.now += seconds(2);
  const std::size_t later = rig.take(kOtherComputer, 1'000'000, false).size();
  CHECK(at_once < 3);
  CHECK(at_once + later == 20);
}

TEST_CASE("only the reference is asked what the film does not hold, or is asked of another already",
          "[master]") {
  AuditRig rig;
  const UndecidedAnswer answer{{3, 0, 2}, sha256({}), kSource};
  SECTION("not in the film: whoever is given it could tell") {
    rig.auditor.resume(1, answer, kItsComputer, false, rig.now);
    CHECK(rig.take(kOtherComputer).empty());
    CHECK(rig.auditor.overdue(1, true, rig.now).size() == 1);
  }
  SECTION("units in common with another one") {
    rig.auditor.resume(1, answer, kItsComputer, true, rig.now);
    rig.auditor.resume(1, {{3, 1, 3}, {}, kOther}, kOtherComputer, true, rig.now);
    rig.auditor.resume(1, {{3, 2, 3}, {}, kOther}, kOtherComputer, true, rig.now);
    CHECK(rig.take(9).size() == 2);
    const auto asked = rig.auditor.overdue(1, true, rig.now);
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].units.first_pass == 1);
  }
  CHECK(rig.auditor.overdue(1, true, rig.now).empty());  // once
}

TEST_CASE("both of two answers that differ are undecided, and so is what waits for the reference",
          "[master]") {
  AuditRig rig;
  rig.merge(rig.right(kUnits));
  rig.take(kOtherComputer);
  REQUIRE(rig.auditor.answered(1, rig.wrong(kUnits), kOther).has_value());
  const std::vector<UndecidedAnswer> answers = rig.auditor.undecided_answers(1);
  REQUIRE(answers.size() == 2);
  CHECK(answers[0].source == kSource);
  CHECK(answers[1].source == kOther);

  AuditRig later;
  for (const UndecidedAnswer& answer : answers)
    later.auditor.resume(1, answer, kItsComputer, answer.source == kSource, later.now);
  CHECK(later.auditor.overdue(1, false, later.now).size() == 2);
  CHECK(later.auditor.decide(1, later.right(kUnits)) == std::vector<SourceId>{kOther});
  CHECK(later.auditor.pending(1) == 0);
}

TEST_CASE("what nobody audits any more is above doubt only where its source was found right", "[master]") {
  AuditConfig config = all_audited();
  config.percent = 0.001;
  AuditRig rig(config);
  const std::uint64_t samples = Ledger(rig.settings).samples_in(kUnits);
  rig.merge(rig.right(kUnits));
  REQUIRE(rig.auditor.pending(1) == 1);  // its first
  CHECK_FALSE(rig.auditor.is_above_doubt(kSource, samples));
  CHECK_FALSE(rig.auditor.is_above_doubt(kOther, samples));  // it has merged nothing
  REQUIRE(rig.take(kOtherComputer).size() == 1);
  SECTION("its answer was computed again elsewhere") {
    CHECK_FALSE(rig.auditor.answered(1, rig.right(kUnits), kOther));
    CHECK(rig.auditor.is_above_doubt(kOther, 0));
  }
  SECTION("the reference found it right, and the other wrong") {
    CHECK(rig.auditor.answered(1, rig.wrong(kUnits), kOther));
    CHECK_FALSE(rig.auditor.is_above_doubt(kSource, 0));  // nobody knows yet
    CHECK(rig.auditor.decide(1, rig.right(kUnits)) == std::vector<SourceId>{kOther});
    CHECK_FALSE(rig.auditor.is_above_doubt(kOther, 0));
  }
  CHECK(rig.auditor.is_above_doubt(kSource, 0));
  // As large as all before: every second one would have been chosen.
  int chosen = 0;
  for (int i = 0; i < 30; ++i) chosen += rig.auditor.is_above_doubt(kSource, samples << i) ? 0 : 1;
  CHECK(chosen > 5);
  CHECK(chosen < 25);
  // A new dispute ends the trust.
  rig.merge(rig.right({4, 0, 1}));
  const std::size_t pending = rig.auditor.pending(1);
  while (rig.auditor.pending(1) == pending) rig.merge(rig.right({5, 0, 1}));
  const std::vector<UnitRange> again = rig.take(kOtherComputer);
  REQUIRE_FALSE(again.empty());
  CHECK(rig.auditor.answered(1, rig.wrong(again[0]), kOther));
  CHECK_FALSE(rig.auditor.is_above_doubt(kSource, 0));
}

TEST_CASE("without audits nothing is doubted", "[master]") {
  AuditConfig config = all_audited();
  config.percent = 0;
  AuditRig rig(config);
  CHECK(rig.auditor.is_above_doubt(kSource, 1000));
}
