#pragma once
#include <cstddef>
#include <optional>

namespace oct {

/// Which frame of a run is made ready when: the next one while one is rendered, and none before the pictures of those
/// before it are nearly written, so that memory holds two scenes and three films at most. Frames are counted from 0, in their
/// order. Pure.
class FrameQueue {
 public:
  explicit FrameQueue(std::size_t frames) : frames_(frames) {}

  /// The frame to load now, which then is being loaded; none while it is too early, and behind the last one.
  std::optional<std::size_t> next();

  // What becomes of the one that was loaded.
  void loaded() { loading_ = false, ++rendering_; }
  void not_rendered() { loading_ = false; }

  void rendered() { --rendering_, ++writing_; }
  void written() { --writing_; }

  /// Memory holds one frame at a time.
  void one_at_a_time() { ahead_ = 0; }
  /// No other frame is begun.
  void stop() { frames_ = begun_; }
  /// What is being loaded is not waited for any more.
  void abandon() { stop(), loading_ = false; }

  /// No frame will be added to those that are rendered.
  bool all_loaded() const { return begun_ == frames_ && !loading_; }
  bool is_rendering() const { return rendering_ > 0; }
  bool is_writing() const { return writing_ > 0; }
  bool is_loading() const { return loading_; }
  /// Everything has ended.
  bool is_over() const { return all_loaded() && !is_rendering() && !is_writing(); }

 private:
  std::size_t frames_;
  std::size_t begun_ = 0;  ///< frames that were given out
  bool loading_ = false;
  std::size_t rendering_ = 0, writing_ = 0;
  std::size_t ahead_ = 1;  ///< frames made ready while another one is rendered
};

}  // namespace oct
