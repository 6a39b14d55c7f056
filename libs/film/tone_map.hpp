#pragma once
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "film/image.hpp"

// From scene-linear light to a display's code values: exposure, curve, sRGB. Own arithmetic throughout, so
// that the same film gives the same file everywhere.

namespace oct {

enum class ToneCurve {
  none,    ///< clipped at 1
  filmic,  ///< Hable 2010 ("Uncharted 2"), white at 11.2
  aces,    ///< Hill's fit of the ACES 1.0 RRT and sRGB ODT
  agx,     ///< AgX base look (Sobotka 2022), sigmoid fitted by Wrensch
};

/// invalid_input lists the names.
Result<ToneCurve> tone_curve_from_text(std::string_view text);
const char* to_string(ToneCurve curve);

struct ToneMap {
  float exposure = 1;  ///< linear factor, 1 = unchanged
  ToneCurve curve = ToneCurve::none;
  bool auto_exposure =
      false;  ///< the finished picture decides (film/exposure.hpp); what is mapped here has a number
};

/// Exposure and curve applied: display-linear Rec.709 in [0, 1]. A NaN gives 0.
Image tone_mapped(const Image& image, const ToneMap& tone_map);

/// Pixels that reach code value 10 of 255 in one channel as they are displayed.
std::uint64_t bright_pixels(const Image& image, const ToneMap& tone_map);

/// Pixels of which every channel displays at code value 250 of 255 or above.
std::uint64_t white_pixels(const Image& image, const ToneMap& tone_map);

/// IEC 61966-2-1 encoding of display-linear values, rounded to the nearest of 2^bits - 1 steps; bits is 8
/// or 16.
std::vector<std::uint16_t> srgb_code_values(const Image& display_linear, int bits);

}  // namespace oct
