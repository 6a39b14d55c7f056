#include "scene/texture_loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "base/float_mode.hpp"
#include "base/thread_limit.hpp"
#include "scene/import_image.hpp"

namespace oct {
namespace {

void tell_of_missing(const std::string& element, const Error& reason, ImportLog& log) {
  if (reason.kind == ErrorKind::exhausted || log.is_strict()) return log.fault(element, reason);
  const std::string help = reason.help.empty() ? std::string() : fmt::format(" ({})", reason.help);
  log.mend(element, fmt::format("{}; it is left out{}", reason.message, help));
}

/// A picture on its way. The thread that has taken it, and nobody else, touches all but `element` and `name`.
struct LoadedPicture {
  std::string element, name;
  TextureLoader::Source source;
  std::optional<Error> error = std::nullopt;
  std::string note = {};
  std::uint64_t pixels = 0;
  SceneImage image = {};
};

ByteView encoded_bytes(const LoadedPicture& picture) {
  if (const Bytes* owned = std::get_if<Bytes>(&picture.source)) return *owned;
  if (const RawBytes* read = std::get_if<RawBytes>(&picture.source)) return *read;
  const ByteView* view = std::get_if<ByteView>(&picture.source);
  OCT_CHECK(view != nullptr);
  return *view;
}

/// Brings the encoded bytes into memory and finds out how many pixels they claim to have.
Result<void> fetch(LoadedPicture& picture, SceneFiles& files) {
  if (const auto* file = std::get_if<TextureLoader::FileName>(&picture.source)) {
    OCT_TRY_ASSIGN(SceneFiles::Content content, files.picture(file->name, file->beside));
    picture.note = std::move(content.note);
    picture.source = std::move(content.bytes);
  }
  OCT_TRY_ASSIGN(const PictureShape shape, probe_image(encoded_bytes(picture)));
  picture.pixels = std::uint64_t{shape.width} * shape.height;
  return {};
}

void decode(LoadedPicture& picture) {
  Result<SceneImage> image = decode_image(encoded_bytes(picture));
  picture.source = ByteView();  // an encoded picture takes no memory beside the decoded ones
  if (!image) {
    picture.error = image.error();
    return;
  }
  picture.image = *std::move(image);
  picture.image.name = picture.name;
}

}  // namespace

struct TextureLoader::State {
  explicit State(SceneFiles& some_files) : files(some_files) {}

  ~State() {
    end();
    for (std::thread& thread : threads) thread.join();
  }

  SceneFiles& files;  ///< of whoever fetches
  std::mutex mutex;   ///< guards what follows
  std::condition_variable wake;
  std::deque<LoadedPicture> pictures;  ///< stay where they are
  std::size_t next_fetch = 0;          ///< they are fetched in order, one at a time
  bool fetching = false;
  std::vector<LoadedPicture*> fetched;  ///< to be decoded
  std::uint64_t pixels = 0;             ///< of all that were fetched
  bool has_views = false;
  bool complete = false;  ///< nothing more is added
  bool stopping = false;  ///< give up
  std::exception_ptr thrown;
  std::vector<std::thread> threads;

  /// More threads as there is more to do, but one: whoever calls load() works, too.
  void start_thread() {
    if (threads.size() + 1 >= usable_threads() || threads.size() >= pictures.size()) return;
    try {
      threads.emplace_back([this] {
        set_float_mode();
        work();
      });
    } catch (const std::system_error&) {  // no room for one more: those that are there do it
    }
  }

  void end() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    wake.notify_all();
  }

  /// Fetches and decodes until everything is taken and nothing more can come.
  void work() {
    std::unique_lock lock(mutex);
    try {
      while (!stopping) {
        if (!fetching && next_fetch < pictures.size()) {
          fetch_next(lock);
        } else if (LoadedPicture* picture = take_largest()) {
          lock.unlock();
          decode(*picture);
          lock.lock();
        } else if (complete && !fetching) {
          return;
        } else {
          wake.wait(lock);
        }
      }
    } catch (...) {
      if (!lock.owns_lock()) lock.lock();
      if (!thrown) thrown = std::current_exception();
      stopping = true;
      wake.notify_all();
    }
  }

  /// Headers tell how much memory the pictures will take: too many are not decoded.
  void fetch_next(std::unique_lock<std::mutex>& lock) {
    LoadedPicture& picture = pictures[next_fetch++];
    fetching = true;
    lock.unlock();
    if (!picture.error) {
      if (auto done = fetch(picture, files); !done) picture.error = std::move(done.error());
    }
    lock.lock();
    fetching = false;
    pixels += picture.pixels;
    if (!picture.error && pixels <= kMaxScenePixels) fetched.push_back(&picture);
    wake.notify_all();
  }

  /// The largest first, so that none is left over that keeps the others waiting.
  LoadedPicture* take_largest() {
    const auto largest = std::max_element(fetched.begin(), fetched.end(),
                                          [](const auto* a, const auto* b) { return a->pixels < b->pixels; });
    if (largest == fetched.end()) return nullptr;
    LoadedPicture* picture = *largest;
    fetched.erase(largest);
    return picture;
  }
};

TextureLoader::TextureLoader(SceneFiles& files) : files_(files), state_(std::make_unique<State>(files)) {}

TextureLoader::~TextureLoader() = default;

std::size_t TextureLoader::add(std::string element, std::string name, Source source) {
  const std::lock_guard lock(state_->mutex);
  state_->has_views = state_->has_views || std::holds_alternative<ByteView>(source);
  state_->pictures.push_back({std::move(element), std::move(name), std::move(source)});
  state_->start_thread();
  state_->wake.notify_one();
  return state_->pictures.size() - 1;
}

std::size_t TextureLoader::add_bad(std::string element, Error reason) {
  const std::lock_guard lock(state_->mutex);
  state_->pictures.push_back({std::move(element), {}, ByteView(), std::move(reason)});
  return state_->pictures.size() - 1;
}

std::size_t TextureLoader::size() const {
  const std::lock_guard lock(state_->mutex);
  return state_->pictures.size();
}

bool TextureLoader::has_views() const {
  const std::lock_guard lock(state_->mutex);
  return state_->has_views;
}

std::vector<bool> TextureLoader::load(Scene& scene, ImportLog& log) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->complete = true;
  }
  state_->wake.notify_all();
  state_->work();
  for (std::thread& thread : state_->threads) thread.join();
  state_->threads.clear();
  if (state_->thrown) std::rethrow_exception(state_->thrown);

  std::deque<LoadedPicture>& pictures = state_->pictures;
  for (const LoadedPicture& picture : pictures) {
    if (!picture.note.empty()) log.warn(picture.element, picture.note);
  }
  if (state_->pixels > kMaxScenePixels) {
    log.fault("", fmt::format("its pictures have {} million pixels together, the most are {} million",
                              state_->pixels / 1000000, kMaxScenePixels / 1000000));
    return std::vector<bool>(pictures.size(), true);
  }
  scene.images.resize(pictures.size());
  std::vector<bool> missing(pictures.size());
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    missing[i] = pictures[i].error.has_value();
    scene.images[i] = std::move(pictures[i].image);
    if (missing[i]) tell_of_missing(pictures[i].element, *pictures[i].error, log);
  }
  return missing;
}

}  // namespace oct
