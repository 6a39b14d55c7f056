#include "master/preview.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <utility>

#include "base/file.hpp"
#include "base/output_target.hpp"

namespace oct {
namespace {

constexpr std::uint32_t kPreviewRows = 64;  ///< 1 ms of the film's thread at 4K

/// The film's size, or rows of it: what `look` returns, computed on the film's thread.
template <class Look>
auto look_at_film(FilmWorker& film, Look look) {
  using Value = decltype(look(std::declval<const Film&>()));
  std::promise<Value> promise;
  auto future = promise.get_future();
  film.with_film([&](const Film& content) { promise.set_value(look(content)); });
  return future.get();
}

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
  const auto [width, height] = look_at_film(film, [](const Film& content) {
    return std::pair(content.settings().width, content.settings().height);
  });
  std::vector<std::uint16_t> codes;
  codes.reserve(std::size_t{width} * height * 3);
  for (std::uint32_t y = 0; y < height; y += kPreviewRows) {
    if (stop) return fail(ErrorKind::cancelled, "a later preview comes");
    const std::uint32_t end = std::min(height, y + kPreviewRows);
    const Image rows =
        look_at_film(film, [&, y](const Film& content) { return content.resolve_rows(y, end); });
    const auto some = srgb_code_values(tone_mapped(rows, choice.tone_map), 8);
    codes.insert(codes.end(), some.begin(), some.end());
  }
  OCT_TRY_ASSIGN(const Bytes file, encode_png(width, height, 8, codes, texts));
  if (stop) return fail(ErrorKind::cancelled, "a later preview comes");
  return write_file_by_renaming(choice.path, file);
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
