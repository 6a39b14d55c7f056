#include "film/film_file_history.hpp"

#include "film/head_bytes.hpp"

namespace oct {
namespace {

void append_count(Bytes& head, std::size_t count) {
  append_value(head, static_cast<std::uint32_t>(count));
}

Result<EarlierSource> source_at(Cursor& cursor) {
  EarlierSource source;
  source.fingerprint.computer = digest_at(cursor);
  source.fingerprint.device = digest_at(cursor);
  const std::uint32_t ranges = cursor.u32();
  std::uint32_t end = 0;  // of the range before
  for (std::uint32_t i = 0; i < ranges && !cursor.failed(); ++i) {
    const std::uint32_t first = cursor.u32(), last = cursor.u32();
    if (cursor.failed()) break;
    if (first >= last || (i > 0 && first <= end))
      return fail(ErrorKind::invalid_input, "holds tiles that are not in order");
    source.tiles.append({first, last});
    end = last;
  }
  return source;
}

PendingAudit audit_at(Cursor& cursor) {
  PendingAudit audit;
  audit.source = cursor.u32();
  audit.units.tile = cursor.u32();
  audit.units.first_pass = cursor.u32();
  audit.units.last_pass = cursor.u32();
  audit.sums = digest_at(cursor);
  return audit;
}

}  // namespace

void append_history(Bytes& head, const FilmHistory& history) {
  append_count(head, history.sources.size());
  for (const EarlierSource& source : history.sources) {
    append_value(head, source.fingerprint.computer);
    append_value(head, source.fingerprint.device);
    append_count(head, source.tiles.ranges().size());
    for (const TileRange& range : source.tiles.ranges()) append_value(head, range);
  }
  append_count(head, history.audits.size());
  for (const PendingAudit& audit : history.audits) {
    append_value(head, audit.source);
    append_value(head, audit.units);
    append_value(head, audit.sums);
  }
}

Result<FilmHistory> history_at(Cursor& cursor, const RenderSettings& settings) {
  FilmHistory history;
  const std::uint32_t sources = cursor.u32();
  for (std::uint32_t i = 0; i < sources && !cursor.failed(); ++i) {
    OCT_TRY_ASSIGN(EarlierSource source, source_at(cursor));
    history.sources.push_back(std::move(source));
  }
  const std::uint32_t audits = cursor.u32();
  for (std::uint32_t i = 0; i < audits && !cursor.failed(); ++i) history.audits.push_back(audit_at(cursor));
  if (cursor.failed()) return fail(ErrorKind::invalid_input, "its head is too short for its devices");
  OCT_TRY(check_history(settings, history));
  return history;
}

}  // namespace oct
