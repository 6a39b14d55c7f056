#include "device/cuda_errors.hpp"

#include <fmt/format.h>

namespace oct {
namespace {

constexpr const char* kBrokenContext =
    "the driver has taken this GPU from this program; start it again. If that repeats, look for \"Xid\" in "
    "the system's "
    "log (dmesg), take back overclocking, and check power and cooling";

const char* help_for(cudaError_t error) {
  switch (error) {
    case cudaErrorMemoryAllocation:
      return "close other programs that use the GPU's memory (nvidia-smi lists them), or render a smaller "
             "scene";
    case cudaErrorInsufficientDriver:
    case cudaErrorSystemDriverMismatch:
    case cudaErrorUnsupportedPtxVersion: return "update the NVIDIA driver, and restart the computer";
    case cudaErrorNoKernelImageForDevice:
      return "this program has no code for a GPU of this kind: leave it out with -g, which names the others";
    case cudaErrorDevicesUnavailable:
      return "another program has this GPU for itself (nvidia-smi -q -d COMPUTE shows the mode); end it, or "
             "leave this GPU "
             "out with -g";
    case cudaErrorLaunchTimeout:
      return "a GPU that drives a display may not work on one task for long: reduce what else it shows, or "
             "raise the limit "
             "(TdrDelay on Windows)";
    case cudaErrorECCUncorrectable:
      return "this GPU's memory failed (nvidia-smi -q -d ECC tells where); restart the computer, and replace "
             "the GPU if it "
             "happens again";
    case cudaErrorNoDevice:
    case cudaErrorUnknown:
      return "the GPU may have fallen off its bus: nvidia-smi and the system's log (dmesg) tell; check its "
             "seat, power and "
             "cooling, and restart the computer";
    default: return is_lost_by(error) ? kBrokenContext : "";
  }
}

}  // namespace

Result<void> check_cuda(const std::string& device, const char* what, cudaError_t error) {
  if (error == cudaSuccess) return {};
  cudaGetLastError();
  const ErrorKind kind = error == cudaErrorMemoryAllocation ? ErrorKind::exhausted : ErrorKind::unavailable;
  return fail(kind,
              fmt::format("{}: {}: {} (CUDA error {})", device, what, cudaGetErrorString(error),
                          static_cast<int>(error)),
              help_for(error));
}

bool is_lost_by(cudaError_t error) {
  switch (error) {
    case cudaErrorIllegalAddress:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorHardwareStackError:
    case cudaErrorAssert:
    case cudaErrorLaunchTimeout:
    case cudaErrorLaunchFailure:
    case cudaErrorECCUncorrectable:
    case cudaErrorNvlinkUncorrectable:
    case cudaErrorNoDevice:
    case cudaErrorUnknown: return true;
    default: return false;
  }
}

}  // namespace oct
