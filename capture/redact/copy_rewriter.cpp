#include "capture/redact/copy_rewriter.hpp"

#include <algorithm>

namespace understudy::capture {

bool CopyPlan::hides_any() const { return all || std::find(hidden.begin(), hidden.end(), true) != hidden.end(); }

CopyPlan plan_copy(const sql::CopyUse& use, const Redaction& redaction) {
    CopyPlan plan;
    plan.layout = CopyLayout::of(use);
    std::vector<sql::OutputUse> fields = use.fields;
    if (fields.empty()) {
        for (const sql::ColumnUse& column : redaction.columns_of(use.schema, use.table))
            fields.push_back({{}, {column}});
    }
    if (fields.empty()) {
        plan.all = use.table.empty() || redaction.rules().can_cover(use.schema, use.table);
        if (plan.all) redaction.count("redact.copies_without_columns");
    }
    for (const sql::OutputUse& field : fields) {
        plan.hidden.push_back(redaction.hides(field.columns));
        plan.types.push_back(field.columns.empty() ? 0 : redaction.type_of(field.columns.front()));
    }
    return plan;
}

void CopyRewriter::feed(BytesView data, Bytes& out) {
    if (!plan_.hides_any()) {
        out.append(data);
        return;
    }
    fields_.feed(data, *this, out);
}

std::optional<Bytes> CopyRewriter::text(std::size_t field, BytesView value) const {
    return redaction_->tokens().text(value, type_of(field));
}

std::optional<Bytes> CopyRewriter::binary(std::size_t field, BytesView value) const {
    return redaction_->tokens().wire(type_of(field), 1, value);
}

void CopyRewriter::broken(BytesView data, Bytes& out) const {
    redaction_->count("redact.copy_rows_broken");
    out.append(redaction_->tokens().wire(0, 1, data));
}

}  // namespace understudy::capture
