#pragma once
#include <cstdint>

#include "base/bytes.hpp"
#include "base/check.hpp"

// A fuzz target is a function that takes any bytes and aborts (OCT_CHECK, a sanitizer) on a fault. With
// OCT_FUZZ it is libFuzzer's entry point; in tests it is replayed over the corpus, former crashes and seeded
// mutations.

#if defined(OCT_FUZZ_MAIN)
#define OCT_FUZZ_TARGET(name)                                                         \
  static void fuzz_##name(oct::ByteView input);                                       \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { \
    fuzz_##name(std::as_bytes(std::span(data, size)));                                \
    return 0;                                                                         \
  }                                                                                   \
  static void fuzz_##name(oct::ByteView input)
#else
#define OCT_FUZZ_TARGET(name)            \
  void fuzz_##name(oct::ByteView input); \
  void fuzz_##name(oct::ByteView input)
#endif
