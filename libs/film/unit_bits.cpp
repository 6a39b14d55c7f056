#include "film/unit_bits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/check.hpp"
#include "film/contribution.hpp"

namespace oct {
namespace {

/// Where each pass ends.
std::vector<std::uint32_t> ends_of_passes(const RenderSettings& settings) {
  std::vector<std::uint32_t> ends;
  for (std::uint32_t pass = 0; pass < pass_count(settings); ++pass) ends.push_back(pass_end(settings, pass));
  return ends;
}

/// Whether there is a tile for which units differ on both sides of the end of `pass`.
bool is_border(const UnitBits& units, std::size_t tiles, std::size_t pass) {
  const auto begin = units.begin() + static_cast<std::ptrdiff_t>(pass * tiles);
  const auto end = begin + static_cast<std::ptrdiff_t>(tiles);
  if (end == units.end()) return std::find(begin, end, true) != end;  // nothing lies beyond the last sample
  return !std::equal(begin, end, end);
}

/// Whether an audit begins or ends with the end of `pass`.
bool is_border(const FilmHistory& history, std::size_t pass) {
  return std::any_of(history.audits.begin(), history.audits.end(), [&](const PendingAudit& audit) {
    return audit.units.first_pass == pass + 1 || audit.units.last_pass == pass + 1;
  });
}

/// Sets settings.extra_pass_ends to those of the old passes that the new ones cannot do without.
Result<void> keep_ends(const RenderSettings& held, const UnitBits& units, const FilmHistory& history,
                       RenderSettings& settings) {
  std::fill(std::begin(settings.extra_pass_ends), std::end(settings.extra_pass_ends), 0u);
  std::size_t kept = 0;
  const std::vector<std::uint32_t> natural = ends_of_passes(settings);
  const std::vector<std::uint32_t> old = ends_of_passes(held);
  for (std::size_t pass = 0; pass < old.size(); ++pass) {
    if (std::binary_search(natural.begin(), natural.end(), old[pass]) ||
        !(is_border(units, tile_count(held), pass) || is_border(history, pass)))
      continue;
    if (kept == std::size(settings.extra_pass_ends)) {
      return fail(ErrorKind::invalid_input,
                  fmt::format("its tiles ended at too many different numbers of samples to go on to {}",
                              settings.samples_per_pixel),
                  fmt::format("-s {} first, then more", held.samples_per_pixel));
    }
    settings.extra_pass_ends[kept++] = old[pass];
  }
  return {};
}

/// The same samples in the new passes, each of which is a row of old ones or lies behind all that is filled.
UnitBits translated(const RenderSettings& held, const UnitBits& units, const RenderSettings& settings) {
  const std::vector<std::uint32_t> old = ends_of_passes(held);
  const std::vector<std::uint32_t> now = ends_of_passes(settings);
  const std::size_t tiles = tile_count(held);
  UnitBits result(unit_count(settings), false);
  for (std::size_t pass = 0; pass < now.size(); ++pass) {
    // the bit of the old pass that ends with the new one; the passes merged into it have the same
    const auto same = std::lower_bound(old.begin(), old.end(), now[pass]);
    if (same == old.end() || *same != now[pass]) continue;
    const auto first = units.begin() + (same - old.begin()) * static_cast<std::ptrdiff_t>(tiles);
    std::copy_n(first, tiles, result.begin() + static_cast<std::ptrdiff_t>(pass * tiles));
  }
  return result;
}

/// The same samples of each audit in the new passes, which end wherever one begins or ends.
void translate_audits(const RenderSettings& held, const RenderSettings& settings, FilmHistory& history) {
  const std::vector<std::uint32_t> old = ends_of_passes(held);
  const std::vector<std::uint32_t> now = ends_of_passes(settings);
  /// Passes of the new settings before the end of so many old ones.
  const auto translated_count = [&](std::uint32_t passes) {
    if (passes == 0) return std::uint32_t{0};
    const auto end = std::lower_bound(now.begin(), now.end(), old[passes - 1]);
    OCT_CHECK(end != now.end() && *end == old[passes - 1]);
    return static_cast<std::uint32_t>(end - now.begin() + 1);
  };
  for (PendingAudit& audit : history.audits) {
    audit.units.first_pass = translated_count(audit.units.first_pass);
    audit.units.last_pass = translated_count(audit.units.last_pass);
  }
}

}  // namespace

std::size_t unit_count(const RenderSettings& settings) {
  return std::size_t{tile_count(settings)} * pass_count(settings);
}

std::vector<std::uint32_t> tile_samples_of(const RenderSettings& settings, const UnitBits& units) {
  OCT_CHECK_EQ(units.size(), unit_count(settings));
  std::vector<std::uint32_t> samples(tile_count(settings), 0);
  std::size_t next = 0;
  std::uint32_t first = 0;
  for (const std::uint32_t end : ends_of_passes(settings)) {
    for (std::uint32_t& count : samples) count += units[next++] ? end - first : 0;
    first = end;
  }
  return samples;
}

std::uint64_t samples_of_units(const RenderSettings& settings, const UnitBits& units) {
  std::uint64_t sum = 0;
  std::uint32_t tile = 0;
  for (const std::uint32_t samples : tile_samples_of(settings, units))
    sum += std::uint64_t{samples} * pixel_count(tile_rect(settings, tile++));
  return sum;
}

Result<ContinuedFilm> continued(const RenderSettings& held, const UnitBits& units,
                                std::uint32_t samples_per_pixel, const FilmHistory& history) {
  OCT_CHECK_EQ(units.size(), unit_count(held));
  if (samples_per_pixel < held.samples_per_pixel) {
    return fail(ErrorKind::invalid_input,
                fmt::format("samples per pixel {}, now {}", held.samples_per_pixel, samples_per_pixel),
                fmt::format("-s {} or more", held.samples_per_pixel));
  }
  ContinuedFilm film{held, units, history};
  if (samples_per_pixel == held.samples_per_pixel) return film;
  film.settings.samples_per_pixel = samples_per_pixel;
  OCT_TRY(keep_ends(held, units, history, film.settings));
  OCT_TRY(check_settings(film.settings));
  film.units = translated(held, units, film.settings);
  translate_audits(held, film.settings, film.history);
  return film;
}

}  // namespace oct
