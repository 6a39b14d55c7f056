#include "master/frame_queue.hpp"

#include "master/run_ending.hpp"
#include "support/catch.hpp"

using namespace oct;

TEST_CASE("the next frame is made ready while one is rendered, and no more than that", "[master]") {
  FrameQueue queue(5);
  CHECK(queue.next() == 0u);
  CHECK_FALSE(queue.next());  // one is loaded at a time
  queue.loaded();
  CHECK(queue.next() == 1u);
  queue.loaded();
  CHECK_FALSE(queue.next());  // devices hold two scenes
  queue.rendered();           // the first one's pictures are written, the second one is rendered
  CHECK(queue.next() == 2u);
  queue.loaded();
  queue.rendered();
  CHECK_FALSE(queue.next());  // two are written: no fourth film
  queue.written();
  CHECK(queue.next() == 3u);
  CHECK_FALSE(queue.all_loaded());
}

TEST_CASE("a run is over when its last picture is written", "[master]") {
  FrameQueue queue(2);
  CHECK_FALSE(queue.is_over());
  queue.next();
  queue.not_rendered();  // it was there
  CHECK_FALSE(queue.all_loaded());
  CHECK(queue.next() == 1u);
  CHECK_FALSE(queue.all_loaded());
  queue.loaded();
  CHECK(queue.all_loaded());
  CHECK_FALSE(queue.next());
  queue.rendered();
  CHECK_FALSE(queue.is_over());
  queue.written();
  CHECK(queue.is_over());
}

TEST_CASE("where memory holds one frame the next one is made ready when that is written", "[master]") {
  FrameQueue queue(3);
  queue.next();
  queue.one_at_a_time();
  queue.loaded();
  CHECK_FALSE(queue.next());
  queue.rendered();
  CHECK_FALSE(queue.next());
  queue.written();
  CHECK(queue.next() == 1u);
}

TEST_CASE("a run that is stopped begins no other frame and waits for none that is loaded", "[master]") {
  FrameQueue queue(5);
  queue.next();
  queue.loaded();
  queue.next();
  queue.abandon();
  CHECK_FALSE(queue.is_loading());
  CHECK_FALSE(queue.next());
  CHECK_FALSE(queue.is_over());
  queue.rendered();
  queue.written();
  CHECK(queue.is_over());
}

TEST_CASE("a run is incomplete when a frame failed or was not reached", "[master]") {
  std::vector<FrameOutcome> frames(3);
  frames[0].state = frames[1].state = FrameState::done;
  frames[2].state = FrameState::skipped;
  CHECK(ending_of(frames).code == ExitCode::done);
  CHECK(ending_of(frames).reason == StopReason::samples);
  for (const FrameState state : {FrameState::failed, FrameState::cancelled}) {
    frames[1].state = state;
    CHECK(ending_of(frames).code == ExitCode::incomplete);
    CHECK(ending_of(frames).reason == StopReason::failed);
  }
}
