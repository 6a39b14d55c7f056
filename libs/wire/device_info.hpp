#pragma once
#include <cstdint>
#include <string>

namespace oct {

enum class DeviceKind : std::uint32_t { cpu = 0, cuda = 1 };

/// What people and the master are told of a device.
struct DeviceInfo {
  DeviceKind kind = DeviceKind::cpu;
  std::uint32_t index = 0;         ///< GPU number as CUDA counts; 0 for the CPU
  std::string name;                ///< "AMD EPYC, 16 threads, AVX2" or "NVIDIA GeForce RTX 3090"
  std::uint64_t memory_bytes = 0;  ///< total memory usable for a scene
  std::uint32_t threads = 0;       ///< CPU threads used; 0 for a GPU

  /// A new field is one line here: encoder, decoder and JSON follow.
  static void fields(auto& self, auto&& field) {
    field("kind", self.kind);
    field("index", self.index);
    field("name", self.name);
    field("memory_bytes", self.memory_bytes);
    field("threads", self.threads);
  }
};

}  // namespace oct
