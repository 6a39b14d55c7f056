#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "film/film_file.hpp"
#include "film/picture_file.hpp"

namespace oct {

/// What was made of a film.
struct PictureResult {
  std::vector<std::string> written;
  std::vector<Error> errors;                        ///< of files that could not be written
  bool almost_black = false, almost_white = false;  ///< as it would be displayed
  float exposure = 1;                               ///< applied
  std::optional<float> better_exposure;  ///< of a picture that is almost black or white, if one shows more
};

/// Writes every output, a few rows at a time; the texts of `metadata` are those of the film. A worker's job.
///   threads  that encode pictures, 0 = all
PictureResult write_outputs(const PictureRows& picture, const ToneMap& wanted,
                            const std::vector<PictureOutput>& outputs, const PictureMetadata& metadata,
                            unsigned threads = 0);

/// How a frame ended, for what is to be written of it.
struct FrameEnding {
  FilmSource source;
  ToneMap tone_map;
  std::vector<PictureOutput> outputs;
  FilmUnits units;
  bool complete = false;
  std::string
      until;  ///< the rule that ended it (stop_rule_text); empty: every pixel has all samples asked for
  /// A picture of a film that lacks samples is written only where the film cannot be kept: a name says that it is done.
  bool only_complete_pictures = false;
  unsigned threads = 0;    ///< that encode pictures, 0 = all
  std::string checkpoint;  ///< where the film file lies, or would
  /// What it holds more of proved to be wrong, so that it is replaced by less.
  bool is_checkpoint_outdated = false;
  /// One more film file that is of no use when nothing is missing, should it be of this render; empty: none.
  std::string older_checkpoint;
  /// Whether the program may be ended at any moment. Asked while pictures are written, on the worker's thread; empty: no.
  std::function<bool()> is_urgent;
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
/// not be written (of an unfinished frame see only_complete_pictures). While a picture may wait for its reader, or it is urgent, the film is kept, too. The film file lies
/// where the checkpoint does, else in the folder for temporary files. Where nothing is missing film files of this render
/// go, unless they hold more samples. A worker's job.
FilmResult end_frame_film(const Film& film, const FrameEnding& ending);

}  // namespace oct
