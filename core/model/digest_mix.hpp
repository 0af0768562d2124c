#pragma once

#include <cstdint>

#include "core/model/step.hpp"

namespace understudy {

/// Mixes the cells of a result, given row by row, into its digests (docs/capture-file.md, "Digests"). Needs no key: the
/// cells are keyed hashes already.
class DigestAccumulator {
public:
    void begin_row() { row_ = kSeed; }
    void add_cell(std::size_t column, std::uint64_t cell, ResultDigest& digest) {
        if (column >= digest.columns.size()) digest.columns.resize(column + 1);
        digest.columns[column] += cell;
        row_ = (row_ ^ cell) * kMultiplier;
        row_ ^= row_ >> 29U;
    }
    void end_row(ResultDigest& digest) const {
        std::uint64_t row = row_ * kMultiplier;
        row ^= row >> 32U;
        digest.multiset += row;
        digest.ordered = (digest.ordered ^ row) * kMultiplier + kSeed;
    }

private:
    static constexpr std::uint64_t kSeed = 0x9E3779B97F4A7C15ULL;
    static constexpr std::uint64_t kMultiplier = 0xD6E8FEB86659FD93ULL;
    std::uint64_t row_ = kSeed;
};

/// Computes the digests that follow from the cells of a small result. Without cells, or when they do not make whole
/// rows, it changes nothing.
void derive_from_cells(ResultDigest& digest, std::uint64_t rows);

}  // namespace understudy
