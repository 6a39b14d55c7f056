#include "wire/chunk_id.hpp"

namespace oct {

std::string ChunkId::hex() const {
  Digest digest;
  std::memcpy(digest.bytes.data(), bytes.data(), bytes.size());
  return digest.hex().substr(0, 2 * bytes.size());
}

}  // namespace oct
