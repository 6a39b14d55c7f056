#pragma once
#include <span>
#include <vector>

#include "base/thread_pool.hpp"
#include "data/types.hpp"

namespace oct {

/// Walker's alias table over integers.
struct AliasTable {
  std::vector<AliasEntry> entries;
  /// How often the table draws each index, exactly, in units of 2^-32 / entries.size(); they sum to that
  /// times 2^32.
  std::vector<u64> shares;

  /// Probability of an index.
  float probability(std::size_t index) const;
  /// Probability of an index times the number of entries.
  float density(std::size_t index) const;
};

/// Draws index i with probability weights[i] / sum, to within the rounding of shares to integers; whatever
/// has a weight can be drawn, whatever has none cannot.
///   weights  1 to 2^31 finite values >= 0, at least one positive
///   source   Vose 1991, in integers, so that nothing is lost on the way
AliasTable make_alias_table(std::span<const double> weights, ThreadPool& pool);

/// Sum by blocks of a fixed size, so that it does not depend on the number of threads.
double sum_in_blocks(std::span<const double> values, ThreadPool& pool);

}  // namespace oct
