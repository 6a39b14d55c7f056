#pragma once
#include <deque>
#include <string>
#include <vector>

#include "scene/gltf_document.hpp"
#include "scene/scene_files.hpp"

namespace oct {

/// The bytes that a glTF file's buffers and images are made of.
class GltfBuffers {
 public:
  /// Reads all buffers of a checked document: from the container, data URIs, or files. Unpacks buffer views of
  /// EXT_meshopt_compression. Reports what is missing, too short or damaged, and buffer views that reach beyond
  /// their buffer.
  GltfBuffers(const Json& document, const GltfContainer& container, SceneFiles& files, ImportLog& log);

  /// Of bufferViews[index]. Valid when the constructor reported nothing.
  ByteView view(std::size_t index) const { return views_[index]; }
  std::size_t byte_count() const { return byte_count_; }
  /// Gives the memory back; no view is valid any longer.
  void release() {
    views_.clear();
    owned_.clear();
    files_.clear();
  }

 private:
  void read_view(const Json& view, std::size_t index, const std::vector<ByteView>& contents, ImportLog& log);
  Result<ByteView> unpack(const Json& packed, const std::vector<ByteView>& contents);
  Result<ByteView> read(const Json& buffer, std::size_t index, const GltfContainer& container,
                        SceneFiles& files, ImportLog& log);

  std::deque<Bytes> owned_;
  std::deque<RawBytes> files_;
  std::vector<ByteView> views_;
  std::size_t byte_count_ = 0;
};

}  // namespace oct
