#include "base/hash.hpp"

#include <algorithm>

#include "base/check.hpp"

// One well-kept library per platform: OpenSSL, and on Windows the system's own CNG, so that builds without
// OpenSSL hash all the same.
#if defined(_WIN32)
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
// after windows.h
#include <bcrypt.h>
#else
#include <openssl/evp.h>
#endif

namespace oct {

#if defined(_WIN32)

namespace {

/// Opened once and kept until the program ends; thread-safe to use.
BCRYPT_ALG_HANDLE sha256_provider() {
  static const BCRYPT_ALG_HANDLE provider = [] {
    BCRYPT_ALG_HANDLE opened = nullptr;
    OCT_CHECK(BCryptOpenAlgorithmProvider(&opened, BCRYPT_SHA256_ALGORITHM, nullptr, 0) >= 0);
    return opened;
  }();
  return provider;
}

}  // namespace

struct Sha256::State {
  BCRYPT_HASH_HANDLE hash = nullptr;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  OCT_CHECK(BCryptCreateHash(sha256_provider(), &state_->hash, nullptr, 0, nullptr, 0, 0) >= 0);
}

Sha256::~Sha256() {
  BCryptDestroyHash(state_->hash);
}

void Sha256::add(ByteView bytes) {
  while (!bytes.empty()) {  // the interface counts in 32 bits
    const auto part = bytes.first(std::min<std::size_t>(bytes.size(), 1u << 30));
    auto* data = reinterpret_cast<PUCHAR>(const_cast<std::byte*>(part.data()));
    OCT_CHECK(BCryptHashData(state_->hash, data, static_cast<ULONG>(part.size()), 0) >= 0);
    bytes = bytes.subspan(part.size());
  }
}

Digest Sha256::finish() {
  Digest digest;
  OCT_CHECK(BCryptFinishHash(state_->hash, digest.bytes.data(), static_cast<ULONG>(digest.bytes.size()), 0) >=
            0);
  return digest;
}

#else

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  OCT_CHECK(EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) == 1);
}

Sha256::~Sha256() = default;

void Sha256::add(ByteView bytes) {
  OCT_CHECK(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1);
}

Digest Sha256::finish() {
  Digest digest;
  unsigned int size = 0;
  OCT_CHECK(EVP_DigestFinal_ex(state_->context, digest.bytes.data(), &size) == 1);
  OCT_CHECK_EQ(size, digest.bytes.size());
  return digest;
}

#endif

}  // namespace oct
