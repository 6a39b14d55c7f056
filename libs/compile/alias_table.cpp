#include "compile/alias_table.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace oct {
namespace {

constexpr u64 kOne = u64{1} << 32;
constexpr std::size_t kBlock = 4096;

/// The weights as integers that sum to weights.size() * 2^32.
std::vector<u64> shares_of(std::span<const double> weights, ThreadPool& pool) {
  const std::size_t count = weights.size();
  const double total = sum_in_blocks(weights, pool);
  OCT_CHECK(total > 0);
  const double scale = static_cast<double>(count) * static_cast<double>(kOne);
  std::vector<u64> shares(count);
  pool.for_ranges(count, kBlock, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      if (weights[i] > 0) shares[i] = std::max(u64{1}, static_cast<u64>(weights[i] / total * scale));
    }
  });

  u64 sum = 0;
  u64 positive = 0;
  for (const u64 share : shares) {
    sum += share;
    positive += share > 0;
  }
  const u64 wanted = u64{count} * kOne;
  if (sum > wanted) {  // by the shares raised to 1, fewer than the largest has
    *std::max_element(shares.begin(), shares.end()) -= sum - wanted;
    return shares;
  }
  const u64 each = (wanted - sum) / positive;
  u64 left = (wanted - sum) % positive;
  for (u64& share : shares) {
    if (share == 0) continue;
    share += each + (left > 0);
    left -= left > 0;
  }
  return shares;
}

}  // namespace

double sum_in_blocks(std::span<const double> values, ThreadPool& pool) {
  const std::size_t blocks = (values.size() + kBlock - 1) / kBlock;
  std::vector<double> sums(blocks);
  pool.for_ranges(blocks, 16, [&](std::size_t begin, std::size_t end) {
    for (std::size_t block = begin; block < end; ++block) {
      const std::size_t last = std::min(values.size(), (block + 1) * kBlock);
      for (std::size_t i = block * kBlock; i < last; ++i) sums[block] += values[i];
    }
  });
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

AliasTable make_alias_table(std::span<const double> weights, ThreadPool& pool) {
  const std::size_t count = weights.size();
  OCT_CHECK(count >= 1 && count <= (u64{1} << 31));
  AliasTable table{std::vector<AliasEntry>(count), shares_of(weights, pool)};

  // Each entry has room for 2^32. One that does not fill it is topped up by one that has too much.
  std::vector<u64> left = table.shares;
  std::vector<u32> small;
  std::vector<u32> large;
  for (u32 i = 0; i < count; ++i) (left[i] < kOne ? small : large).push_back(i);
  while (!small.empty()) {
    OCT_CHECK(!large.empty());  // the shares sum to full entries
    const u32 taker = small.back();
    const u32 giver = large.back();
    small.pop_back();
    table.entries[taker] = {static_cast<u32>(left[taker]), giver};
    left[giver] -= kOne - left[taker];
    if (left[giver] < kOne) {
      large.pop_back();
      small.push_back(giver);
    }
  }
  for (const u32 full : large) table.entries[full] = {0xffffffffu, full};
  return table;
}

float AliasTable::density(std::size_t index) const {
  return static_cast<float>(static_cast<double>(shares[index]) / static_cast<double>(kOne));
}

float AliasTable::probability(std::size_t index) const {
  return static_cast<float>(static_cast<double>(shares[index]) /
                            (static_cast<double>(kOne) * static_cast<double>(shares.size())));
}

}  // namespace oct
