#include "film/film_file.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "base/version.hpp"
#include "film/film_file_head.hpp"
#include "film/sum_planes.hpp"
#include "wire/compression.hpp"

// Writing. The sums follow the head in blocks of whole tiles, each of which is compressed on its own.

namespace oct {

std::uint64_t FilmFileHeader::samples_wanted() const {
  return std::uint64_t{settings.width} * settings.height * settings.samples_per_pixel;
}

namespace {

/// Passes bytes on, and hashes them.
class HashingSink {
 public:
  explicit HashingSink(ByteSink& sink) : sink_(sink) {}

  Result<void> write(ByteView bytes) {
    hash_.add(bytes);
    return sink_.write(bytes);
  }
  /// The digest over everything, as the last bytes of the file.
  Result<void> finish() {
    const Digest digest = hash_.finish();
    return sink_.write(bytes_of_value(digest));
  }

 private:
  ByteSink& sink_;
  Sha256 hash_;
};

/// Tiles [first, last) as they stand in the file.
Bytes film_block(const Film& film, std::uint32_t first, std::uint32_t last) {
  Bytes block, planes;
  for (std::uint32_t tile = first; tile < last; ++tile) {
    const std::vector<std::int64_t> sums = film.tile_sums(tile);
    const std::uint32_t width = bytes_needed(sums);
    block.push_back(static_cast<std::byte>(width));
    append_planes(sums, width, planes);
  }
  const PackedBytes packed = pack_bytes(std::move(planes), kAllCompressions);
  block.push_back(static_cast<std::byte>(packed.compression));
  const auto size = static_cast<std::uint32_t>(packed.bytes.size());
  const ByteView size_bytes = bytes_of_value(size);
  block.insert(block.end(), size_bytes.begin(), size_bytes.end());
  block.insert(block.end(), packed.bytes.begin(), packed.bytes.end());
  return block;
}

}  // namespace

Result<void> write_film(ByteSink& sink, const FilmSource& source, const Film& film, const UnitBits& units,
                        const FilmHistory& history) {
  const RenderSettings& settings = film.settings();
  if (units.size() != unit_count(settings) || tile_samples_of(settings, units) != film.tile_samples())
    return fail(ErrorKind::internal, "the film holds other units than the ledger");
  if (!check_history(settings, history))
    return fail(ErrorKind::internal, "the film holds other tiles than its devices filled");
  FilmFileHeader header;
  header.program_version = kVersion;
  header.source = source;
  header.settings = settings;
  header.film_hash = film.hash();
  header.non_finite_samples = film.non_finite_samples();
  header.units = units;
  header.history = history;
  HashingSink out(sink);
  OCT_TRY(out.write(film_file_head(header)));
  const std::uint32_t tiles = tile_count(settings);
  for (std::uint32_t first = 0; first < tiles; first += kFilmBlockTiles)
    OCT_TRY(out.write(film_block(film, first, std::min(tiles, first + kFilmBlockTiles))));
  return out.finish();
}

Result<void> write_film_file(const std::string& path, const FilmSource& source, const Film& film,
                             const UnitBits& units, const FilmHistory& history) {
  return stream_file_by_renaming(
      path, [&](ByteSink& sink) { return write_film(sink, source, film, units, history); });
}

}  // namespace oct
