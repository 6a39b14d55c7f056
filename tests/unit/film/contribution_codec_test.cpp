#include "film/contribution_codec.hpp"

#include "support/catch.hpp"
#include "support/film_maker.hpp"
#include "support/random.hpp"
#include "wire/codec.hpp"
#include "wire/compression.hpp"

namespace oct {
namespace {

bool equal(const FilmContribution& a, const FilmContribution& b) {
  return a.units.tile == b.units.tile && a.units.first_pass == b.units.first_pass &&
         a.units.last_pass == b.units.last_pass && a.sums == b.sums &&
         a.non_finite_samples == b.non_finite_samples;
}

/// One contribution for every tile, with sums from zero to the largest possible.
std::vector<FilmContribution> some_contributions(const RenderSettings& settings) {
  test::Random random(11);
  std::vector<FilmContribution> contributions;
  for (std::uint32_t tile = 0; tile < tile_count(settings); ++tile) {
    FilmContribution contribution = a_contribution(settings, {tile, 0, 2});
    const std::int64_t most = largest_sum(settings, 4);
    for (std::int64_t& sum : contribution.sums) {
      if (tile % 5 == 1) sum = 0;
      if (tile % 5 == 2) sum = static_cast<std::int64_t>(random.between(0, static_cast<std::uint64_t>(most)));
      if (tile % 5 == 3) sum = most;
    }
    contribution.non_finite_samples = tile % 3;
    contributions.push_back(std::move(contribution));
  }
  return contributions;
}

TEST_CASE("contributions come out as they went in, whatever the peer reads", "[film]") {
  const RenderSettings settings = a_setting(333, 222, 16);
  const auto contributions = some_contributions(settings);
  for (const CompressionSet reads : {CompressionSet{1}, kAllCompressions}) {
    const auto packets = pack_contributions(77, 5, contributions, reads);
    CHECK(packets.size() > 3);
    std::size_t next = 0;
    for (const FilmContributions& packet : packets) {
      CHECK(packet.lease == 77);
      CHECK(packet.frame == 5);
      CHECK(packet.raw_bytes <= kMaxPayloadBytes);
      CHECK(packet.sums.size() <= packet.raw_bytes);
      if (reads == 1) CHECK(packet.compression == Compression::none);
      CHECK_FALSE(encode(packet).empty());  // within every limit
      const auto unpacked = unpack_contributions(settings, packet);
      REQUIRE(unpacked.has_value());
      for (const FilmContribution& contribution : *unpacked)
        REQUIRE(equal(contribution, contributions[next++]));
    }
    CHECK(next == contributions.size());
  }
}

TEST_CASE("sums travel in as few bytes as they need", "[film]") {
  const RenderSettings settings = a_setting(16, 16, 16);
  FilmContribution contribution = a_contribution(settings, {0, 0, 1});
  const auto bytes_for = [&](std::int64_t largest) {
    contribution.sums.assign(contribution.sums.size(), 0);
    contribution.sums[9] = largest;
    return pack_contributions(1, 1, std::span(&contribution, 1), 1).at(0).raw_bytes /
           contribution.sums.size();
  };
  CHECK(bytes_for(0) == 0);
  CHECK(bytes_for(1) == 1);
  CHECK(bytes_for(255) == 1);
  CHECK(bytes_for(256) == 2);
  CHECK(bytes_for(0xffffffff) == 4);
  CHECK(bytes_for(std::int64_t{1} << 32) == 5);
}

TEST_CASE("many dark tiles fill a packet by their number", "[film]") {
  const RenderSettings settings = a_setting(1600, 320, 16);
  std::vector<FilmContribution> contributions;
  for (std::uint32_t tile = 0; tile < tile_count(settings); ++tile) {
    contributions.push_back(a_contribution(settings, {tile, 0, 1}));
    contributions.back().sums.assign(contributions.back().sums.size(), 0);
  }
  const auto packets = pack_contributions(1, 10, contributions, kAllCompressions);
  CHECK(packets.size() == (contributions.size() + kMaxContributionUnits - 1) / kMaxContributionUnits);
  CHECK(packets[0].sums.empty());
  CHECK(unpack_contributions(settings, packets[0])->size() == kMaxContributionUnits);
  CHECK(pack_contributions(1, 10, {}, kAllCompressions).empty());
}

TEST_CASE("impossible contributions are refused", "[film]") {
  const RenderSettings settings = a_setting(40, 40, 16);
  const auto contributions = some_contributions(settings);
  const FilmContributions good = pack_contributions(1, 10, contributions, 1).at(0);
  REQUIRE(unpack_contributions(settings, good).has_value());
  const auto refused = [&](auto change) {
    FilmContributions message = good;
    change(message);
    const auto result = unpack_contributions(settings, message);
    return !result.has_value() && result.error().kind == ErrorKind::protocol;
  };
  CHECK(refused([](auto& m) { m.units[0].tile = 9; }));
  CHECK(refused([](auto& m) { m.units[0].tile = 0xffffffff; }));
  CHECK(refused([](auto& m) { m.units[0].last_pass = 4; }));
  CHECK(refused([](auto& m) { m.units[0].first_pass = 2; }));
  CHECK(refused([](auto& m) { m.units[0].bytes_per_sum = 0; }));
  CHECK(refused([](auto& m) { m.units[0].bytes_per_sum = 9; }));
  CHECK(refused([](auto& m) { m.units.pop_back(); }));
  CHECK(refused([](auto& m) { m.units.push_back(m.units[0]); }));
  CHECK(refused([](auto& m) { m.units.resize(kMaxContributionUnits + 1); }));
  CHECK(refused([](auto& m) { m.raw_bytes -= 1; }));
  CHECK(refused([](auto& m) { m.raw_bytes = 0xffffffff; }));
  CHECK(refused([](auto& m) { m.sums.pop_back(); }));
  // A sum larger than its samples allow: the pass range says fewer samples than were summed.
  CHECK(refused([](auto& m) { m.units[3].last_pass = 1; }));
}

}  // namespace
}  // namespace oct
