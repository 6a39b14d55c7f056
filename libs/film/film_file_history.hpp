#pragma once
#include "base/cursor.hpp"
#include "film/film_history.hpp"

// The part of a film file's head that tells of devices and audits, as bytes.

namespace oct {

void append_history(Bytes& head, const FilmHistory& history);

/// The inverse of append_history; invalid_input for whatever it did not write. What is allocated is in proportion
/// to the bytes that are there.
Result<FilmHistory> history_at(Cursor& cursor, const RenderSettings& settings);

}  // namespace oct
