#pragma once
#include "film/film_file.hpp"

// The head of a film file as bytes: everything but the sums.

namespace oct {

/// Magic number, version of the format and length of the head: enough to know how much to read.
inline constexpr std::size_t kFilmFileStartBytes = 20;
inline constexpr std::size_t kDigestBytes = 32;
/// Tiles of a block, but the last: at 8 bytes a sum they are as much as is compressed at once.
inline constexpr std::uint32_t kFilmBlockTiles = 32;
/// No head is longer: the units of the largest film take 40 MB, and ranges of tiles 8 bytes each.
inline constexpr std::uint64_t kMostFilmFileHeadBytes = std::uint64_t{4} << 30;

/// The head with its own digest at the end.
Bytes film_file_head(const FilmFileHeader& header);

/// Bytes of the whole head, its digest included, from its first kFilmFileStartBytes bytes; invalid_input for
/// what is not a film file that this program reads.
Result<std::uint64_t> film_file_head_bytes(ByteView start);

/// The inverse of film_file_head; invalid_input for whatever it did not write. Messages lack the file's name.
Result<FilmFileHeader> parse_film_file_head(ByteView head);

}  // namespace oct
