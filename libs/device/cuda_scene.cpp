#include "device/cuda_scene.hpp"

#include <algorithm>

#include "shade/alpha.hpp"

namespace oct {

SceneNames names_of(const RenderData& data, unsigned threads) {
  return {content_hashes(data, threads), geometry_hash(data, threads)};
}

Result<void> SceneLoader::open(std::string device) {
  device_ = std::move(device);
  return check_cuda(device_, "no stream", cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
}

SceneLoader::~SceneLoader() {
  if (stream_ != nullptr) cudaStreamDestroy(stream_);
}

void SceneLoader::adopt(DeviceScene& scene, const SceneNames& names,
                        std::span<const std::shared_ptr<const DeviceScene>> others) {
  scene.arrays.resize(names.contents.size());
  for (const auto& other : others) {
    if (!other) continue;
    for (std::size_t i = 0; i < names.contents.size(); ++i) {
      if (other->arrays[i]->content == names.contents[i]) scene.arrays[i] = other->arrays[i];
    }
    if (other->tree->geometry == names.geometry) scene.tree = other->tree;
  }
}

std::uint64_t SceneLoader::missing_bytes(const DeviceScene& scene) {
  std::uint64_t bytes = 0;
  std::size_t index = 0;
  RenderData::each(*scene.data, [&]<class T>(const char*, const HostArray<T>& array) {
    if (!scene.arrays[index++]) bytes += array.size() * sizeof(T);
  });
  return bytes;
}

Result<void> SceneLoader::load(DeviceScene& scene, const SceneNames& names, const HostBvh* host_tree,
                               const std::stop_token& stop, ProgressCounter& progress) {
  Result<void> copied = copy_arrays(scene, names.contents, stop, progress);
  if (copied && host_tree != nullptr) copied = copy_tree(scene, *host_tree, names.geometry, stop, progress);
  // whatever happened: copies under way read host memory
  const cudaError_t finished = cudaStreamSynchronize(stream_);
  progress.fetch_add(1, std::memory_order_relaxed);
  OCT_TRY(std::move(copied));
  OCT_TRY(check_cuda(device_, "the scene cannot be copied", finished));
  scene.view = view_of(*scene.data);
  scene.all_block = std::all_of(scene.data->materials.begin(), scene.data->materials.end(), &always_blocks);
  std::size_t index = 0;
  RenderDataView::each(scene.view, [&](const char*, auto& span) {
    span.data = static_cast<decltype(span.data)>(scene.arrays[index++]->buffer.data());
  });
  return {};
}

/// Copies the arrays that the scene lacks.
Result<void> SceneLoader::copy_arrays(DeviceScene& scene, const std::vector<Digest>& contents,
                                      const std::stop_token& stop, ProgressCounter& progress) {
  cudaError_t error = cudaSuccess;
  std::size_t next = 0;
  RenderData::each(*scene.data, [&]<class T>(const char*, const HostArray<T>& array) {
    const std::size_t index = next++;
    if (scene.arrays[index] || error != cudaSuccess || stop.stop_requested()) return;
    auto copy = std::make_shared<DeviceArray>();
    copy->content = contents[index];
    error = copy->buffer.allocate(array.size() * sizeof(T));
    if (error == cudaSuccess)
      error =
          copies_.copy(copy->buffer.data(), array.data(), array.size() * sizeof(T), stream_, stop, progress);
    scene.arrays[index] = std::move(copy);
    copied_bytes_ += array.size() * sizeof(T);
    progress.fetch_add(1, std::memory_order_relaxed);
  });
  if (stop.stop_requested()) return fail(ErrorKind::cancelled, "the upload was cancelled");
  return check_cuda(device_, "the scene cannot be copied", error);
}

/// Copies one array of the tree and makes `pointer` point to the copy.
template <class T>
Result<void> SceneLoader::copy_tree_array(DeviceTree& tree, const T*& pointer, std::size_t count,
                                          const std::stop_token& stop, ProgressCounter& progress) {
  DeviceBuffer& buffer = tree.buffers.emplace_back();
  OCT_TRY(check_cuda(device_, "no memory for the tree", buffer.allocate(count * sizeof(T))));
  OCT_TRY(check_cuda(device_, "the tree cannot be copied",
                     copies_.copy(buffer.data(), pointer, count * sizeof(T), stream_, stop, progress)));
  if (stop.stop_requested()) return fail(ErrorKind::cancelled, "the upload was cancelled");
  pointer = tree.buffers.back().template as<const T>();
  copied_bytes_ += count * sizeof(T);
  return {};
}

Result<void> SceneLoader::copy_tree(DeviceScene& scene, const HostBvh& bvh, const Digest& geometry,
                                    const std::stop_token& stop, ProgressCounter& progress) {
  auto tree = std::make_shared<DeviceTree>();
  tree->geometry = geometry;
  tree->bvh = bvh.view();
  OCT_TRY(copy_tree_array(*tree, tree->bvh.compact_nodes, bvh.compact_node_quads(), stop, progress));
  OCT_TRY(copy_tree_array(*tree, tree->bvh.compact_triangles, bvh.compact_triangle_count(), stop, progress));
  OCT_TRY(copy_tree_array(*tree, tree->bvh.instances, bvh.instance_count(), stop, progress));
  scene.tree = std::move(tree);
  return {};
}

}  // namespace oct
