#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/exchange/result_digest.hpp"
#include "core/model/step.hpp"
#include "replay/remap/value_map.hpp"

namespace understudy::replay {

/// The cells of a result, row by row, as keyed hashes.
struct ResultCells {
    std::size_t width = 0;
    std::vector<std::uint64_t> cells;
    [[nodiscard]] std::size_t rows() const { return width == 0 ? 0 : cells.size() / width; }
};

/// Those of a recorded result or an answer: kept as such of small results, or made of the rows that were kept, if all
/// were. Empty: they are not known.
ResultCells cells_of(const StepResult& result, const Digester& digester);

/// The values of an answer in the columns that are of domains, as they came.
struct ObservedValues {
    struct Value {
        bool null = true;
        std::uint64_t hash = 0;
        Bytes text;  ///< canonical
    };
    std::vector<std::size_t> columns;  ///< ascending
    std::vector<DomainId> domains;     ///< of each
    std::vector<Value> values;         ///< row by row
    bool cut = false;                  ///< there were more than are kept
    [[nodiscard]] std::size_t rows() const { return columns.empty() ? 0 : values.size() / columns.size(); }
};

/// What pairs the rows of an answer with those of the recorded one.
enum class RowPairing : std::uint8_t {
    produced,  ///< INSERT … RETURNING, nextval(): by their order; what differs was generated
    read,      ///< by their order, and only what no other row explains: SELECT in an order or of one row, UPDATE …
               ///< RETURNING
    none,      ///< the rows have no order, or are a choice
};

struct Learned {
    std::vector<ValueMap::Pair> pairs;                     ///< new, or other than what the map has
    std::vector<std::pair<DomainId, std::uint64_t>> lost;  ///< generated in the capture, and nothing pairs them
    bool unordered = false;                                ///< RowPairing::none, and there was something to learn
    bool unpaired = false;                                 ///< the recorded rows are not known, or of another number
};

/// Pairs the recorded values with those of the target. `recorded` nullptr: not known. Pure.
Learned learn_from(const ResultCells* recorded, const ObservedValues& observed, RowPairing pairing,
                   std::uint64_t null_cell, SessionId session, const ValueMap& map);

/// The digests of an answer with recorded values in place of the target's, as far as the map knows them; nothing if
/// they are the same. `cells` are the answer's, `rows` their number.
std::optional<ResultDigest> normalised_digest(const ResultDigest& digest, ResultCells cells,
                                              const ObservedValues& observed, const ValueMap& map);

}  // namespace understudy::replay
