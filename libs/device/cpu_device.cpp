#include <fmt/format.h>

#include <atomic>

#include "base/float_mode.hpp"
#include "base/thread_limit.hpp"
#include "base/thread_pool.hpp"
#include "device/canary.hpp"
#include "device/cpu_info.hpp"
#include "device/device.hpp"
#include "device/lease_work.hpp"
#include "device/scene_slots.hpp"
#include "device/tree_store.hpp"
#include "launch/cpu_batches.hpp"

namespace oct {
namespace {

struct CpuScene {
  RenderDataPtr data;
  Digest geometry;
  std::shared_ptr<const HostBvh> tree;
};

/// All cores of this computer, one path tracer on each.
class CpuDevice : public Device {
 public:
  CpuDevice(CpuKernels kernels, const char* isa_name, const CpuDeviceOptions& options,
            std::shared_ptr<TreeStore> trees)
      : kernels_(kernels), trees_(std::move(trees)), pool_(options.threads, options.low_priority) {
    info_.kind = DeviceKind::cpu;
    info_.threads = pool_.thread_count();
    info_.memory_bytes = physical_memory_bytes();
    const ThreadLimit limit = options.threads == 0
                                  ? thread_limit()
                                  : ThreadLimit{info_.threads, info_.threads, ThreadLimit::Cap::none};
    info_.name = fmt::format("{}, {}, {}", cpu_name(), thread_limit_text(limit), isa_name);
  }

  const DeviceInfo& info() const override { return info_; }

  Result<void> upload(std::uint32_t slot, RenderDataPtr data, std::stop_token stop,
                      ProgressCounter& progress) override {
    set_float_mode();
    const Digest geometry = geometry_hash(*data, info_.threads);
    std::shared_ptr<const CpuScene> former = scenes_.set(slot, nullptr);
    // it holds its tree, if that is of use still, until it is found again; else its memory is needed now
    if (former && former->geometry != geometry) former.reset();
    OCT_TRY_ASSIGN(auto tree, trees_->tree(*data, TreeFormat::wide, std::move(stop), progress));
    ++progress;
    scenes_.set(slot, std::make_shared<const CpuScene>(CpuScene{std::move(data), geometry, std::move(tree)}));
    return {};
  }

  void release(std::uint32_t slot) override { scenes_.set(slot, nullptr); }

  Result<void> render(std::uint32_t slot, const Lease& lease, std::stop_token stop, ProgressCounter& progress,
                      const ContributionSink& sink) override {
    const std::shared_ptr<const CpuScene> scene = scenes_.get(slot);
    if (!scene) return fail(ErrorKind::unavailable, "no scene has been uploaded");
    OCT_TRY(check_units(scene->data->settings[0], lease));
    set_float_mode();
    LeaseWork work(scene->data->settings[0], lease, sink);
    pool_.for_each(work.piece_count(),
                   [&](std::size_t index) { render_piece(*scene, work, index, stop, progress); });
    if (!work.complete()) return fail(ErrorKind::cancelled, "the lease was cancelled");
    return {};
  }

  Result<Digest> canary(std::stop_token) override {
    set_float_mode();
    return cpu_canary(kernels_);
  }

  Result<void> trace(std::uint32_t slot, std::span<const Ray> rays, std::span<Hit> hits) override {
    OCT_CHECK_EQ(rays.size(), hits.size());
    const std::shared_ptr<const CpuScene> scene = scenes_.get(slot);
    if (!scene) return fail(ErrorKind::unavailable, "no scene has been uploaded");
    set_float_mode();
    const SceneBvh bvh = scene->tree->view();
    pool_.for_ranges(rays.size(), 4096, [&](std::size_t begin, std::size_t end) {
      kernels_.trace_rays(bvh, rays.data() + begin, hits.data() + begin, end - begin);
    });
    return {};
  }

 private:
  /// One batch after the other, with a look at `stop` in between.
  void render_piece(const CpuScene& scene, LeaseWork& work, std::size_t index, const std::stop_token& stop,
                    ProgressCounter& progress) {
    if (stop.stop_requested()) return;
    const RenderDataView view = view_of(*scene.data);
    const SceneBvh bvh = scene.tree->view();
    const WorkPiece piece = work.piece(index);
    std::vector<std::int64_t> sums = work.make_sums(piece);
    std::uint64_t non_finite = 0;
    for (std::uint64_t done = 0; done < piece.path_count; done += kCpuBatchSize) {
      if (stop.stop_requested()) return;
      const std::uint64_t count = std::min<std::uint64_t>(kCpuBatchSize, piece.path_count - done);
      const CpuBatch batch{piece.tile, static_cast<u32>(count), piece.first_path + done};
      kernels_.render_batch(view, bvh, batch, {sums.data(), &non_finite});
      progress.fetch_add(1, std::memory_order_relaxed);
    }
    work.finish(piece, sums, non_finite);
  }

  CpuKernels kernels_;
  std::shared_ptr<TreeStore> trees_;
  ThreadPool pool_;
  DeviceInfo info_;
  SceneSlots<CpuScene> scenes_;
};

/// Whether both this program and this CPU have AVX2 code.
bool runs_v3() {
#if defined(OCT_HAVE_V3)
  return cpu_runs_v3();
#else
  return false;
#endif
}

}  // namespace

Result<std::unique_ptr<Device>> make_cpu_device(const CpuDeviceOptions& options,
                                                std::shared_ptr<TreeStore> trees) {
  const bool v3 = options.isa == CpuIsa::v3 || (options.isa == CpuIsa::automatic && runs_v3());
  if (v3 && !runs_v3()) {
    return fail(ErrorKind::invalid_input, "this CPU, or this program, has no AVX2 code",
                "leave the choice automatic");
  }
  if (!trees) trees = std::make_shared<TreeStore>(TreeStoreOptions{options.threads, options.low_priority});
  std::unique_ptr<Device> device;
#if defined(OCT_HAVE_V3)
  if (v3) device = std::make_unique<CpuDevice>(cpu_kernels_v3(), "AVX2", options, trees);
#endif
  if (!v3) device = std::make_unique<CpuDevice>(cpu_kernels_x64(), "SSE2", options, trees);
  return device;
}

}  // namespace oct
