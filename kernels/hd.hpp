#pragma once
// The only file that asks which compiler is running and for what. All kernel functions are written as
//
//   namespace oct::inline OCT_ISA {
//   OCT_HD float f(float x) { ... }
//   }
//
// The inline namespace keeps copies compiled for different instruction sets apart: without it the linker
// keeps one of several inline copies, and the plain path would run AVX code.

#if defined(__CUDACC__)
#define OCT_ISA cuda
#define OCT_HD __host__ __device__ inline
#define OCT_CONSTANT_TABLE __device__ __constant__ const
#elif defined(__AVX2__) && defined(__FMA__)
#define OCT_ISA v3
#define OCT_HD inline
#define OCT_CONSTANT_TABLE static constexpr
#else
#define OCT_ISA x64
#define OCT_HD inline
#define OCT_CONSTANT_TABLE static constexpr
#endif

// Larger tables, read at a place of its own by each thread: not in constant memory, which serves one address
// at a time.
#if defined(__CUDA_ARCH__)
#define OCT_LOOKUP_TABLE __device__ static const
#else
#define OCT_LOOKUP_TABLE static constexpr
#endif

// For functions so small or so hot that a call costs more than they do; compilers grow shy of inlining inside
// the large functions that kernels are.
#define OCT_HD_INLINE OCT_HD_SHARED

// For what is seldom needed and large: called, so that the kernel around keeps its registers and its code small.
// Arguments by value, for a reference would force what it refers to out of registers at every call and before.
#define OCT_HD_CALLED __attribute__((noinline)) OCT_HD

// For the few accessors of shared data that live outside the inline namespace: they leave no symbol behind.
#if defined(__CUDACC__)
#define OCT_HD_SHARED __host__ __device__ __forceinline__
#else
#define OCT_HD_SHARED __attribute__((always_inline)) inline
#endif

// Asks memory early for what will be read soon: a hint, which changes no result. GPUs switch threads instead.
#if defined(__CUDA_ARCH__)
#define OCT_PREFETCH(address) static_cast<void>(address)
#else
#define OCT_PREFETCH(address) __builtin_prefetch(address)
#endif
