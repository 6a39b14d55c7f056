#include "compile/alias_table.hpp"

#include <cmath>

#include "support/catch.hpp"
#include "support/random.hpp"

using namespace oct;
using namespace oct::test;

namespace {

constexpr u64 kOne = u64{1} << 32;

/// How often each index is drawn, counted from the table as a device reads it.
std::vector<u64> shares_by_reading(const std::vector<AliasEntry>& table) {
  std::vector<u64> shares(table.size());
  for (u32 i = 0; i < table.size(); ++i) {
    const u64 kept = table[i].alias == i ? kOne : table[i].threshold;
    shares[i] += kept;
    shares[table[i].alias] += kOne - kept;
  }
  return shares;
}

AliasTable table_of(const std::vector<double>& weights, unsigned threads = 1) {
  ThreadPool pool(threads);
  return make_alias_table(weights, pool);
}

void check_table(const std::vector<double>& weights) {
  const AliasTable table = table_of(weights);
  REQUIRE(table.entries.size() == weights.size());
  CHECK(shares_by_reading(table.entries) == table.shares);
  double total = 0;
  for (const double weight : weights) total += weight;
  u64 sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    sum += table.shares[i];
    CHECK((table.shares[i] > 0) == (weights[i] > 0));
    const double ideal = weights[i] / total * static_cast<double>(weights.size()) * static_cast<double>(kOne);
    // one unit of rounding, a unit of the remainder, and the roundings of double
    CHECK(std::abs(static_cast<double>(table.shares[i]) - ideal) <= 2 + 1e-12 * ideal);
  }
  CHECK(sum == weights.size() * kOne);
}

}  // namespace

TEST_CASE("an alias table draws each index as often as its weight asks, to within a unit", "[compile]") {
  check_table({1});
  check_table({1, 1});
  check_table({3, 1});
  check_table({1, 0, 0, 7});
  check_table({0, 0, 1});
  check_table({1e-300, 2e-300, 3e-300});
  check_table({1e300, 2e300});
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    std::vector<double> weights(1 + random.below(3000));
    for (double& weight : weights) {
      weight = random.chance(0.2) ? 0
                                  : static_cast<double>(random.below(1000000)) *
                                        std::ldexp(1.0, static_cast<int>(random.below(12)));
    }
    weights[random.below(weights.size())] = 1;
    check_table(weights);
  }
}

TEST_CASE("whatever has a weight can be drawn, however small beside the others", "[compile]") {
  std::vector<double> weights(5000, 1e-30);
  weights[3] = 1;
  const AliasTable table = table_of(weights);
  CHECK(shares_by_reading(table.entries) == table.shares);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    REQUIRE(table.shares[i] > 0);
    REQUIRE(table.density(i) > 0);
    REQUIRE(table.probability(i) > 0);
  }
  CHECK(table.probability(3) > 0.999f);
}

TEST_CASE("an alias table does not depend on the number of threads", "[compile]") {
  Random random(5);
  std::vector<double> weights(50000);
  for (double& weight : weights) weight = static_cast<double>(random.next() >> 20) * 1.1;
  const AliasTable one = table_of(weights, 1);
  for (const unsigned threads : {2u, 7u}) {
    const AliasTable several = table_of(weights, threads);
    CHECK(several.shares == one.shares);
    const bool same = std::equal(
        one.entries.begin(), one.entries.end(), several.entries.begin(),
        [](AliasEntry a, AliasEntry b) { return a.threshold == b.threshold && a.alias == b.alias; });
    CHECK(same);
  }
}

TEST_CASE("densities average one and probabilities sum to one", "[compile]") {
  const AliasTable table = table_of({1, 2, 3, 4, 0, 6});
  double density = 0;
  double probability = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    density += static_cast<double>(table.density(i));
    probability += static_cast<double>(table.probability(i));
  }
  CHECK(density == Approx(6).epsilon(1e-6));
  CHECK(probability == Approx(1).epsilon(1e-6));
  CHECK(table.probability(5) == Approx(6.0 / 16).epsilon(1e-6));
}
