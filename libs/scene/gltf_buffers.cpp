#include "scene/gltf_buffers.hpp"

#include <fmt/format.h>

#include "scene/uri.hpp"

namespace oct {
namespace {

const Json& array_of(const Json& document, const char* name) {
  static const Json kEmpty = Json::array();
  const auto member = document.find(name);
  return member != document.end() ? *member : kEmpty;
}

std::uint64_t number(const Json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() ? static_cast<std::uint64_t>(member->get<double>()) : 0;
}

std::string text(const Json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() ? member->get<std::string>() : std::string();
}

/// What a buffer is called in messages: its file, unless that is its data.
std::string buffer_name(const Json& buffer, std::size_t index) {
  const std::string uri = text(buffer, "uri");
  return numbered_element_name("buffer", index, is_data_uri(uri) ? text(buffer, "name") : uri);
}

}  // namespace

GltfBuffers::GltfBuffers(const Json& document, const GltfContainer& container, SceneFiles& files,
                         ImportLog& log) {
  const Json& buffers = array_of(document, "buffers");
  std::vector<ByteView> contents(buffers.size());
  owned_.reserve(buffers.size());
  for (std::size_t i = 0; i < buffers.size() && !log.is_full(); ++i) {
    const std::uint64_t length = number(buffers[i], "byteLength");
    if (length == 0) {
      log.mend(buffer_name(buffers[i], i), "is empty (byteLength 0)");
      continue;
    }
    Result<ByteView> bytes = read(buffers[i], i, container, files, log);
    if (!bytes) {
      log.fault(buffer_name(buffers[i], i), bytes.error());
    } else if (bytes->size() < length) {
      log.fault(buffer_name(buffers[i], i),
                fmt::format("has {} bytes, byteLength says {}", bytes->size(), length));
    } else {
      contents[i] = bytes->first(length);
    }
    byte_count_ += contents[i].size();
  }
  if (log.has_faults()) return;

  const Json& views = array_of(document, "bufferViews");
  views_.resize(views.size());
  for (std::size_t i = 0; i < views.size() && !log.is_full(); ++i) {
    const ByteView content = contents[number(views[i], "buffer")];
    const std::uint64_t offset = number(views[i], "byteOffset");
    const std::uint64_t length = number(views[i], "byteLength");
    if (offset > content.size() || length > content.size() - offset) {
      log.fault(fmt::format("buffer view {}", i),
                fmt::format("ends at byte {} of a buffer of {} bytes", offset + length, content.size()));
    } else {
      views_[i] = content.subspan(offset, length);
    }
  }
}

Result<ByteView> GltfBuffers::read(const Json& buffer, std::size_t index, const GltfContainer& container,
                                   SceneFiles& files, ImportLog& log) {
  const std::string uri = text(buffer, "uri");
  if (uri.empty()) {
    if (index == 0 && container.binary) return *container.binary;
    return fail(ErrorKind::invalid_input, "has no uri, and there is no binary chunk for it");
  }
  if (is_data_uri(uri)) {
    OCT_TRY_ASSIGN(Bytes bytes, decode_data_uri(uri));
    owned_.push_back(std::move(bytes));
  } else {
    OCT_TRY_ASSIGN(const std::string name, decode_uri(uri));
    OCT_TRY_ASSIGN(SceneFiles::Content content, files.buffer(name, number(buffer, "byteLength")));
    if (!content.note.empty()) log.warn(buffer_name(buffer, index), content.note);
    owned_.push_back(std::move(content.bytes));
  }
  return ByteView(owned_.back());
}

}  // namespace oct
