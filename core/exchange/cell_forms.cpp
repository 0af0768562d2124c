#include "core/exchange/cell_forms.hpp"

#include <algorithm>

#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/type_structure.hpp"

namespace understudy {
namespace {

struct Form {
    bool by_bytes = false;
    bool by_value = false;
    bool reprinted = false;
    bool first = false;  // the version knew no forms
};

Form form_of(const ColumnInForm& column) {
    const Bytes& forms = column.digest.column_forms;
    if (column.index >= forms.size()) {
        const bool by_bytes = column.format != 0 && !pgwire::was_read_in_first_form(column.type_oid);
        return {by_bytes, !by_bytes, false, true};
    }
    const auto has = [bits = static_cast<unsigned char>(forms[column.index])](CellForm form) {
        return (bits & static_cast<unsigned>(form)) != 0;
    };
    return {has(CellForm::by_bytes), has(CellForm::by_value), has(CellForm::reprinted), false};
}

}  // namespace

bool in_one_form(const ColumnInForm& a, const ColumnInForm& b) {
    const Form left = form_of(a);
    const Form right = form_of(b);
    const auto only_nulls = [](const Form& form) { return !form.by_bytes && !form.by_value; };
    if (only_nulls(left) || only_nulls(right)) return true;
    if (left.by_bytes != right.by_bytes) return false;
    // The first form kept text as it was printed.
    return left.first == right.first || (a.format == b.format && !left.reprinted && !right.reprinted);
}

bool has_first_form(const StepResult& result) {
    if (result.rows == 0 || !result.digest.column_forms.empty() || result.row_description.empty()) return false;
    const auto description = pgwire::decode_row_description(result.row_description);
    if (!description) return false;
    return std::any_of(description->columns.begin(), description->columns.end(),
                       [](const auto& column) { return !pgwire::has_settled_digest(column.type_oid); });
}

}  // namespace understudy
