#pragma once
#include <string>

#include "film/picture_rows.hpp"
#include "film/tone_map.hpp"

namespace oct {

/// The exposure that shows a scene-linear picture well: a pure function of its pixels, to three digits, so that typing it
/// gives the same picture. The mean of the logarithms of luminance, between the 10th and the 95th in a hundred of the pixels
/// that are not black, becomes 0.18, or up to 16 times less so that the 95th is no more than 1. 1 for a black picture.
float auto_exposure(const PictureRows& scene);

/// The tone map with a number in place of "auto".
ToneMap settled(const ToneMap& tone_map, const PictureRows& scene);

/// As it is typed.
std::string exposure_text(float exposure);

/// Whether people would see next to nothing: 90 % of the pixels display as white.
bool is_almost_white(const PictureRows& scene, const ToneMap& tone_map, ThreadPool* pool = nullptr);

}  // namespace oct
