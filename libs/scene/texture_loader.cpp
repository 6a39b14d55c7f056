#include "scene/texture_loader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/thread_pool.hpp"
#include "scene/import_image.hpp"

namespace oct {
namespace {

void tell_of_missing(const std::string& element, const Error& reason, ImportLog& log) {
  if (reason.kind == ErrorKind::exhausted || log.is_strict()) return log.fault(element, reason);
  const std::string help = reason.help.empty() ? std::string() : fmt::format(" ({})", reason.help);
  log.mend(element, fmt::format("{}; it is left out{}", reason.message, help));
}

}  // namespace

std::size_t TextureLoader::add(std::string element, std::string name, Source source) {
  items_.push_back({std::move(element), std::move(name), std::move(source)});
  return items_.size() - 1;
}

std::size_t TextureLoader::add_bad(std::string element, Error reason) {
  items_.push_back({std::move(element), {}, ByteView(), std::move(reason)});
  return items_.size() - 1;
}

bool TextureLoader::has_views() const {
  return std::any_of(items_.begin(), items_.end(), [](const Item& item) {
    return std::holds_alternative<ByteView>(item.source) && !item.bad;
  });
}

ByteView TextureLoader::bytes_of_item(const Item& item) {
  if (const Bytes* owned = std::get_if<Bytes>(&item.source)) return *owned;
  const ByteView* view = std::get_if<ByteView>(&item.source);
  OCT_CHECK(view != nullptr);
  return *view;
}

Result<std::uint64_t> TextureLoader::fetch(Item& item) {
  if (item.bad) return fail(*item.bad);
  if (const FileName* file = std::get_if<FileName>(&item.source)) {
    OCT_TRY_ASSIGN(SceneFiles::Content content, files_.picture(file->name, file->beside));
    item.note = std::move(content.note);
    item.source = std::move(content.bytes);
  }
  OCT_TRY_ASSIGN(const PictureShape shape, probe_image(bytes_of_item(item)));
  return std::uint64_t{shape.width} * shape.height;
}

std::vector<bool> TextureLoader::load(Scene& scene, ImportLog& log) {
  // Headers first: they tell how much memory the pictures will take.
  std::vector<std::optional<Error>> errors(items_.size());
  std::uint64_t pixels = 0;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const Result<std::uint64_t> item_pixels = fetch(items_[i]);
    if (item_pixels) {
      pixels += *item_pixels;
    } else {
      errors[i] = item_pixels.error();
    }
    if (!items_[i].note.empty()) log.warn(items_[i].element, items_[i].note);
  }
  if (pixels > kMaxScenePixels) {
    log.fault("", fmt::format("its pictures have {} million pixels together, the most are {} million",
                              pixels / 1000000, kMaxScenePixels / 1000000));
    return std::vector<bool>(items_.size(), true);
  }
  scene.images.resize(items_.size());
  const auto decode = [&](std::size_t i) {
    if (errors[i]) return;
    Result<SceneImage> image = decode_image(bytes_of_item(items_[i]));
    if (!image) {
      errors[i] = image.error();
      return;
    }
    scene.images[i] = *std::move(image);
    scene.images[i].name = items_[i].name;
    items_[i].source = ByteView();  // an encoded picture takes no memory beside the decoded ones
  };
  if (items_.size() > 1) ThreadPool().for_each(items_.size(), decode);
  if (items_.size() == 1) decode(0);
  std::vector<bool> missing(items_.size());
  for (std::size_t i = 0; i < items_.size(); ++i) {
    missing[i] = errors[i].has_value();
    if (errors[i]) tell_of_missing(items_[i].element, *errors[i], log);
  }
  return missing;
}

}  // namespace oct
