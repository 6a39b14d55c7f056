#pragma once
#include <cstdint>
#include <string>

#include "base/byte_sink.hpp"
#include "film/film.hpp"
#include "film/render_key.hpp"
#include "film/unit_bits.hpp"

// The film file (.octcheck): a film with what is needed to go on with it, and to make pictures of it without
// its scene. docs/film_file.md describes the bytes. Slow (a second at 4K): a worker's job.

namespace oct {

inline constexpr std::uint32_t kFilmFileVersion = 4;

/// No film of more bytes is read where the caller does not say what there is room for.
inline constexpr std::uint64_t kMostFilmBytes = std::uint64_t{64} << 30;

/// What a film file holds beside the sums.
struct FilmFileHeader {
  std::uint32_t program_version = 0;  ///< of who wrote it, as kVersion
  FilmSource source;
  RenderSettings settings{};
  Digest film_hash;
  std::uint64_t non_finite_samples = 0;
  UnitBits units;       ///< which are in the film
  FilmHistory history;  ///< who filled them, and who may yet be found wrong

  Digest render_key() const { return oct::render_key(source, settings); }
  /// Over all pixels.
  std::uint64_t samples_merged() const { return samples_of_units(settings, units); }
  std::uint64_t samples_wanted() const;
};

struct LoadedFilmFile {
  FilmFileHeader header;
  Film film;  ///< under header.settings; Film::continue_with goes on under others
};

/// Writes a film in pieces of at most 256 kB; beside the film itself it needs less than 1 MB.
///   units    those that were merged into the film, unit_count of them
///   history  of the same moment; a film whose devices nobody can find wrong any more has none
///   errors   output; internal when the units are not those of the film, or the history is of another one
Result<void> write_film(ByteSink& sink, const FilmSource& source, const Film& film, const UnitBits& units,
                        const FilmHistory& history = {});

/// The same into a file, which has its name when it is complete (stream_file_by_renaming).
Result<void> write_film_file(const std::string& path, const FilmSource& source, const Film& film,
                             const UnitBits& units, const FilmHistory& history = {});

/// Reads and checks everything. invalid_input, with the file's name in front, for what is missing, of another
/// kind or version, torn, changed anywhere, or not possible; exhausted for films of more than
/// `most_film_bytes` in memory (32 for each pixel) or than there is room for. A film is at most 8 kB for each
/// byte of its file, and nothing is allocated before that is checked.
Result<LoadedFilmFile> read_film_file(const std::string& path,
                                      std::uint64_t most_film_bytes = kMostFilmBytes);
Result<LoadedFilmFile> read_film_file(ByteView file, std::uint64_t most_film_bytes = kMostFilmBytes);

/// The header alone, with the same care. What follows it is not looked at.
Result<FilmFileHeader> read_film_file_header(const std::string& path);
Result<FilmFileHeader> read_film_file_header(ByteView file);

/// Whether these are the first bytes of a film file.
bool is_film_file(ByteView first_bytes);

}  // namespace oct
