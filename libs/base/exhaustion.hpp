#pragma once
#include <exception>
#include <string>
#include <system_error>

#include "base/result.hpp"

// What a computer has too little of is no bug of a program: memory, threads, open files.

namespace oct {

/// What an exception means that reached the root of a thread: `exhausted`, with what was needed and what
/// helps, for memory, threads and open files; else `internal`.
Error error_of(const std::exception& exception);

/// Whether this process, or the whole system, has no file left to open. Sockets are files, too.
bool is_out_of_files(const std::error_code& code);
/// By the number of errno.
bool is_out_of_files(int code);

/// "WHAT: too many open files: this process may have 1024", `exhausted`, with what helps.
Error out_of_files(const std::string& what);

/// "WHAT: the system's words", of this kind, or out_of_files(); `code` is a number of errno.
Error file_error(ErrorKind kind, const std::string& what, int code);

/// The end of a program by an exception that nobody can take: its message on stderr, and its exit code. For
/// the roots of threads.
[[noreturn]] void end_by_exception(const std::exception& exception);

/// Lets an exception that leaves a thread end the program in this way, and not by SIGABRT.
void end_by_uncaught_exceptions();

}  // namespace oct
