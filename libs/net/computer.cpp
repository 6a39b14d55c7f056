#include "net/computer.hpp"

#include "base/hash.hpp"

namespace oct {
namespace {

constexpr std::size_t kPrintDigits = 16;

}  // namespace

std::string computer_print(const std::string& kind, const std::string& fact) {
  if (fact.empty()) return {};
  Sha256 hash;
  hash.add("octane daemon identity\n");
  hash.add(kind + "\n" + fact);
  return hash.finish().hex().substr(0, kPrintDigits);
}

}  // namespace oct
