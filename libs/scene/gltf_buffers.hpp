#pragma once
#include <string>
#include <vector>

#include "scene/gltf_document.hpp"
#include "scene/scene_files.hpp"

namespace oct {

/// The bytes that a glTF file's buffers and images are made of.
class GltfBuffers {
 public:
  /// Reads all buffers of a checked document: from the container, data URIs, or files. Reports
  /// what is missing or too short, and buffer views that reach beyond their buffer.
  GltfBuffers(const Json& document, const GltfContainer& container, SceneFiles& files, ImportLog& log);

  /// Of bufferViews[index]. Valid when the constructor reported nothing.
  ByteView view(std::size_t index) const { return views_[index]; }
  std::size_t byte_count() const { return byte_count_; }

 private:
  Result<ByteView> read(const Json& buffer, std::size_t index, const GltfContainer& container,
                        SceneFiles& files, ImportLog& log);

  std::vector<Bytes> owned_;
  std::vector<ByteView> views_;
  std::size_t byte_count_ = 0;
};

}  // namespace oct
