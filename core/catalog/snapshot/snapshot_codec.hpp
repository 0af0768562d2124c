#pragma once

#include <string>

#include "core/base/error.hpp"
#include "core/catalog/snapshot/snapshot.hpp"

namespace understudy::catalog {

/// Of the file and of the fingerprint: a snapshot of another format has another fingerprint for the same schema.
inline constexpr int kSnapshotFormat = 1;
inline constexpr std::size_t kMaxSnapshotBytes = std::size_t{512} << 20U;

/// A snapshot as JSON: an object a line, sorted, so that the difference of two files reads well. The same snapshot
/// gives the same text. Bytes that are no UTF-8 are written as hexadecimal digits after a zero character.
/// docs/schema.md describes it.
std::string to_json(const Snapshot& snapshot);

/// Errors: Errc::malformed for what to_json() has not written, or was changed since (its fingerprint does not fit);
/// Errc::unsupported for a file of a newer format; Errc::limit beyond kMaxSnapshotBytes or kMaxSnapshotObjects.
Result<Snapshot> parse_snapshot(BytesView json);

}  // namespace understudy::catalog
