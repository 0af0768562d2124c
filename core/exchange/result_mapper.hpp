#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/bytes.hpp"
#include "core/pgwire/value.hpp"

namespace understudy {

/// Watches the values of results while a replay digests them, and says which recorded value each stands for: the ids
/// that a target generates are others than production's.
class ResultMapper {
public:
    virtual ~ResultMapper() = default;
    /// A result's first row comes. The columns of it (from 0, ascending) whose cells are to be shown to on_cell();
    /// empty: none. Valid until the next call. `row_description` is the body in force, empty when there is none.
    virtual std::span<const std::size_t> begin_result(std::uint32_t ordinal, std::uint32_t step,
                                                      BytesView row_description) = 0;
    /// A value, not NULL, of the n-th of those columns. Returns the digest that stands for it in the normalised
    /// digests: `cell`, its own, where nothing else is known.
    virtual std::uint64_t on_cell(std::size_t watched, const pgwire::CanonicalValue& value, std::uint64_t cell) = 0;
    /// The same for a NULL.
    virtual void on_null(std::size_t watched) = 0;
};

}  // namespace understudy
