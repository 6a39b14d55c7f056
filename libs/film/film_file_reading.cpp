#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <memory>
#include <new>
#include <system_error>

#include "base/file.hpp"
#include "base/private_file.hpp"
#include "film/film_file.hpp"
#include "film/film_file_head.hpp"
#include "film/sum_planes.hpp"
#include "wire/compression.hpp"

// Reading film files: bytes that are not trusted. Nothing is allocated for more than the file can hold.

namespace oct {
namespace {

/// The bytes of a film file in order, with their hash.
class FilmFileBytes {
 public:
  /// Fills the buffer from the file as far as it reaches; returns how many bytes there were.
  using Read = std::function<std::size_t(std::span<std::byte>)>;

  FilmFileBytes(Read read, std::uint64_t size) : read_(std::move(read)), left_(size) {}

  std::uint64_t left() const { return left_; }

  /// The next `size` bytes, hashed; checked against what is left before they are allocated.
  Result<Bytes> take(std::uint64_t size) {
    OCT_TRY_ASSIGN(Bytes bytes, take_unhashed(size));
    hash_.add(bytes);
    return bytes;
  }
  Result<Bytes> take_unhashed(std::uint64_t size) {
    if (size > left_) return fail(ErrorKind::invalid_input, "is cut off");
    Bytes bytes(static_cast<std::size_t>(size));
    if (read_(bytes) != bytes.size()) return fail(ErrorKind::invalid_input, "cannot be read to its end");
    left_ -= size;
    return bytes;
  }
  Digest finish() { return hash_.finish(); }

 private:
  Read read_;
  std::uint64_t left_;
  Sha256 hash_;
};

Result<FilmFileHeader> take_head(FilmFileBytes& bytes) {
  OCT_TRY_ASSIGN(Bytes head, bytes.take(std::min<std::uint64_t>(bytes.left(), kFilmFileStartBytes)));
  OCT_TRY_ASSIGN(const std::uint64_t length, film_file_head_bytes(head));
  OCT_TRY_ASSIGN(const Bytes rest, bytes.take(length - head.size()));
  head.insert(head.end(), rest.begin(), rest.end());
  return parse_film_file_head(head);
}

std::uint32_t pixels_of(const RenderSettings& settings, std::uint32_t tile) {
  return pixel_count(tile_rect(settings, tile));
}

/// An empty film, if it may be as large as that.
Result<Film> film_for(const FilmFileHeader& header, std::uint64_t bytes_left, std::uint64_t most_bytes) {
  const RenderSettings& settings = header.settings;
  const std::uint64_t tiles = tile_count(settings);
  const std::uint64_t blocks = (tiles + kFilmBlockTiles - 1) / kFilmBlockTiles;
  if (bytes_left < tiles + 5 * blocks + kDigestBytes) return fail(ErrorKind::invalid_input, "is cut off");
  const std::uint64_t bytes = std::uint64_t{settings.width} * settings.height * kFilmChannels * 8 + tiles * 4;
  const auto too_large = [&] {
    return fail(ErrorKind::exhausted, fmt::format("a film of {} x {} pixels needs {} MB of memory",
                                                  settings.width, settings.height, bytes / 1'000'000));
  };
  if (bytes > most_bytes) return too_large();
  try {
    return Film(settings);
  } catch (const std::bad_alloc&) {
    return too_large();
  }
}

Result<void> check_sums(const RenderSettings& settings, std::span<const std::int64_t> sums,
                        std::uint32_t samples) {
  const std::int64_t limit = largest_sum(settings, samples);
  if (std::any_of(sums.begin(), sums.end(), [&](std::int64_t sum) { return sum < 0 || sum > limit; }))
    return fail(ErrorKind::invalid_input, "holds sums that are not possible");
  return {};
}

/// Reads tiles [first, last) into the film.
Result<void> take_block(FilmFileBytes& bytes, Film& film, const std::vector<std::uint32_t>& tile_samples,
                        std::uint32_t first, std::uint32_t last) {
  const RenderSettings settings = film.settings();
  OCT_TRY_ASSIGN(const Bytes start, bytes.take(last - first + 5));
  std::size_t raw_bytes = 0;
  for (std::uint32_t tile = first; tile < last; ++tile) {
    const auto width = std::to_integer<std::size_t>(start[tile - first]);
    if (width > 8) return fail(ErrorKind::invalid_input, "holds sums of more than 8 bytes");
    raw_bytes += width * pixels_of(settings, tile) * kFilmChannels;
  }
  const auto compression = std::to_integer<std::uint32_t>(start[last - first]);
  const auto packed_bytes = load<std::uint32_t>(start.data() + (last - first) + 1);
  if (compression > static_cast<std::uint32_t>(Compression::zstd) || packed_bytes > kMaxPayloadBytes)
    return fail(ErrorKind::invalid_input, "holds a block that cannot be");
  OCT_TRY_ASSIGN(const Bytes packed, bytes.take(packed_bytes));
  auto raw = decompress(static_cast<Compression>(compression), packed, raw_bytes);
  if (!raw) return fail(ErrorKind::invalid_input, "is damaged: " + raw.error().message);
  ByteView rest = *raw;
  for (std::uint32_t tile = first; tile < last; ++tile) {
    const auto width = std::to_integer<std::uint32_t>(start[tile - first]);
    std::vector<std::int64_t> sums(std::size_t{pixels_of(settings, tile)} * kFilmChannels, 0);
    read_planes(rest.first(sums.size() * width), width, sums);
    rest = rest.subspan(sums.size() * width);
    OCT_TRY(check_sums(settings, sums, tile_samples[tile]));
    film.set_tile(tile, tile_samples[tile], sums);
  }
  return {};
}

Result<LoadedFilmFile> take_film(FilmFileBytes& bytes, std::uint64_t most_film_bytes) {
  OCT_TRY_ASSIGN(FilmFileHeader header, take_head(bytes));
  OCT_TRY_ASSIGN(Film film, film_for(header, bytes.left(), most_film_bytes));
  const std::vector<std::uint32_t> samples = tile_samples_of(header.settings, header.units);
  const std::uint32_t tiles = tile_count(header.settings);
  for (std::uint32_t first = 0; first < tiles; first += kFilmBlockTiles)
    OCT_TRY(take_block(bytes, film, samples, first, std::min(tiles, first + kFilmBlockTiles)));
  OCT_TRY_ASSIGN(const Bytes digest, bytes.take_unhashed(kDigestBytes));
  if (load<Digest>(digest.data()) != bytes.finish())
    return fail(ErrorKind::invalid_input, "is damaged: its sums have another checksum");
  if (bytes.left() > 0) return fail(ErrorKind::invalid_input, "goes on behind its end");
  film.set_non_finite_samples(header.non_finite_samples);
  if (film.hash() != header.film_hash)
    return fail(ErrorKind::invalid_input, "holds another film than its head says");
  return LoadedFilmFile{std::move(header), std::move(film)};
}

FilmFileBytes bytes_in_memory(ByteView file) {
  const auto rest = std::make_shared<ByteView>(file);
  return {[rest](std::span<std::byte> into) {
            const std::size_t size = std::min(into.size(), rest->size());
            std::copy_n(rest->begin(), size, into.begin());
            *rest = rest->subspan(size);
            return size;
          },
          file.size()};
}

/// Opens the file, lets `use` read it, and puts the file's name in front of what goes wrong.
template <class Value, class Use>
Result<Value> with_film_file(const std::string& path, Use&& use) {
  const std::filesystem::path source = path_from_utf8(path);
  std::error_code error;
  const auto size = std::filesystem::file_size(source, error);
  const FilePtr file = error ? FilePtr() : open_for_reading(source);
  if (!file) {
    const std::string reason = error
                                   ? std::generic_category().message(error.default_error_condition().value())
                                   : std::generic_category().message(errno);
    return fail(ErrorKind::invalid_input, fmt::format("{}: {}", path, reason));
  }
  FilmFileBytes bytes(
      [&file](std::span<std::byte> into) { return std::fread(into.data(), 1, into.size(), file.get()); },
      size);
  Result<Value> value = use(bytes);
  if (!value) value.error().message = fmt::format("{}: {}", path, value.error().message);
  return value;
}

}  // namespace

Result<LoadedFilmFile> read_film_file(const std::string& path, std::uint64_t most_film_bytes) {
  return with_film_file<LoadedFilmFile>(
      path, [&](FilmFileBytes& bytes) { return take_film(bytes, most_film_bytes); });
}

Result<LoadedFilmFile> read_film_file(ByteView file, std::uint64_t most_film_bytes) {
  FilmFileBytes bytes = bytes_in_memory(file);
  return take_film(bytes, most_film_bytes);
}

Result<FilmFileHeader> read_film_file_header(const std::string& path) {
  return with_film_file<FilmFileHeader>(path, take_head);
}

Result<FilmFileHeader> read_film_file_header(ByteView file) {
  FilmFileBytes bytes = bytes_in_memory(file);
  return take_head(bytes);
}

}  // namespace oct
