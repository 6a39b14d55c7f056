#include "slave/slave_info.hpp"

#include "base/json_text.hpp"
#include "base/version.hpp"
#include "security/tls_support.hpp"
#include "wire/kernel_hash.hpp"

namespace oct {

std::string slave_info_document(const std::vector<DeviceInfo>& devices, const std::string& no_gpu_reason) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const DeviceInfo& info : devices) {
    list.push_back({{"kind", to_string(info.kind)},
                    {"index", info.index},
                    {"name", info.name},
                    {"memory_bytes", info.memory_bytes},
                    {"threads", info.threads}});
  }
  const nlohmann::ordered_json document = {
      {"schema", "octane.slave_info/1"},
      {"version", kVersion},
      {"version_text", version_text()},
      {"platform", platform_name()},
      {"architecture", architecture_name()},
      {"bitness", static_cast<int>(sizeof(void*) * 8)},
      {"kernel_hash", kernel_hash().hex()},
      {"tls", has_tls()},
      {"can_rest", true},
      {"devices", list},
      {"no_gpu_reason",
       no_gpu_reason.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(no_gpu_reason)},
  };
  return json_text(document);
}

}  // namespace oct
