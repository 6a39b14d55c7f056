#pragma once
#include "wire/device_info.hpp"  // the value is vocabulary: it travels in SlaveHello

namespace oct {

const char* to_string(DeviceKind kind);

}  // namespace oct
