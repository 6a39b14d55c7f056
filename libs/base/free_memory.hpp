#pragma once

// Memory that is free again goes back to the system, where others have use for it, and what comes next can be as large.

namespace oct {

/// Has large arrays give their memory back when they are freed, instead of keeping it for the next ones. Once, at the
/// start of a program.
void keep_heap_small();

/// Gives memory that is free back to the system: behind a stage that needed much of it. Takes milliseconds. Any thread.
void return_free_memory();

}  // namespace oct
