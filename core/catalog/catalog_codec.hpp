#pragma once

#include "core/base/error.hpp"
#include "core/catalog/catalog.hpp"

namespace understudy::catalog {

/// What a catalogue's bytes may measure: a record of a capture file holds no more (docs/capture-file.md).
/// Some 300,000 columns fit.
inline constexpr std::size_t kMaxCatalogBytes = 31U << 20U;

/// The content of a Catalog record (proto/catalog.proto). The same catalogue gives the same bytes. May be
/// longer than kMaxCatalogBytes, which decode() refuses: check before writing.
Bytes encode(const Catalog& catalog);

/// Errors: Errc::limit beyond kMaxCatalogBytes; Errc::malformed for bytes that are not a catalogue, or
/// numbers that no PostgreSQL has. Fields of newer versions are skipped. The result is sorted whatever the
/// bytes were.
Result<Catalog> decode(BytesView bytes);

}  // namespace understudy::catalog
