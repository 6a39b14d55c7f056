#include "film/contribution_codec.hpp"

#include <fmt/format.h>

#include "base/check.hpp"
#include "film/sum_planes.hpp"
#include "wire/compression.hpp"

namespace oct {
namespace {

/// Sums of the tile, or a protocol error where the settings do not have these units.
Result<std::size_t> sums_of(const RenderSettings& settings, const ContributionInfo& info) {
  if (info.tile >= tile_count(settings) || info.first_pass >= info.last_pass ||
      info.last_pass > pass_count(settings))
    return fail(ErrorKind::protocol,
                fmt::format("contribution to tile {}, passes {} to {}, which do not exist", info.tile,
                            info.first_pass, info.last_pass));
  return std::size_t{pixel_count(tile_rect(settings, info.tile))} * kFilmChannels;
}

/// Packets being filled: `raw` belongs to the last of them and is compressed when it is full.
class Packer {
 public:
  Packer(std::uint64_t lease, FrameId frame, CompressionSet peer_reads)
      : lease_(lease), frame_(frame), peer_reads_(peer_reads) {}

  void add(const FilmContribution& contribution) {
    const std::uint32_t width = bytes_needed(contribution.sums);
    const std::size_t size = contribution.sums.size() * width;
    OCT_CHECK(size <= kMaxPayloadBytes);
    if (units_.size() == kMaxContributionUnits || raw_.size() + size > kMaxPayloadBytes) flush();
    units_.push_back({contribution.units.tile, contribution.units.first_pass, contribution.units.last_pass,
                      width, contribution.non_finite_samples});
    append_planes(contribution.sums, width, raw_);
  }

  std::vector<FilmContributions> finish() {
    if (!units_.empty()) flush();
    return std::move(packets_);
  }

 private:
  void flush() {
    FilmContributions packet;
    packet.lease = lease_;
    packet.frame = frame_;
    packet.raw_bytes = static_cast<std::uint32_t>(raw_.size());
    PackedBytes packed = pack_bytes(std::move(raw_), peer_reads_);
    packet.compression = packed.compression;
    packet.sums = std::move(packed.bytes);
    packet.units = std::move(units_);
    packets_.push_back(std::move(packet));
    raw_.clear();
    units_.clear();
  }

  std::uint64_t lease_;
  FrameId frame_;
  CompressionSet peer_reads_;
  Bytes raw_;
  std::vector<ContributionInfo> units_;
  std::vector<FilmContributions> packets_;
};

}  // namespace

std::vector<FilmContributions> pack_contributions(std::uint64_t lease, FrameId frame,
                                                  std::span<const FilmContribution> contributions,
                                                  CompressionSet peer_reads) {
  Packer packer(lease, frame, peer_reads);
  for (const FilmContribution& contribution : contributions) packer.add(contribution);
  return packer.finish();
}

Result<std::vector<FilmContribution>> unpack_contributions(const RenderSettings& settings,
                                                           const FilmContributions& message) {
  if (message.units.size() > kMaxContributionUnits || message.raw_bytes > kMaxPayloadBytes)
    return fail(ErrorKind::protocol, "contributions beyond the limits of a packet");
  std::size_t raw_bytes = 0;
  for (const ContributionInfo& info : message.units) {
    OCT_TRY_ASSIGN(const std::size_t sums, sums_of(settings, info));
    if (info.bytes_per_sum > 8) return fail(ErrorKind::protocol, "contribution with more than 8 bytes a sum");
    raw_bytes += sums * info.bytes_per_sum;
  }
  if (raw_bytes != message.raw_bytes)
    return fail(ErrorKind::protocol,
                fmt::format("contributions of {} bytes, their units need {}", message.raw_bytes, raw_bytes));
  OCT_TRY_ASSIGN(const Bytes raw, decompress(message.compression, message.sums, raw_bytes));
  std::vector<FilmContribution> contributions;
  ByteView rest = raw;
  for (const ContributionInfo& info : message.units) {
    FilmContribution contribution;
    contribution.units = {info.tile, info.first_pass, info.last_pass};
    contribution.non_finite_samples = info.non_finite_samples;
    contribution.sums.resize(sums_of(settings, info).value());
    const std::size_t size = contribution.sums.size() * info.bytes_per_sum;
    read_planes(rest.first(size), info.bytes_per_sum, contribution.sums);
    rest = rest.subspan(size);
    OCT_TRY(check_contribution(settings, contribution));
    contributions.push_back(std::move(contribution));
  }
  return contributions;
}

}  // namespace oct
