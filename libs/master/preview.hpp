#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/instant.hpp"
#include "base/work_queue.hpp"
#include "film/png.hpp"
#include "film/tone_map.hpp"
#include "master/film_worker.hpp"
#include "net/event_loop.hpp"

namespace oct {

/// When a preview is made: every `interval`, when something was merged since the last one, and never two at a
/// time. Pure.
class PreviewSchedule {
 public:
  PreviewSchedule(Duration interval, Instant start) : interval_(interval), due_(start + interval) {}

  /// Whether to begin one now, which then is under way.
  bool begin(Instant now, std::uint64_t samples_merged);
  /// The same at the end of the render: whatever the time, and although an older one may be under way.
  bool begin_last(std::uint64_t samples_merged);
  void ended() { --under_way_; }
  bool idle() const { return under_way_ == 0; }

 private:
  Duration interval_;
  Instant due_;
  std::uint64_t shown_ = 0;  ///< samples merged when the last one began
  int under_way_ = 0;
};

struct PreviewChoice {
  std::string path;  ///< of a PNG
  Duration interval = seconds(5);
  ToneMap tone_map;
};

/// Whether a preview can be written there: to a file, renamed into place each time. A FIFO would hold the
/// render up and get several pictures.
Result<void> check_preview(const std::string& path);

/// Writes a tone-mapped PNG of the film as it is, with these texts. The film's thread is asked for few rows
/// at a time, and merges in between: rows may show slightly different moments. `cancelled` once `stop` is
/// set, which leaves the older file. For a worker's thread; not the film's own.
Result<void> write_preview(FilmWorker& film, const PreviewChoice& choice, const PictureTexts& texts,
                           const std::atomic<bool>& stop);

/// Keeps --preview up to date while a film grows. Lives on the loop's thread, works on one of its own and
/// asks the film's, which must outlive it.
class Preview {
 public:
  /// `on_failed` is called on the loop's thread, at the first preview that cannot be written, not again.
  Preview(EventLoop& loop, PreviewChoice choice, std::function<void(const Error&)> on_failed);
  ~Preview();
  Preview(const Preview&) = delete;
  Preview& operator=(const Preview&) = delete;

  void start(FilmWorker& film, PictureTexts texts, Instant now);
  void on_tick(Instant now, std::uint64_t samples_merged);
  /// The last one, behind all merges that were posted: call it before the pictures are asked for.
  void finish(std::uint64_t samples_merged);
  /// Whether none is being made.
  bool idle() const { return !schedule_ || schedule_->idle(); }

 private:
  void make();
  void on_made(const Result<void>& written);

  EventLoop& loop_;
  PreviewChoice choice_;
  std::function<void(const Error&)> on_failed_;
  FilmWorker* film_ = nullptr;
  PictureTexts texts_;
  std::unique_ptr<PreviewSchedule> schedule_;
  std::shared_ptr<std::atomic<bool>> stop_;               ///< of the one under way
  std::shared_ptr<int> alive_ = std::make_shared<int>();  ///< what the loop is told later looks at it
  std::unique_ptr<WorkQueue> worker_;
};

}  // namespace oct
