#include "core/model/digest_mix.hpp"

namespace understudy {

void derive_from_cells(ResultDigest& digest, std::uint64_t rows) {
    if (rows == 0 || digest.cells.empty()) return;
    const std::size_t width = digest.cells.size() / rows;
    if (width == 0 || width * rows != digest.cells.size()) return;
    DigestAccumulator accumulator;
    digest.ordered = 0;
    digest.multiset = 0;
    digest.columns.assign(width, 0);
    for (std::size_t i = 0; i < digest.cells.size(); ++i) {
        if (i % width == 0) accumulator.begin_row();
        accumulator.add_cell(i % width, digest.cells[i], digest);
        if (i % width == width - 1) accumulator.end_row(digest);
    }
}

}  // namespace understudy
