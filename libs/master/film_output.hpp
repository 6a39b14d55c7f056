#pragma once
#include <optional>
#include <string>
#include <vector>

#include "film/film_file.hpp"
#include "film/picture_file.hpp"

namespace oct {

/// What was made of a film.
struct PictureResult {
  std::vector<std::string> written;
  std::vector<Error> errors;  ///< of files that could not be written
  bool almost_black = false;  ///< as it would be displayed
};

/// Writes every output, a few rows at a time; the texts of `metadata` are those of the film. A worker's job.
PictureResult write_outputs(const Film& film, const ToneMap& tone_map,
                            const std::vector<PictureOutput>& outputs, const PictureMetadata& metadata);

/// How a frame ended, for what is to be written of it.
struct FrameEnding {
  FilmSource source;
  ToneMap tone_map;
  std::vector<PictureOutput> outputs;
  FilmUnits units;
  bool complete = false;
  std::string checkpoint;  ///< where the film file lies, or would
};

/// What became of a frame's film.
struct FilmResult {
  PictureResult pictures;
  Digest film_hash;
  std::uint64_t non_finite_samples = 0;
  std::string film_file;            ///< the film is in this file; empty: nowhere but in the pictures
  std::uint64_t samples_kept = 0;   ///< that this file holds: as many as the film, or more
  std::optional<Error> film_error;  ///< it could not be kept anywhere
};

/// Writes the pictures; and the film, unless everything of it is in them: when samples are missing, or a picture could
/// not be written. The film file lies where the checkpoint does, else in the folder for temporary files. Where nothing
/// is missing the checkpoint goes. A worker's job.
FilmResult end_frame_film(const Film& film, const FrameEnding& ending);

}  // namespace oct
