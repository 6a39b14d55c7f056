#include "scene/gltf_buffers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "codec/meshopt.hpp"
#include "scene/invalid.hpp"
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

/// The member EXT_meshopt_compression, if there is one.
const Json* meshopt_of(const Json& object) {
  const auto extensions = object.find("extensions");
  if (extensions == object.end()) return nullptr;
  const auto meshopt = extensions->find("EXT_meshopt_compression");
  return meshopt != extensions->end() ? &*meshopt : nullptr;
}

/// A buffer that stands for what its packed views become: without bytes, or with those for who cannot unpack.
bool is_placeholder(const Json& buffer) {
  const Json* meshopt = meshopt_of(buffer);
  if (meshopt == nullptr) return false;
  return text(buffer, "uri").empty() || meshopt->value("fallback", false);
}

Result<MeshoptLayout> meshopt_layout(const Json& packed) {
  static constexpr std::pair<std::string_view, MeshoptMode> kModes[] = {
      {"ATTRIBUTES", MeshoptMode::attributes},
      {"TRIANGLES", MeshoptMode::triangles},
      {"INDICES", MeshoptMode::indices}};
  static constexpr std::pair<std::string_view, MeshoptFilter> kFilters[] = {
      {"", MeshoptFilter::none},
      {"NONE", MeshoptFilter::none},
      {"OCTAHEDRAL", MeshoptFilter::octahedral},
      {"QUATERNION", MeshoptFilter::quaternion},
      {"EXPONENTIAL", MeshoptFilter::exponential}};
  const auto find = [](const auto& table, const std::string& name) {
    return std::find_if(std::begin(table), std::end(table),
                        [&](const auto& entry) { return entry.first == name; });
  };
  const auto mode = find(kModes, text(packed, "mode"));
  if (mode == std::end(kModes))
    return invalid(fmt::format("has an unknown mode \"{}\"", printable(text(packed, "mode"))));
  const auto filter = find(kFilters, text(packed, "filter"));
  if (filter == std::end(kFilters))
    return invalid(fmt::format("has an unknown filter \"{}\"", printable(text(packed, "filter"))));
  return MeshoptLayout{number(packed, "count"), number(packed, "byteStride"), mode->second, filter->second};
}

/// The bytes that a buffer view, or its packed form, names.
Result<ByteView> piece_of(ByteView content, const Json& view) {
  const std::uint64_t offset = number(view, "byteOffset");
  const std::uint64_t length = number(view, "byteLength");
  if (offset > content.size() || length > content.size() - offset)
    return invalid(fmt::format("ends at byte {} of a buffer of {} bytes", offset + length, content.size()));
  return content.subspan(offset, length);
}

}  // namespace

GltfBuffers::GltfBuffers(const Json& document, const GltfContainer& container, SceneFiles& files,
                         ImportLog& log) {
  const Json& buffers = array_of(document, "buffers");
  std::vector<ByteView> contents(buffers.size());
  for (std::size_t i = 0; i < buffers.size() && !log.is_full(); ++i) {
    const std::uint64_t length = number(buffers[i], "byteLength");
    if (is_placeholder(buffers[i]) && !(i == 0 && container.binary)) continue;
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
  for (std::size_t i = 0; i < views.size() && !log.is_full(); ++i) read_view(views[i], i, contents, log);
}

void GltfBuffers::read_view(const Json& view, std::size_t index, const std::vector<ByteView>& contents,
                            ImportLog& log) {
  const std::string element = fmt::format("buffer view {}", index);
  if (const Json* packed = meshopt_of(view)) {
    const Result<ByteView> bytes = unpack(*packed, contents);
    if (!bytes) return log.fault(element, fmt::format("its meshopt data {}", bytes.error().message));
    if (bytes->size() < number(view, "byteLength"))
      return log.fault(element, fmt::format("unpacks to {} bytes, byteLength says {}", bytes->size(),
                                            number(view, "byteLength")));
    views_[index] = *bytes;
    return;
  }
  const Result<ByteView> bytes = piece_of(contents[number(view, "buffer")], view);
  if (!bytes) return log.fault(element, bytes.error().message);
  views_[index] = *bytes;
}

Result<ByteView> GltfBuffers::unpack(const Json& packed, const std::vector<ByteView>& contents) {
  OCT_TRY_ASSIGN(const ByteView source, piece_of(contents[number(packed, "buffer")], packed));
  OCT_TRY_ASSIGN(const MeshoptLayout layout, meshopt_layout(packed));
  OCT_TRY_ASSIGN(Bytes bytes, decode_meshopt(source, layout));
  owned_.push_back(std::move(bytes));
  byte_count_ += owned_.back().size();
  return ByteView(owned_.back());
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
    return ByteView(owned_.back());
  }
  OCT_TRY_ASSIGN(const std::string name, decode_uri(uri));
  OCT_TRY_ASSIGN(SceneFiles::Content content, files.buffer(name, number(buffer, "byteLength")));
  if (!content.note.empty()) log.warn(buffer_name(buffer, index), content.note);
  files_.push_back(std::move(content.bytes));
  return ByteView(files_.back());
}

}  // namespace oct
