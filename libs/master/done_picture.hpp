#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.hpp"
#include "film/picture_file.hpp"

// Whether a frame need not be rendered because its pictures are there. What they are pictures of stands in their files.

namespace oct {

/// What a finished picture of a frame says of itself.
struct WantedPicture {
  Digest render_key;
  std::uint32_t samples_per_pixel = 0;  ///< the most, with a rule
  ToneMap tone_map;                     ///< as the user asked for it
  std::string until = {};               ///< stop_rule_text
};

using PictureTexts = std::vector<std::pair<std::string, std::string>>;

/// The film hash in the texts of a picture file (inspect_picture), if it is the picture that `output` asks for: of the same
/// render key and samples, in the same format with the same types, shown with the same exposure and curve. Pure.
std::optional<std::string> film_hash_if_wanted(const PictureTexts& texts, const PictureOutput& output,
                                               const WantedPicture& wanted);

/// What finished pictures of a frame have in common.
struct DonePicture {
  std::string film_hash;
  std::uint32_t samples_per_pixel = 0;  ///< on average
};

/// That of these files, when each is there, whole and as wanted. Decodes them: a worker's job.
std::optional<DonePicture> find_done(const std::vector<PictureOutput>& outputs, const WantedPicture& wanted);

/// Whether all these files are there and the frame has no checkpoint, as one that was interrupted has. Looks at names only.
bool all_are_there(const std::vector<PictureOutput>& outputs, const std::string& checkpoint);

}  // namespace oct
