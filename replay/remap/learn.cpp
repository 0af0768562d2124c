#include "replay/remap/learn.hpp"

#include <algorithm>
#include <unordered_set>

#include "core/model/digest_mix.hpp"
#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/value.hpp"

namespace understudy::replay {
namespace {

using Hashes = std::unordered_set<std::uint64_t>;

/// Those of the target's values in the n-th column of the observed.
Hashes hashes_of(const ObservedValues& observed, std::size_t column) {
    Hashes hashes;
    for (std::size_t at = column; at < observed.values.size(); at += observed.columns.size()) {
        if (!observed.values[at].null) hashes.insert(observed.values[at].hash);
    }
    return hashes;
}

Hashes hashes_of(const ResultCells& recorded, std::size_t column) {
    Hashes hashes;
    for (std::size_t at = column; at < recorded.cells.size(); at += recorded.width) hashes.insert(recorded.cells[at]);
    return hashes;
}

bool known(const ValueMap& map, SessionId session, const ValueMap::Pair& pair) {
    const auto found = map.find(session, pair.domain, pair.recorded);
    return found && !found->text.empty() && found->target == pair.target && !found->uncommitted;
}

void learn_column(const ResultCells& recorded, const ObservedValues& observed, std::size_t column, RowPairing pairing,
                  std::uint64_t null_cell, SessionId session, const ValueMap& map, Learned& learned) {
    const std::size_t count = observed.columns.size();
    const DomainId domain = observed.domains[column];
    // A value that both sides have is itself: the rows came in another order, or other ones.
    const bool read = pairing == RowPairing::read;
    const Hashes here = read ? hashes_of(observed, column) : Hashes();
    const Hashes there = read ? hashes_of(recorded, observed.columns[column]) : Hashes();
    for (std::size_t row = 0; row < observed.rows(); ++row) {
        const ObservedValues::Value& value = observed.values[row * count + column];
        const std::uint64_t before = recorded.cells[row * recorded.width + observed.columns[column]];
        if (value.null || before == null_cell) continue;
        if (read && (here.contains(before) || there.contains(value.hash))) continue;
        ValueMap::Pair pair{domain, before, value.hash, value.text};
        if (known(map, session, pair)) continue;
        // What is read only tells of values that nothing is known of: another row may have been read.
        if (read) {
            const auto paired = map.find(session, domain, before);
            if ((paired && !paired->text.empty()) || map.recorded_of(domain, value.hash)) continue;
        }
        learned.pairs.push_back(std::move(pair));
    }
}

}  // namespace

ResultCells cells_of(const StepResult& result, const Digester& digester) {
    ResultCells found;
    if (result.rows == 0) return found;
    if (!result.digest.cells.empty()) {
        if (result.digest.cells.size() % result.rows != 0) return found;
        found.width = result.digest.cells.size() / result.rows;
        found.cells = result.digest.cells;
        return found;
    }
    if (result.kept_rows.size() != result.rows) return found;
    const auto description = pgwire::decode_row_description(result.row_description);
    if (!description) return found;
    found.width = description->columns.size();
    found.cells.reserve(found.width * result.kept_rows.size());
    Bytes scratch;
    for (const Bytes& row : result.kept_rows) {
        pgwire::for_each_cell(row, [&](std::size_t index, std::optional<BytesView> value) {
            if (!value || index >= found.width) return found.cells.push_back(digester.null_cell());
            const pgwire::ColumnDescription& column = description->columns[index];
            const auto canonical = pgwire::canonical_value(column.type_oid, column.format, *value, scratch);
            found.cells.push_back(digester.cell(canonical.value_class, canonical.bytes));
        });
    }
    if (found.cells.size() != found.width * result.rows) found = {};
    return found;
}

Learned learn_from(const ResultCells* recorded, const ObservedValues& observed, RowPairing pairing,
                   std::uint64_t null_cell, SessionId session, const ValueMap& map) {
    Learned learned;
    if (observed.columns.empty()) return learned;
    const bool fits = recorded != nullptr && !observed.cut && recorded->rows() == observed.rows() &&
                      observed.columns.back() < recorded->width;
    if (!fits) {
        learned.unpaired = true;
        if (recorded == nullptr || pairing != RowPairing::produced || observed.columns.back() >= recorded->width) {
            return learned;
        }
        for (std::size_t row = 0; row < recorded->rows(); ++row) {
            for (std::size_t i = 0; i < observed.columns.size(); ++i) {
                const std::uint64_t cell = recorded->cells[row * recorded->width + observed.columns[i]];
                const DomainId domain = observed.domains[i];
                if (cell != null_cell && !map.find(session, domain, cell)) learned.lost.emplace_back(domain, cell);
            }
        }
        return learned;
    }
    for (std::size_t column = 0; column < observed.columns.size(); ++column) {
        if (pairing == RowPairing::none) {
            Learned there;
            learn_column(*recorded, observed, column, RowPairing::read, null_cell, session, map, there);
            learned.unordered = learned.unordered || !there.pairs.empty();
        } else {
            learn_column(*recorded, observed, column, pairing, null_cell, session, map, learned);
        }
    }
    return learned;
}

std::optional<ResultDigest> normalised_digest(const ResultDigest& digest, ResultCells cells,
                                              const ObservedValues& observed, const ValueMap& map) {
    if (cells.width == 0 || observed.columns.empty() || observed.columns.back() >= cells.width) return std::nullopt;
    bool changed = false;
    const std::size_t rows = cells.rows();
    for (std::size_t i = 0; i < observed.columns.size(); ++i) {
        for (std::size_t at = observed.columns[i]; at < cells.cells.size(); at += cells.width) {
            const auto recorded = map.recorded_of(observed.domains[i], cells.cells[at]);
            if (!recorded || *recorded == cells.cells[at]) continue;
            cells.cells[at] = *recorded;
            changed = true;
        }
    }
    if (!changed) return std::nullopt;
    ResultDigest normalised;
    normalised.cells = std::move(cells.cells);
    derive_from_cells(normalised, rows);
    normalised.opaque_cells = digest.opaque_cells;
    if (digest.cells.empty()) normalised.cells.clear();
    return normalised;
}

}  // namespace understudy::replay
