#include "master/preview.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <utility>

#include "base/file.hpp"
#include "base/output_target.hpp"
#include "film/exposure.hpp"

namespace oct {
namespace {

/// The film's size, or rows of it: what `look` returns, computed on the film's thread.
template <class Look>
auto look_at_film(FilmWorker& film, Look look) {
  using Value = decltype(look(std::declval<const Film&>()));
  std::promise<Value> promise;
  auto future = promise.get_future();
  film.with_film([&](const Film& content) { promise.set_value(look(content)); });
  return future.get();
}

/// A film that goes on growing: its thread is asked for a few rows at a time, and merges in between.
class GrowingRows final : public PictureRows {
 public:
  explicit GrowingRows(FilmWorker& film)
      : GrowingRows(film, look_at_film(film, [](const Film& content) { return content.settings(); })) {}

  Image rows(std::uint32_t y0, std::uint32_t y1) const override {
    return look_at_film(film_, [&](const Film& content) { return content.resolve_rows(y0, y1); });
  }

 private:
  GrowingRows(FilmWorker& film, const RenderSettings& settings)
      : PictureRows(settings.width, settings.height), film_(film) {}

  FilmWorker& film_;
};

/// Takes nothing more once `stop` is set.
class StoppableSink final : public ByteSink {
 public:
  StoppableSink(ByteSink& sink, const std::atomic<bool>& stop) : sink_(sink), stop_(stop) {}

  Result<void> write(ByteView bytes) override {
    if (stop_) return fail(ErrorKind::cancelled, "a later preview comes");
    return sink_.write(bytes);
  }

 private:
  ByteSink& sink_;
  const std::atomic<bool>& stop_;
};

}  // namespace

bool PreviewSchedule::begin(Instant now, std::uint64_t samples_merged) {
  if (now < due_ || under_way_ > 0 || samples_merged == shown_) return false;
  due_ = now + interval_;
  return begin_last(samples_merged);
}

bool PreviewSchedule::begin_last(std::uint64_t samples_merged) {
  if (samples_merged == shown_ && under_way_ == 0) return false;
  shown_ = samples_merged;
  ++under_way_;
  return true;
}

Result<void> check_preview(const std::string& path) {
  OCT_TRY_ASSIGN(const OutputTarget target, find_output_target(path));
  if (target.kind == OutputTarget::Kind::stream)
    return fail(ErrorKind::output,
                fmt::format("{}: a preview is rewritten again and again, and this is not a file", path),
                "--preview FILE.png");
  return check_writable(path);
}

Result<void> write_preview(FilmWorker& film, const PreviewChoice& choice, const PictureTexts& texts,
                           const std::atomic<bool>& stop) {
  const GrowingRows scene(film);
  const ToneMap tone_map = settled(choice.tone_map, scene);
  return stream_file_by_renaming(choice.path, [&](ByteSink& file) {
    StoppableSink sink(file, stop);
    return encode_png(sink, TonedRows(scene, tone_map), 8, texts);
  });
}

Preview::Preview(EventLoop& loop, PreviewChoice choice, std::function<void(const Error&)> on_failed)
    : loop_(loop),
      choice_(std::move(choice)),
      on_failed_(std::move(on_failed)),
      worker_(std::make_unique<WorkQueue>()) {}

Preview::~Preview() {
  alive_.reset();
}

void Preview::start(FilmWorker& film, PictureTexts texts, Instant now) {
  film_ = &film;
  texts_ = std::move(texts);
  schedule_ = std::make_unique<PreviewSchedule>(choice_.interval, now);
}

void Preview::on_tick(Instant now, std::uint64_t samples_merged) {
  if (schedule_ && schedule_->begin(now, samples_merged)) make();
}

void Preview::finish(std::uint64_t samples_merged) {
  if (!schedule_ || !schedule_->begin_last(samples_merged)) return;
  if (stop_) *stop_ = true;
  make();
}

void Preview::make() {
  stop_ = std::make_shared<std::atomic<bool>>(false);
  worker_->post([this, &loop = loop_, film = film_, choice = choice_, texts = texts_, stop = stop_,
                 alive = std::weak_ptr<int>(alive_)] {
    auto written = std::make_shared<Result<void>>(write_preview(*film, choice, texts, *stop));
    loop.post([this, alive, written] {
      if (alive.lock()) on_made(*written);
    });
  });
}

void Preview::on_made(const Result<void>& written) {
  schedule_->ended();
  const bool failed = !written && written.error().kind != ErrorKind::cancelled;
  if (failed && on_failed_) std::exchange(on_failed_, nullptr)(written.error());
}

}  // namespace oct
