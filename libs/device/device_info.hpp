#pragma once
#include "wire/device_info.hpp"  // the value is vocabulary: it travels in SlaveHello

namespace oct {

const char* to_string(DeviceKind kind);

/// "GPU 0 NVIDIA GeForce RTX 4070", or the CPU's own name.
std::string device_title(const DeviceInfo& info);

/// "GPU 0" or "the CPU": within a sentence, where the computer is known.
std::string device_word(const DeviceInfo& info);

}  // namespace oct
