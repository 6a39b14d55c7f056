#pragma once
#include <array>
#include <vector>

#include "film/image.hpp"

// Holds a picture against that of another renderer: where things are, and how much light is there. Both
// pictures are noisy, so a difference is told together with its standard error, and that is measured from the
// pictures themselves.

namespace oct::test {

/// Two pictures of the same size.
struct Pictures {
  Image ours, reference;
};

/// How far the reference seems to be shifted against ours, in pixels to the right and down: the vertex of the
/// parabola through the mismatch of gradients at shifts of -1, 0 and 1. Good to a few hundredths of a pixel.
std::array<double, 2> registration(const Pictures& pictures);

/// Luminance of one block of pixels.
struct BlockDifference {
  unsigned column, row;  ///< of the block
  double reference;      ///< mean over the block
  double deviation;      ///< ours / reference - 1
  /// One standard error of the deviation, both pictures' noise included: the scatter of the differences of
  /// the block's pixels (whose noise is independent) over the root of their number. It assumes nothing about
  /// the shading, since both pictures show the same; what differs from pixel to pixel only makes it larger.
  double error;
};

/// Blocks of side x side pixels in rows; the rest at the right and the bottom is left out, as are blocks
/// darker than 1 % of the picture's mean.
std::vector<BlockDifference> block_differences(const Pictures& pictures, unsigned side);

/// Deviations without their signs, sorted.
std::vector<double> sorted_deviations(const std::vector<BlockDifference>& blocks);
/// Standard errors, sorted.
std::vector<double> sorted_errors(const std::vector<BlockDifference>& blocks);
/// The value below which a share q of the sorted values lies.
double quantile(const std::vector<double>& sorted, double q);

/// Root mean square of deviation / error: 1 where two pictures differ by their noise alone, more where one is
/// brighter in many places, even by less than the noise of a block.
double excess_over_noise(const std::vector<BlockDifference>& blocks);

}  // namespace oct::test
