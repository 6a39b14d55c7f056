#include "reference/comparison.hpp"

#include <algorithm>
#include <cmath>

namespace oct::test {
namespace {

double luminance(const Image& image, std::size_t pixel) {
  const float* rgb = image.rgb.data() + 3 * pixel;
  return 0.2126 * static_cast<double>(rgb[0]) + 0.7152 * static_cast<double>(rgb[1]) +
         0.0722 * static_cast<double>(rgb[2]);
}

/// Luminance with its range compressed, so that neither fireflies nor highlights decide.
std::vector<double> compressed(const Image& image) {
  std::vector<double> values;
  double mean = 1e-9;
  for (const float value : image.rgb)
    mean += static_cast<double>(std::min(value, 100.0f)) / static_cast<double>(image.rgb.size());
  for (std::size_t i = 0; i < image.rgb.size() / 3; ++i)
    values.push_back(std::log2(1 + 4 * luminance(image, i) / mean));
  return values;
}

struct Compressed {
  std::vector<double> ours, reference;
  int width, height;
};

/// Sum of squared differences of the gradients when the reference is moved by (dx, dy).
double mismatch(const Compressed& pictures, int dx, int dy) {
  const auto at = [&](const std::vector<double>& values, int x, int y) {
    return values[static_cast<std::size_t>(y) * static_cast<std::size_t>(pictures.width) +
                  static_cast<std::size_t>(x)];
  };
  const auto step = [&](int x, int y, int right, int down) {
    const double ours = at(pictures.ours, x + right, y + down) - at(pictures.ours, x, y);
    const double reference =
        at(pictures.reference, x + dx + right, y + dy + down) - at(pictures.reference, x + dx, y + dy);
    return std::min((ours - reference) * (ours - reference), 1.0);
  };
  double sum = 0;
  for (int y = 2; y < pictures.height - 3; ++y) {
    for (int x = 2; x < pictures.width - 3; ++x) sum += step(x, y, 1, 0) + step(x, y, 0, 1);
  }
  return sum;
}

struct BlockSums {
  double reference = 0, difference = 0, squared_difference = 0;
};

BlockSums sums_of_block(const Pictures& pictures, unsigned column, unsigned row, unsigned side) {
  BlockSums sums;
  for (unsigned y = row * side; y < (row + 1) * side; ++y) {
    for (unsigned x = column * side; x < (column + 1) * side; ++x) {
      const std::size_t pixel = std::size_t{y} * pictures.ours.width + x;
      const double reference = luminance(pictures.reference, pixel);
      const double difference = luminance(pictures.ours, pixel) - reference;
      sums.reference += reference;
      sums.difference += difference;
      sums.squared_difference += difference * difference;
    }
  }
  return sums;
}

template <class Value>
std::vector<double> sorted(const std::vector<BlockDifference>& blocks, Value value) {
  std::vector<double> values;
  for (const BlockDifference& block : blocks) values.push_back(value(block));
  std::sort(values.begin(), values.end());
  return values;
}

}  // namespace

std::array<double, 2> registration(const Pictures& pictures) {
  const Compressed both{compressed(pictures.ours), compressed(pictures.reference),
                        static_cast<int>(pictures.ours.width), static_cast<int>(pictures.ours.height)};
  const double center = mismatch(both, 0, 0);
  const auto offset = [center](double before, double after) {
    return 0.5 * (before - after) / (before - 2 * center + after);
  };
  return {offset(mismatch(both, -1, 0), mismatch(both, 1, 0)),
          offset(mismatch(both, 0, -1), mismatch(both, 0, 1))};
}

std::vector<BlockDifference> block_differences(const Pictures& pictures, unsigned side) {
  const unsigned columns = pictures.ours.width / side;
  const unsigned rows = pictures.ours.height / side;
  const double pixels = static_cast<double>(side) * side;
  std::vector<BlockDifference> blocks;
  double picture_mean = 0;
  for (unsigned row = 0; row < rows; ++row) {
    for (unsigned column = 0; column < columns; ++column) {
      const BlockSums sums = sums_of_block(pictures, column, row, side);
      const double mean = sums.difference / pixels;
      const double variance = std::max(0.0, sums.squared_difference - pixels * mean * mean) / (pixels - 1);
      const double reference = sums.reference / pixels;
      blocks.push_back({column, row, reference, mean / reference, std::sqrt(variance / pixels) / reference});
      picture_mean += reference / (static_cast<double>(rows) * columns);
    }
  }
  std::erase_if(blocks, [&](const BlockDifference& b) { return !(b.reference >= 0.01 * picture_mean); });
  return blocks;
}

std::vector<double> sorted_deviations(const std::vector<BlockDifference>& blocks) {
  return sorted(blocks, [](const BlockDifference& block) { return std::abs(block.deviation); });
}

std::vector<double> sorted_errors(const std::vector<BlockDifference>& blocks) {
  return sorted(blocks, [](const BlockDifference& block) { return block.error; });
}

double quantile(const std::vector<double>& sorted, double q) {
  return sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1))];
}

double excess_over_noise(const std::vector<BlockDifference>& blocks) {
  double sum = 0;
  std::size_t count = 0;
  for (const BlockDifference& block : blocks) {
    if (!(block.error > 0)) continue;
    sum += (block.deviation / block.error) * (block.deviation / block.error);
    ++count;
  }
  return std::sqrt(sum / static_cast<double>(count));
}

}  // namespace oct::test
