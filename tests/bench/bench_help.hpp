#pragma once
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace oct::bench {

/// Prints `help` and exits where --help or -h is among the arguments; with an error where another option is. For
/// benchmarks whose arguments have no names.
inline void answer_help(int argc, char** argv, const char* help) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (!argument.starts_with('-')) continue;
    const bool asked = argument == "--help" || argument == "-h";
    if (!asked) std::fprintf(stderr, "error: unknown option %s\n", argv[i]);
    std::fputs(help, asked ? stdout : stderr);
    std::exit(asked ? 0 : 2);
  }
}

}  // namespace oct::bench
