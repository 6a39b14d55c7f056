#include "master/display_server.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "master/tev_packets.hpp"

namespace oct {
namespace {

constexpr std::uint32_t kDisplayTile = 128;

/// Of float values, fast: 64 bits of FNV-1a over whole words. Zeros alone give kBlackTile.
constexpr std::uint64_t kBlackTile = 0;
std::uint64_t tile_hash(const std::vector<float>& values) {
  std::uint64_t hash = 14695981039346656037u;
  std::uint32_t any = 0;
  for (const float value : values) {
    const auto word = std::bit_cast<std::uint32_t>(value);
    any |= word;
    hash = (hash ^ word) * 1099511628211u;
  }
  return any == 0 ? kBlackTile : std::max<std::uint64_t>(hash, 1);
}

/// Columns [x0, x0 + width) of some rows.
std::vector<float> columns_of(const Image& rows, std::uint32_t x0, std::uint32_t width) {
  std::vector<float> rgb;
  rgb.reserve(std::size_t{width} * rows.height * 3);
  for (std::uint32_t y = 0; y < rows.height; ++y) {
    const auto begin = rows.rgb.begin() + static_cast<std::ptrdiff_t>((std::size_t{y} * rows.width + x0) * 3);
    rgb.insert(rgb.end(), begin, begin + static_cast<std::ptrdiff_t>(std::size_t{width} * 3));
  }
  return rgb;
}

}  // namespace

/// What the display shows; of the film's thread while a row is asked for, of nobody else ever.
struct DisplayServer::Shown {
  std::string image_name;
  std::uint32_t across = 0;           ///< tiles
  std::vector<std::uint64_t> hashes;  ///< of each tile; a new picture is black

  /// The packets that bring what has changed in a row of tiles.
  Bytes changes(const Film& film, std::uint32_t row) {
    const std::uint32_t y0 = row * kDisplayTile;
    const Image rows = film.resolve_rows(y0, std::min(film.settings().height, y0 + kDisplayTile));
    Bytes packets;
    for (std::uint32_t tile = 0; tile < across; ++tile) {
      const std::uint32_t x0 = tile * kDisplayTile;
      const TevRect rect{x0, y0, std::min(rows.width - x0, kDisplayTile), rows.height};
      const std::vector<float> rgb = columns_of(rows, x0, rect.width);
      std::uint64_t& hash = hashes[std::size_t{row} * across + tile];
      if (std::exchange(hash, tile_hash(rgb)) != hash) append_tev_update(packets, image_name, rect, rgb);
    }
    return packets;
  }
};

DisplayServer::DisplayServer(EventLoop& loop, DisplayChoice choice,
                             std::function<void(const Error&)> on_absent)
    : loop_(loop), choice_(std::move(choice)), on_absent_(std::move(on_absent)) {}

DisplayServer::~DisplayServer() = default;

void DisplayServer::start(FilmWorker& film, std::string image_name, std::uint32_t width, std::uint32_t height,
                          Instant now) {
  film_ = &film;
  image_name_ = std::move(image_name);
  width_ = width;
  height_ = height;
  now_ = now;
  connect();
}

void DisplayServer::on_tick(Instant now, std::uint64_t samples_merged) {
  now_ = now;
  merged_ = samples_merged;
  if (film_ != nullptr && !stream_ && !finishing_ && now >= next_try_) connect();
  if (now >= next_update_) update();
}

void DisplayServer::finish(std::uint64_t samples_merged) {
  merged_ = samples_merged;
  finishing_ = true;
  update();
}

void DisplayServer::connect() {
  stream_ = open_one_way_stream(loop_, choice_.address.host, choice_.address.port, choice_.connect_limit,
                                {[this] { on_connected(); }, [this](const Error& error) { on_lost(error); }});
}

void DisplayServer::on_connected() {
  connected_ = true;
  on_absent_ = nullptr;  // who closes a display knows it
  updated_ = 0;
  const std::uint32_t across = (width_ + kDisplayTile - 1) / kDisplayTile;
  const std::uint32_t down = (height_ + kDisplayTile - 1) / kDisplayTile;
  shown_ = std::make_shared<Shown>(
      Shown{image_name_, across, std::vector<std::uint64_t>(std::size_t{across} * down, kBlackTile)});
  stream_->send(tev_create_image(image_name_, width_, height_), [this] { update(); });
}

void DisplayServer::on_lost(const Error& error) {
  connected_ = updating_ = false;
  shown_.reset();
  stream_.reset();
  next_try_ = now_ + choice_.retry;
  if (on_absent_) std::exchange(on_absent_, nullptr)(error);
}

void DisplayServer::update() {
  if (!connected_ || updating_ || merged_ == updated_) return;
  updating_ = true;
  updated_ = merged_;
  row_ = 0;
  ask_for_row();
}

void DisplayServer::ask_for_row() {
  film_->with_film([this, &loop = loop_, shown = shown_, row = row_,
                    alive = std::weak_ptr<Shown>(shown_)](const Film& film) mutable {
    auto packets = std::make_shared<Bytes>(shown->changes(film, row));
    shown.reset();  // who is left without it is gone, or connected anew
    loop.post([this, alive, packets] {
      if (alive.lock()) send_row(std::move(*packets));
    });
  });
}

void DisplayServer::send_row(Bytes packets) {
  const auto go_on = [this] {
    if (++row_ * kDisplayTile < height_) return ask_for_row();
    updating_ = false;
    next_update_ = now_ + choice_.interval;
    if (finishing_) update();
  };
  if (packets.empty()) return go_on();
  stream_->send(std::move(packets), go_on);
}

}  // namespace oct
