#pragma once
#include <array>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <utility>

#include "device/bvh_builder.hpp"

namespace oct {

/// What a device walks: wide nodes on CPUs, compact ones on GPUs.
enum class TreeFormat : std::uint32_t { wide, compact };
inline constexpr std::size_t kTreeFormats = 2;

struct TreeStoreOptions {
  unsigned threads = 0;  ///< that build, 0 = all
  bool low_priority = false;
  TreeMaker make_tree = build_binary_tree;
  /// Who asks for one format gets the other one made with it: for programs that will want both.
  bool both_formats = false;
};

/// The acceleration structures of this computer's devices: one for each format and geometry, whoever asks for
/// it. Equal geometry (geometry_hash) has one tree, so a moved camera or another material's colour builds
/// nothing. Where both formats are wanted they are written from one binary tree, which takes most of the time. Keeps what
/// devices hold, and the last one asked for or made of each format. Any thread.
class TreeStore {
 public:
  explicit TreeStore(TreeStoreOptions options = {}) : options_(std::move(options)) {}
  TreeStore(const TreeStore&) = delete;
  TreeStore& operator=(const TreeStore&) = delete;

  /// The tree of the data, built with all threads if it is not here. One is built at a time: a thread that asks
  /// meanwhile waits, and builds if the other one gave up. Errors of HostBvh::build; `cancelled` after a stop
  /// request, while it waits, too.
  Result<std::shared_ptr<const HostBvh>> tree(const RenderData& data, TreeFormat format, std::stop_token stop,
                                              ProgressCounter& progress);

  std::uint64_t built_count() const;    ///< binary trees that were built so far
  std::uint32_t waiting_count() const;  ///< threads that wait for another one's tree

 private:
  struct Key {
    TreeFormat format;
    Digest geometry;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct BuildTurn;

  std::shared_ptr<const HostBvh> find(const Key& key) const;
  void keep(const Key& key, std::shared_ptr<const HostBvh> tree);
  Result<HostBvh> build(const RenderData& data, TreeFormat format, std::stop_token stop,
                        ProgressCounter& progress) const;

  const TreeStoreOptions options_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable_any changed_;
  std::map<Key, std::weak_ptr<const HostBvh>> trees_;
  std::array<std::shared_ptr<const HostBvh>, kTreeFormats> last_;
  bool building_ = false;
  std::uint64_t built_count_ = 0;
  std::uint32_t waiting_count_ = 0;
};

}  // namespace oct
