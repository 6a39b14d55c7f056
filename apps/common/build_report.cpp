#include "common/build_report.hpp"

#include <OpenEXRConfig.h>
#include <draco/core/draco_version.h>
#include <fmt/format.h>
#include <jconfig.h>
#include <meshoptimizer.h>
#include <png.h>
#include <spdlog/version.h>
#include <tiffvers.h>
#include <zlib.h>

#include <asio/version.hpp>
#include <cxxopts.hpp>
#include <nlohmann/json.hpp>

#include "base/version.hpp"
#include "commit.hpp"
#include "launch/compiler_name.hpp"
#include "security/tls_support.hpp"

#if defined(OCT_HAVE_OPENSSL)
#include <openssl/crypto.h>
#endif
#if defined(OCT_HAVE_ZSTD)
#include <zstd.h>
#endif
#if defined(OCT_HAVE_LZ4)
#include <lz4.h>
#endif
#include <utf8proc.h>

namespace oct {
namespace {

using nlohmann::json;

std::string joined(int major, int minor, int patch) {
  return fmt::format("{}.{}.{}", major, minor, patch);
}

/// Those that are code in the program; what is only called, such as the C library, is the computer's.
json libraries() {
  json all;
  all["asio"] = joined(ASIO_VERSION / 100000, ASIO_VERSION / 100 % 1000, ASIO_VERSION % 100);
  all["cxxopts"] = joined(CXXOPTS__VERSION_MAJOR, CXXOPTS__VERSION_MINOR, CXXOPTS__VERSION_PATCH);
  all["fmt"] = joined(FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100);
  all["nlohmann_json"] =
      joined(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH);
  all["spdlog"] = joined(SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH);
  all["zlib"] = zlibVersion();
  all["openexr"] = OPENEXR_VERSION_STRING;
  all["libpng"] = PNG_LIBPNG_VER_STRING;
  all["libjpeg_turbo"] =
      joined(LIBJPEG_TURBO_VERSION_NUMBER / 1000000, LIBJPEG_TURBO_VERSION_NUMBER / 1000 % 1000,
             LIBJPEG_TURBO_VERSION_NUMBER % 1000);
  all["libwebp"] = OCT_WEBP_VERSION;  // its headers do not tell
  all["libtiff"] = joined(TIFFLIB_MAJOR_VERSION, TIFFLIB_MINOR_VERSION, TIFFLIB_MICRO_VERSION);
  all["draco"] = draco::kDracoVersion;
  all["meshoptimizer"] =
      joined(MESHOPTIMIZER_VERSION / 1000, MESHOPTIMIZER_VERSION / 10 % 100, MESHOPTIMIZER_VERSION % 10);
#if defined(OCT_HAVE_OPENSSL)
  all["openssl"] = OpenSSL_version(OPENSSL_VERSION_STRING);
#endif
#if defined(OCT_HAVE_ZSTD)
  all["zstd"] = ZSTD_versionString();
#endif
#if defined(OCT_HAVE_LZ4)
  all["lz4"] = LZ4_versionString();
#endif
  all["utf8proc"] = utf8proc_version();
  return all;
}

std::string compiler() {
#if defined(__clang__)
  return "clang " + joined(__clang_major__, __clang_minor__, __clang_patchlevel__);
#else
  return "gcc " + joined(__GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
}

}  // namespace

std::string version_line(const std::string& program) {
  return fmt::format("{} {} ({}){}", program, kVersion, version_text(), has_tls() ? "" : " no TLS");
}

std::string version_json(const std::string& program) {
  const json options = {{"cuda", OCT_BUILT_WITH_CUDA != 0},
                        {"static", OCT_BUILT_STATIC != 0},
                        {"tls", has_tls()},
                        {"build_type", OCT_BUILD_TYPE}};
  const json report = {{"schema", "octane.version/1"},
                       {"program", program},
                       {"version", kVersion},
                       {"release", version_text()},
                       {"commit", kCommit},
                       {"platform", platform_name()},
                       {"architecture", architecture_name()},
                       {"compiler", compiler()},
                       {"kernel_compiler", kernel_compiler()},
                       {"options", options},
                       {"libraries", libraries()}};
  return report.dump();
}

}  // namespace oct
