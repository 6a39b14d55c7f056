#include "film/film_file_head.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/version.hpp"
#include "film/film_file_history.hpp"
#include "film/head_bytes.hpp"
#include "wire/limits.hpp"
#include "wire/text.hpp"

namespace oct {
namespace {

// As PNG has it: a byte above 127, a name, and line ends that a transfer as text would change.
constexpr unsigned char kFilmFileMagic[8] = {0x89, 'O', 'C', 'T', '\r', '\n', 0x1a, '\n'};

Unexpected bad_film_file(std::string message, std::string help = {}) {
  return fail(ErrorKind::invalid_input, std::move(message), std::move(help));
}

void append_units(Bytes& head, const UnitBits& units) {
  const std::size_t first = head.size();
  head.resize(first + (units.size() + 7) / 8, std::byte{0});
  for (std::size_t i = 0; i < units.size(); ++i)
    if (units[i]) head[first + i / 8] |= std::byte{1} << (i % 8);
}

/// A plain struct of 32-bit fields, as it lies in memory.
template <class T>
T plain_at(Cursor& cursor) {
  static_assert(std::is_trivially_copyable_v<T>);
  const ByteView bytes = cursor.take(sizeof(T));
  return bytes.empty() ? T{} : load<T>(bytes.data());
}

/// All but the projection are floats.
bool is_possible(const Camera& camera) {
  if (camera.projection != Projection::perspective && camera.projection != Projection::orthographic)
    return false;
  float values[offsetof(Camera, projection) / sizeof(float)];
  std::memcpy(values, &camera, sizeof values);
  return std::all_of(std::begin(values), std::end(values), [](float value) { return std::isfinite(value); });
}

Result<UnitBits> units_at(Cursor& cursor, const RenderSettings& settings) {
  const std::size_t count = unit_count(settings);
  const ByteView bytes = cursor.take((count + 7) / 8);
  if (bytes.empty()) return bad_film_file("its head is too short for its units");
  UnitBits units(count);
  for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
    const bool set = (bytes[i / 8] >> (i % 8) & std::byte{1}) != std::byte{0};
    if (i < count)
      units[i] = set;
    else if (set)
      return bad_film_file("it holds units that its picture does not have");
  }
  return units;
}

}  // namespace

bool is_film_file(ByteView first_bytes) {
  return first_bytes.size() >= sizeof kFilmFileMagic &&
         std::memcmp(first_bytes.data(), kFilmFileMagic, sizeof kFilmFileMagic) == 0;
}

Bytes film_file_head(const FilmFileHeader& header) {
  const std::string name = clean_text(header.source.scene_name, kMaxNameBytes);
  Bytes head;
  append_bytes(head, std::as_bytes(std::span(kFilmFileMagic)));
  append_value(head, kFilmFileVersion);
  append_value(head, std::uint64_t{0});  // the length, known at the end
  append_value(head, header.program_version);
  append_value(head, static_cast<std::uint32_t>(name.size()));
  append_bytes(head, std::as_bytes(std::span(name)));
  append_value(head, header.source.scene_hash);
  append_value(head, header.source.kernel_hash);
  append_value(head, header.film_hash);
  append_value(head, header.settings);
  append_value(head, header.source.camera);
  append_value(head, header.source.frames_per_second);
  append_value(head, header.non_finite_samples);
  append_units(head, header.units);
  append_history(head, header.history);
  const std::uint64_t length = head.size() + kDigestBytes;
  std::memcpy(head.data() + 12, &length, sizeof length);
  append_value(head, sha256(head));
  return head;
}

Result<std::uint64_t> film_file_head_bytes(ByteView start) {
  if (!is_film_file(start)) return bad_film_file("is not a film file");
  if (start.size() < kFilmFileStartBytes) return bad_film_file("is cut off");
  const auto version = load<std::uint32_t>(start.data() + 8);
  if (version != kFilmFileVersion) {
    return bad_film_file(
        fmt::format("is a film file of format {}; this program reads format {}", version, kFilmFileVersion),
        "use the program that wrote it");
  }
  const auto length = load<std::uint64_t>(start.data() + 12);
  if (length < kFilmFileStartBytes + kDigestBytes || length > kMostFilmFileHeadBytes)
    return bad_film_file("is damaged: the length of its head is not possible");
  return length;
}

Result<FilmFileHeader> parse_film_file_head(ByteView head) {
  OCT_TRY_ASSIGN(const std::uint64_t length, film_file_head_bytes(head));
  if (head.size() < length) return bad_film_file("is cut off");
  const ByteView content = head.first(length - kDigestBytes);
  if (sha256(content) != load<Digest>(head.data() + content.size()))
    return bad_film_file("is damaged: its head has another checksum");
  Cursor cursor(content);
  cursor.take(kFilmFileStartBytes);
  FilmFileHeader header;
  header.program_version = cursor.u32();
  const ByteView name = cursor.take(cursor.u32());
  header.source.scene_name.assign(reinterpret_cast<const char*>(name.data()), name.size());
  header.source.scene_hash = digest_at(cursor);
  header.source.kernel_hash = digest_at(cursor);
  header.film_hash = digest_at(cursor);
  header.settings = plain_at<RenderSettings>(cursor);
  header.source.camera = plain_at<Camera>(cursor);
  header.source.frames_per_second = std::bit_cast<double>(cursor.u64());
  header.non_finite_samples = cursor.u64();
  if (cursor.failed() || name.size() > kMaxNameBytes || !is_clean_text(header.source.scene_name))
    return bad_film_file("is damaged: its head holds what cannot be");
  const double rate = header.source.frames_per_second;
  if (!is_possible(header.source.camera) || !(rate >= 0 && rate <= 1e6))
    return bad_film_file("holds a camera or frame rate that cannot be");
  if (auto possible = check_settings(header.settings); !possible)
    return bad_film_file("holds " + possible.error().message);
  OCT_TRY_ASSIGN(header.units, units_at(cursor, header.settings));
  OCT_TRY_ASSIGN(header.history, history_at(cursor, header.settings));
  if (cursor.position() != content.size()) return bad_film_file("has a head that is too long");
  return header;
}

}  // namespace oct
