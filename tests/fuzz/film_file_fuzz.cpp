#include <cstring>

#include "film/film_file.hpp"
#include "fuzz/fuzz_target.hpp"

/// Makes the digest right that lies before `end`.
static void sign_film_file(oct::Bytes& file, std::size_t end) {
  const oct::Digest digest = oct::sha256(oct::ByteView(file).first(end - 32));
  std::memcpy(file.data() + end - 32, &digest, 32);
}

/// Whatever a film file holds, reading it gives a possible film or an error. Its checksums are made right, so
/// that what lies behind them is tried, too.
OCT_FUZZ_TARGET(film_file) {
  constexpr std::uint64_t kRoom = 8 << 20;
  const auto header = oct::read_film_file_header(input);
  const auto plain = oct::read_film_file(input, kRoom);
  OCT_CHECK(!plain || header);
  oct::Bytes file(input.begin(), input.end());
  if (file.size() < 32) return;
  const std::uint64_t head = file.size() < 20 ? 0 : oct::load<std::uint64_t>(file.data() + 12);
  if (head >= 32 && head <= file.size()) sign_film_file(file, static_cast<std::size_t>(head));
  sign_film_file(file, file.size());
  const auto loaded = oct::read_film_file(file, kRoom);
  if (!loaded) return;
  OCT_CHECK(loaded->film.hash() == loaded->header.film_hash);
  OCT_CHECK(loaded->film.samples_merged() == loaded->header.samples_merged());
  OCT_CHECK(oct::tile_samples_of(loaded->header.settings, loaded->header.units) ==
            loaded->film.tile_samples());
}
