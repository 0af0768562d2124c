#include "core/sql/access_values.hpp"

#include <algorithm>
#include <utility>

#include "core/sql/constant_place.hpp"
#include "core/sql/lexer.hpp"
#include "core/sql/place_walk.hpp"

namespace understudy::sql {
namespace {

using Json = nlohmann::json;
using Use = ValueTie::Use;

/// How an operator compares; nothing for others.
struct Operator {
    Use use = Use::equal;
    bool equals = false;
};

std::optional<Operator> operator_of(const Json& names) {
    const Bytes schema = schema_name(names);
    if (!schema.empty() && schema != "pg_catalog") return std::nullopt;
    const Bytes name = last_name(names);
    if (name == "=") return Operator{Use::equal, true};
    if (name == "<>" || name == "!=") return Operator{Use::equal, false};
    if (name == "<" || name == "<=" || name == ">" || name == ">=") return Operator{Use::range, false};
    return std::nullopt;
}

/// A constant is exact where its sign, if any, stands right before it: "- -5" is no number's text.
bool has_plain_sign(BytesView text) {
    if (text.empty() || (text[0] != '-' && text[0] != '+')) return true;
    return text.size() > 1 && text[1] != '-' && text[1] != '+' && !is_space(text[1]);
}

/// 2.5::int, which is 3.
bool may_be_rounded(BytesView text) { return text.find_first_of(".eE") != BytesView::npos && text.back() != '\''; }

void append(ValueList& to, std::optional<PlainValue> value) {
    to.complete = to.complete && value && value->exact;
    if (value) to.values.push_back(*value);
}

/// Compares left elements with right elements: single ones, or rows.
class Pairing {
public:
    Pairing(BytesView sql, Operator op, std::vector<Comparison>& out) : sql_(sql), op_(op), out_(out) {}

    void pair(const Json& left, const Json& right) {
        const Json* fields = column_fields(left);
        const Json* other = column_fields(right);
        if (fields == nullptr && other == nullptr) return;
        if (fields == nullptr) return add_value(*other, plain_value(sql_, left));
        if (other == nullptr) return add_value(*fields, plain_value(sql_, right));
        out_.push_back({fields, other, {{}, false}, op_.use, op_.equals});
    }
    /// Rows of the same length; a star among the elements leaves their places open.
    void pair_rows(const Json& left, const Json& right) {
        if (left.size() != right.size() || has_star(left) || has_star(right)) return;
        for (std::size_t i = 0; i < left.size(); ++i) pair(left[i], right[i]);
    }
    /// left IN (items): complete only if each item gives a value.
    void among(const Json& left, const Json& items) {
        if (items.size() == 1) return either(left, items[0]);
        const Json* row = row_elements(left);
        const std::size_t width = row != nullptr ? row->size() : 1;
        if (row != nullptr && has_star(*row)) return;
        for (std::size_t i = 0; i < width; ++i) {
            const Json* fields = column_fields(row != nullptr ? (*row)[i] : left);
            Comparison found{fields, nullptr, {}, op_.use, op_.equals};
            for (const Json& item : items) {
                const Json* other = row != nullptr ? row_elements(item) : nullptr;
                const bool fits = row == nullptr || (other != nullptr && other->size() == width && !has_star(*other));
                const Json* element = row == nullptr ? &item : (fits ? &(*other)[i] : nullptr);
                if (fields == nullptr) {  // 5 IN (a, b)
                    if (element != nullptr && column_fields(*element) != nullptr) weak_pair(left, row, i, *element);
                    continue;
                }
                append(found.values, element != nullptr ? plain_value(sql_, *element) : std::nullopt);
                if (element != nullptr && column_fields(*element) != nullptr) {
                    out_.push_back({fields, column_fields(*element), {{}, false}, op_.use, false});
                }
            }
            if (fields == nullptr) continue;
            found.holds = found.holds && found.values.complete;
            out_.push_back(std::move(found));
        }
    }
    void either(const Json& left, const Json& right) {
        const Json* left_row = row_elements(left);
        const Json* right_row = row_elements(right);
        if (left_row != nullptr && right_row != nullptr) return pair_rows(*left_row, *right_row);
        if (left_row == nullptr && right_row == nullptr) pair(left, right);
    }

private:
    static bool has_star(const Json& row) {
        return std::any_of(row.begin(), row.end(), [](const Json& element) {
            return element.contains("ColumnRef") && column_fields(element) == nullptr;
        });
    }
    /// The value may be another's of the list as well.
    void weak_pair(const Json& left, const Json* row, std::size_t index, const Json& element) {
        const std::size_t first = out_.size();
        pair(row != nullptr ? (*row)[index] : left, element);
        for (std::size_t i = first; i < out_.size(); ++i) out_[i].holds = false;
    }
    void add_value(const Json& fields, std::optional<PlainValue> value) {
        Comparison found{&fields, nullptr, {}, op_.use, op_.equals};
        append(found.values, value);
        if (found.values.values.empty()) return;
        found.holds = found.holds && found.values.complete;
        out_.push_back(std::move(found));
    }

    BytesView sql_;
    Operator op_;
    std::vector<Comparison>& out_;
};

/// column = ANY (array), <> ALL (array) …
void with_array(BytesView sql, const Json& left, const Json& array, Comparison found, std::vector<Comparison>& out) {
    found.column = column_fields(left);
    if (found.column == nullptr) return;
    found.values = array_values(sql, array);
    found.holds = found.holds && found.values.complete;
    if (!found.values.values.empty()) out.push_back(std::move(found));
}

}  // namespace

Bytes last_name(const Json& names) { return names.is_array() && !names.empty() ? string_node(names.back()) : Bytes(); }

Bytes schema_name(const Json& names) {
    return names.is_array() && names.size() > 1 ? string_node(names[names.size() - 2]) : Bytes();
}

const Json& without_casts(const Json& node, bool& cuts) {
    const Json* inner = &node;
    while (const Json* cast = body_of(*inner, "TypeCast")) {
        cuts = cuts || member(*cast, "typeName").contains("typmods");
        inner = &member(*cast, "arg");
    }
    return *inner;
}

const Json* column_fields(const Json& node) {
    const Json* reference = body_of(node, "ColumnRef");
    if (reference == nullptr) return nullptr;
    const Json& fields = member(*reference, "fields");
    return fields.is_array() && !fields.empty() && !string_node(fields.back()).empty() ? &fields : nullptr;
}

const Json* row_elements(const Json& node) {
    const Json* row = body_of(node, "RowExpr");
    const Json& elements = member(row != nullptr ? *row : node, "args");
    return row != nullptr && elements.is_array() ? &elements : nullptr;
}

std::optional<PlainValue> plain_value(BytesView sql, const Json& node) {
    bool cuts = false;
    const Json& inner = without_casts(node, cuts);
    PlainValue value;
    if (const Json* parameter = body_of(inner, "ParamRef")) {
        const Json& number = member(*parameter, "number");
        if (!number.is_number_unsigned()) return std::nullopt;
        value.ref.parameter = number.get<std::uint32_t>();
        value.ref.offset = location_of(*parameter);
        value.ref.length = parameter_length(sql, value.ref.offset);
    } else if (const Json* constant = body_of(inner, "A_Const")) {
        value.ref.offset = location_of(*constant);
        value.ref.length = constant_length(sql, value.ref.offset);
        const BytesView text = sql.substr(value.ref.offset, value.ref.length);
        if (!has_plain_sign(text)) return std::nullopt;
        value.exact = &inner == &node || text.empty() || !may_be_rounded(text);
    }
    value.exact = value.exact && !cuts;
    if (value.ref.length == 0) return std::nullopt;
    return value;
}

std::optional<ValueRef> argument_value(BytesView sql, const Json& node) {
    if (const auto value = plain_value(sql, node)) return value->exact ? std::optional(value->ref) : std::nullopt;
    bool cuts = false;
    const Json* constant = body_of(without_casts(node, cuts), "A_Const");
    if (constant == nullptr || location_of(*constant) >= sql.size()) return std::nullopt;
    const Token token = next_token(sql, location_of(*constant));
    if (!is_word(token, "true") && !is_word(token, "false")) return std::nullopt;
    return ValueRef{0, token.offset, token.text.size(), false};
}

ValueList array_values(BytesView sql, const Json& node) {
    bool cuts = false;
    const Json& inner = without_casts(node, cuts);
    ValueList list;
    if (const Json* array = body_of(inner, "A_ArrayExpr")) {
        for (const Json& element : member(*array, "elements")) append(list, plain_value(sql, element));
        list.complete = list.complete && !cuts;
    } else {
        append(list, plain_value(sql, node));
        for (PlainValue& value : list.values) value.ref.array = true;
    }
    return list;
}

std::vector<Comparison> comparisons_of(BytesView sql, const Json& body) {
    std::vector<Comparison> found;
    const Bytes kind = text_member(body, "kind");
    const Json& left = member(body, "lexpr");
    const Json& right = member(body, "rexpr");
    const Json* list = body_of(right, "List");
    const Json& items = member(list != nullptr ? *list : right, "items");
    if (kind == "AEXPR_DISTINCT" || kind == "AEXPR_NOT_DISTINCT") {  // NULL is equal to NULL here
        Pairing(sql, {Use::equal, false}, found).either(left, right);
        return found;
    }
    if (kind.find("BETWEEN") != Bytes::npos) {
        for (const Json& item : items) Pairing(sql, {Use::range, false}, found).either(left, item);
        return found;
    }
    const auto op = operator_of(member(body, "name"));
    if (!op) return found;
    if (kind == "AEXPR_OP") Pairing(sql, *op, found).either(left, right);
    if (kind == "AEXPR_IN") Pairing(sql, *op, found).among(left, items);
    if (kind == "AEXPR_OP_ANY") with_array(sql, left, right, {{}, {}, {}, op->use, op->equals}, found);
    if (kind == "AEXPR_OP_ALL") with_array(sql, left, right, {{}, {}, {}, op->use, false}, found);
    return found;
}

}  // namespace understudy::sql
