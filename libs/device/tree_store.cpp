#include "device/tree_store.hpp"

#include <utility>

#include "base/float_mode.hpp"
#include "base/thread_pool.hpp"

namespace oct {

/// The right to build, given back however the build ends.
struct TreeStore::BuildTurn {
  explicit BuildTurn(TreeStore& a_store) : store(a_store) { store.building_ = true; }
  ~BuildTurn() {
    {
      const std::lock_guard lock(store.mutex_);
      store.building_ = false;
    }
    store.changed_.notify_all();
  }
  BuildTurn(const BuildTurn&) = delete;
  BuildTurn& operator=(const BuildTurn&) = delete;

  TreeStore& store;
};

Result<std::shared_ptr<const HostBvh>> TreeStore::tree(const RenderData& data, TreeFormat format,
                                                       std::stop_token stop, ProgressCounter& progress) {
  const Key key{format, geometry_hash(data, options_.threads)};
  std::unique_lock lock(mutex_);
  ++waiting_count_;
  const bool is_free = changed_.wait(lock, stop, [&] { return !building_ || find(key) != nullptr; });
  --waiting_count_;
  if (auto found = find(key)) {
    keep(key, found);
    return found;
  }
  if (!is_free) return fail(ErrorKind::cancelled, "the upload was cancelled");
  // what no device holds any more makes room for the one that is built now
  for (std::size_t i = 0; i < kTreeFormats; ++i) {
    if (options_.both_formats || i == static_cast<std::size_t>(format)) last_[i].reset();
  }
  const BuildTurn turn(*this);
  lock.unlock();

  OCT_TRY_ASSIGN(HostBvh built, build(data, format, std::move(stop), progress));
  std::map<TreeFormat, std::shared_ptr<const HostBvh>> made;
  if (options_.both_formats)
    made[TreeFormat::compact] = std::make_shared<const HostBvh>(built.split_off_compact());
  made[options_.both_formats ? TreeFormat::wide : format] = std::make_shared<const HostBvh>(std::move(built));
  lock.lock();
  ++built_count_;
  for (const auto& [its_format, tree] : made) keep({its_format, key.geometry}, tree);
  lock.unlock();
  return made.at(format);
}

std::uint64_t TreeStore::built_count() const {
  const std::lock_guard lock(mutex_);
  return built_count_;
}

std::uint32_t TreeStore::waiting_count() const {
  const std::lock_guard lock(mutex_);
  return waiting_count_;
}

std::shared_ptr<const HostBvh> TreeStore::find(const Key& key) const {
  const auto found = trees_.find(key);
  return found == trees_.end() ? nullptr : found->second.lock();
}

void TreeStore::keep(const Key& key, std::shared_ptr<const HostBvh> tree) {
  trees_[key] = tree;
  last_[static_cast<std::size_t>(key.format)] = std::move(tree);
  std::erase_if(trees_, [](const auto& entry) { return entry.second.expired(); });
}

Result<HostBvh> TreeStore::build(const RenderData& data, TreeFormat format, std::stop_token stop,
                                 ProgressCounter& progress) const {
  set_float_mode();
  BvhOptions options;
  options.wide = options_.both_formats || format == TreeFormat::wide;
  options.compact = options_.both_formats || format == TreeFormat::compact;
  options.make_tree = options_.make_tree;
  ThreadPool pool(options_.threads, options_.low_priority);
  return HostBvh::build(data, pool, std::move(stop), progress, options);
}

}  // namespace oct
