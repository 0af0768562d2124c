#pragma once

#include <cstdint>
#include <set>
#include <unordered_map>
#include <vector>

#include "compare/diff/divergence.hpp"
#include "compare/diff/type_names.hpp"

namespace understudy::compare {

/// How the columns of two results belong together.
struct Alignment {
    struct Column {
        std::size_t baseline = 0;  ///< index on each side
        std::size_t candidate = 0;
        Bytes name;              ///< of the baseline
        bool comparable = true;  ///< the digests of equal values are equal
        bool settled = true;     ///< … in whatever form they were taken; else in_one_form() has to be asked
        std::uint32_t baseline_type = 0;
        std::uint32_t candidate_type = 0;
        std::int16_t baseline_format = 0;
        std::int16_t candidate_format = 0;
    };
    std::vector<Divergence> differences;  ///< added, removed, renamed, retyped, reordered
    std::vector<Column> columns;          ///< those that both sides have, in the baseline's order
    bool same_rows = true;  ///< whole rows can be compared: same columns at the same places, all comparable
};

/// Aligns row descriptions: by name (the k-th of a name with the k-th), then what is left by place and type, as
/// renamed. Formats, table OIDs and attribute numbers make no difference. Remembers the pairs it has seen.
class ShapeComparer {
public:
    static constexpr std::size_t kMaxRemembered = 4096;

    /// The names are borrowed, and may be added to until the types are first asked for.
    ShapeComparer(const TypeNames& baseline, const TypeNames& candidate) : baseline_(baseline), candidate_(candidate) {}

    /// Bodies of RowDescription; an empty body has no columns. Valid until the next call.
    const Alignment& align(BytesView baseline, BytesView candidate);
    /// Bodies of ParameterDescription; appends at most one divergence.
    void compare_parameters(BytesView baseline, BytesView candidate, std::vector<Divergence>& out);
    /// User types that a capture does not name: they were taken as equal to the other's.
    [[nodiscard]] std::size_t unnamed_types() const { return unnamed_types_.size(); }

    /// Columns of answers whose digests differ and were taken in two forms: nothing is said of their values.
    void note_unlike_forms() { ++unlike_forms_; }
    [[nodiscard]] std::uint64_t unlike_forms() const { return unlike_forms_; }

    [[nodiscard]] const TypeNames& baseline_types() const { return baseline_; }
    [[nodiscard]] const TypeNames& candidate_types() const { return candidate_; }
    /// "(id integer, total numeric(10,2))" of a RowDescription body.
    static Bytes describe(BytesView row_description, const TypeNames& types);

private:
    Alignment compute(BytesView baseline, BytesView candidate);
    bool unnamed(std::uint32_t baseline, std::uint32_t candidate);

    const TypeNames& baseline_;
    const TypeNames& candidate_;
    std::unordered_map<Bytes, Alignment> remembered_;
    std::set<std::uint32_t> unnamed_types_;
    std::uint64_t unlike_forms_ = 0;
};

}  // namespace understudy::compare
