#include "master/checkpoint.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "base/file.hpp"
#include "base/output_target.hpp"

namespace oct {
namespace {

constexpr const char* kEnding = ".octcheck";

bool is_ordinary_file(const std::string& path) {
  const auto target = find_output_target(path);
  return target && target->kind == OutputTarget::Kind::file;
}

}  // namespace

std::string checkpoint_path(const CheckpointChoice& choice, const std::vector<PictureOutput>& outputs,
                            const std::string& scene_path) {
  if (!choice.path.empty()) return choice.path;
  for (const PictureOutput& output : outputs) {
    if (!is_ordinary_file(output.path)) continue;
    const std::filesystem::path path = path_from_utf8(output.path);
    return utf8_from_path(path.parent_path() / path_from_utf8(file_stem(output.path) + kEnding));
  }
  return file_stem(scene_path) + kEnding;
}

std::string rescue_path(const std::string& checkpoint, int number) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  const std::string name =
      number == 1 ? file_name(checkpoint)
                  : fmt::format("{}-{}{}", file_stem(checkpoint), number, file_extension(checkpoint));
  return utf8_from_path((error ? std::filesystem::path() : folder) / path_from_utf8(name));
}

Result<std::uint64_t> samples_kept(const std::string& path, const FilmSource& source,
                                   const RenderSettings& settings) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path_from_utf8(path), error);
  if (error || size == 0) return std::uint64_t{0};
  const auto header = read_film_file_header(path);
  if (!header) {
    return fail(ErrorKind::output, header.error().message + "; it is not replaced",
                "--checkpoint FILE names another one");
  }
  return header->render_key() == render_key(source, settings) ? header->samples_merged() : std::uint64_t{0};
}

bool CheckpointSchedule::begin(Instant now, std::uint64_t samples_merged) {
  return now >= due_ && begin_last(samples_merged);
}

bool CheckpointSchedule::begin_last(std::uint64_t samples_merged) {
  if (under_way_ || (samples_merged <= kept_ && !is_outdated_)) return false;
  under_way_ = true;
  return true;
}

void CheckpointSchedule::ended(bool written, std::uint64_t samples, Instant now) {
  under_way_ = false;
  due_ = now + interval_;
  if (written) {
    kept_ = samples;
    is_outdated_ = false;
  }
  if (std::exchange(is_outdated_under_way_, false)) outdated(now);
}

void CheckpointSchedule::outdated(Instant now) {
  is_outdated_ = true;
  is_outdated_under_way_ = under_way_;
  due_ = now;
}

Checkpoint::Checkpoint(EventLoop& loop, std::string path, Duration interval, FilmSource source,
                       std::function<void(const Error&)> on_failed)
    : loop_(loop),
      path_(std::move(path)),
      interval_(interval),
      source_(std::move(source)),
      on_failed_(std::move(on_failed)) {}

Checkpoint::~Checkpoint() {
  *alive_ = false;
}

void Checkpoint::start(std::shared_ptr<FilmWorker> film, std::uint64_t kept, bool is_own, Instant now) {
  is_own_ = is_own;
  film_ = std::move(film);
  schedule_.emplace(interval_, kept, now);
}

void Checkpoint::on_tick(Instant now, const Ledger& ledger, const std::function<FilmUnits()>& units) {
  if (!schedule_) return;
  if (std::exchange(tiles_cleared_, ledger.tiles_cleared()) != ledger.tiles_cleared() && is_own_)
    schedule_->outdated(now);
  const std::uint64_t samples_merged = ledger.samples_merged();
  if (!schedule_->begin(now, samples_merged)) return;
  film_->with_film([this, &loop = loop_, alive = alive_, path = path_, source = source_, held = units(),
                    samples_merged](const Film& film) {
    auto written =
        std::make_shared<Result<void>>(write_film_file(path, source, film, held.filled, held.history));
    loop.post([this, alive, written, samples_merged] {
      if (*alive) on_written(*written, samples_merged);
    });
  });
}

void Checkpoint::on_written(const Result<void>& written, std::uint64_t samples) {
  schedule_->ended(written.has_value(), samples, steady_now());
  is_own_ = is_own_ || written.has_value();
  if (!written && !std::exchange(failed_, true)) on_failed_(written.error());
  if (written) failed_ = false;
}

}  // namespace oct
