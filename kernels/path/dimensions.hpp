#pragma once
#include "data/types.hpp"

// The fixed allocation of random numbers: which dimension of a sample's Sobol point decides what. A path
// never reads another dimension, so that samples stay well distributed however long their neighbours live.
// Pairs begin at even dimensions: those are stratified together.

namespace oct {

/// Of the camera ray.
enum CameraDimension : u32 {
  kDimensionPixel = 0,  ///< pair: where in the pixel
  kDimensionLens = 2,   ///< pair: where on the lens
  kCameraDimensions = 4,
};

/// Of each scattering, counted from bounce_dimension(depth).
enum BounceDimension : u32 {
  kDimensionTexture =
      0,  ///< pair: which texel a lookup takes, of a surface or of the environment it misses to
  kDimensionLightPoint = 2,     ///< pair: where on the light
  kDimensionBsdf = 4,           ///< pair: direction of the next ray
  kDimensionLightChoice = 6,    ///< which light
  kDimensionLobe = 7,           ///< which lobe of the BSDF
  kDimensionRoulette = 8,       ///< whether the path goes on
  kDimensionChannel = 9,        ///< which channel goes on where glass disperses
  kDimensionLightTexture = 10,  ///< pair: which texel of a light
  kBounceDimensions = 12,
};

}  // namespace oct

namespace oct::inline OCT_ISA {

/// First dimension of the vertex after `depth` scatterings.
OCT_HD u32 bounce_dimension(u32 depth) {
  return kCameraDimensions + kBounceDimensions * depth;
}

}  // namespace oct::inline OCT_ISA
