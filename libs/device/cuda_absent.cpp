// What a build without the CUDA device says when it is asked for GPUs.
#include "device/device.hpp"

namespace oct {

CudaDevices list_cuda_devices() {
  return {{}, "built without CUDA"};
}

Result<std::unique_ptr<Device>> make_cuda_device(std::uint32_t, std::shared_ptr<TreeStore>) {
  return fail(ErrorKind::unavailable, "this program was built without CUDA", "use --cpu");
}

}  // namespace oct
