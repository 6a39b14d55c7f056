#pragma once
#include "compile/compile.hpp"
#include "support/catch.hpp"

namespace oct::test {

/// The scene compiled; fails the test where that fails.
inline RenderData compiled(const Scene& scene, const CompileOptions& options = {}, unsigned threads = 1,
                           std::vector<std::string>* warnings = nullptr) {
  ThreadPool pool(threads);
  auto data = compile(scene, options, pool, warnings);
  if (!data) FAIL(data.error().message);
  return *std::move(data);
}

/// Options for a small film, so that tests are quick.
inline CompileOptions small_film() {
  CompileOptions options;
  options.width = 32;
  options.height = 24;
  options.samples_per_pixel = 16;
  return options;
}

}  // namespace oct::test
