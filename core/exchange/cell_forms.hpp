#pragma once

#include <cstdint>

#include "core/model/step.hpp"

namespace understudy {

// docs/capture-file.md, "Forms of digests": which digests of a type without a settled one can be compared.

/// One column of an answer.
struct ColumnInForm {
    const ResultDigest& digest;
    std::size_t index = 0;
    std::uint32_t type_oid = 0;
    std::int16_t format = 0;
};

/// Whether the digests of two columns would be equal if their values were. Not so when one side took values by their
/// bytes and the other by what they are: it had no catalogue, or is of a version that did not read the type.
bool in_one_form(const ColumnInForm& a, const ColumnInForm& b);

/// Whether the result has values of types that later versions read otherwise: a capture of an older version.
bool has_first_form(const StepResult& result);

}  // namespace understudy
