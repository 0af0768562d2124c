#pragma once

#include <optional>
#include <vector>

#include "core/exchange/result_digest.hpp"
#include "core/sql/access.hpp"
#include "replay/order/relation_map.hpp"

namespace understudy::replay {

/// The values that a statement was given: its literals, and its parameters as a Bind (or an EXECUTE) has them.
class GivenValues {
public:
    static constexpr std::size_t kMaxElements = 64;  ///< of an array; a longer one counts as unknown

    struct Parameters {
        std::vector<std::optional<Bytes>> values;
        std::vector<std::int16_t> formats;  ///< none: all text; one: for all; else one each
        std::vector<std::uint32_t> types;   ///< as declared in Parse; 0 or missing: that of the column
    };

    /// Borrows all three.
    GivenValues(BytesView sql, const Parameters& parameters, const Digester& digester)
        : sql_(sql), parameters_(parameters), digester_(digester) {}

    /// The hashes of a value as the column has it: one, several of an array, none of NULL (which equals nothing).
    /// Nothing when the value is not known.
    [[nodiscard]] std::optional<std::vector<std::uint64_t>> hashes(const sql::ValueRef& ref,
                                                                   std::uint32_t column_type) const;
    /// The value as text; nothing for NULL and for what is not known.
    [[nodiscard]] std::optional<Bytes> text(const sql::ValueRef& ref) const;

private:
    struct Value {
        BytesView bytes;
        std::int16_t format = 0;
        std::uint32_t type = 0;
        bool null = false;
    };
    [[nodiscard]] std::optional<Value> find(const sql::ValueRef& ref, Bytes& scratch) const;

    BytesView sql_;
    const Parameters& parameters_;
    const Digester& digester_;
};

/// Mixes the hashes of a key's columns into one.
std::uint64_t key_hash(const std::vector<std::uint64_t>& columns);

}  // namespace understudy::replay
