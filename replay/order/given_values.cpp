#include "replay/order/given_values.hpp"

#include "core/pgwire/type_oid.hpp"
#include "core/pgwire/value.hpp"
#include "core/sql/lexer.hpp"
#include "core/sql/literal_value.hpp"

namespace understudy::replay {
namespace {

/// The elements of an array in PostgreSQL's text form (docs, "Array Input and Output Syntax"), one dimension. Nothing
/// for several dimensions, and for more than kMaxElements.
std::optional<std::vector<std::optional<Bytes>>> elements_of(BytesView array) {
    if (array.size() < 2 || array.front() != '{' || array.back() != '}') return std::nullopt;
    array = array.substr(1, array.size() - 2);
    std::vector<std::optional<Bytes>> elements;
    std::size_t at = 0;
    while (at < array.size()) {
        if (elements.size() >= GivenValues::kMaxElements) return std::nullopt;
        Bytes element;
        bool quoted = false;
        while (at < array.size() && sql::is_space(array[at])) ++at;
        if (at < array.size() && array[at] == '{') return std::nullopt;
        if (at < array.size() && array[at] == '"') {
            quoted = true;
            for (++at; at < array.size() && array[at] != '"'; ++at) {
                if (array[at] == '\\' && at + 1 < array.size()) ++at;
                element += array[at];
            }
            ++at;
        }
        for (; at < array.size() && array[at] != ','; ++at) {
            if (!quoted) element += array[at];
        }
        ++at;
        while (!quoted && !element.empty() && sql::is_space(element.back())) element.pop_back();
        const bool null = !quoted && sql::to_lower(element) == "null";
        elements.push_back(null ? std::nullopt : std::optional(std::move(element)));
    }
    return elements;
}

/// The array type whose elements are of the type; 0 if that is not known.
std::uint32_t array_of(std::uint32_t element) {
    constexpr std::uint32_t kLast = 3807;  // the last built-in array type of element_of()
    for (std::uint32_t oid = 143; oid <= kLast; ++oid) {
        if (pgwire::type_oid::element_of(oid) == element) return oid;
    }
    return 0;
}

}  // namespace

std::optional<GivenValues::Value> GivenValues::find(const sql::ValueRef& ref, Bytes& scratch) const {
    if (ref.parameter > 0) {
        const std::size_t index = ref.parameter - 1;
        if (index >= parameters_.values.size()) return std::nullopt;
        Value value;
        value.null = !parameters_.values[index].has_value();
        if (!value.null) value.bytes = *parameters_.values[index];
        const auto& formats = parameters_.formats;
        if (formats.size() == 1) value.format = formats[0];
        if (index < formats.size()) value.format = formats[index];
        if (index < parameters_.types.size()) value.type = parameters_.types[index];
        return value;
    }
    if (ref.offset + ref.length > sql_.size()) return std::nullopt;
    const BytesView written = sql_.substr(ref.offset, ref.length);
    const sql::Token token = sql::next_token(written, 0);
    if (token.kind == sql::TokenKind::string || token.kind == sql::TokenKind::dollar_string) {
        scratch = sql::literal_value(token);
    } else {
        scratch = written;
        std::erase_if(scratch, sql::is_space);
        if (!scratch.empty() && scratch.front() == '+') scratch.erase(0, 1);
    }
    return Value{scratch, 0, 0, false};
}

std::optional<std::vector<std::uint64_t>> GivenValues::hashes(const sql::ValueRef& ref,
                                                              std::uint32_t column_type) const {
    Bytes literal;
    const auto value = find(ref, literal);
    if (!value) return std::nullopt;
    std::vector<std::uint64_t> found;
    if (value->null) return found;
    Bytes scratch;
    const auto add = [&](std::uint32_t type, std::int16_t format, BytesView bytes) {
        const pgwire::CanonicalValue canonical = pgwire::canonical_value(type, format, bytes, scratch);
        found.push_back(digester_.cell(canonical.value_class, canonical.bytes));
        return canonical.value_class != pgwire::ValueClass::opaque_binary;
    };
    if (!ref.array) {
        // In text the column's own type reads it; in binary it has the declared one's form.
        const bool declared = value->format == 1 && value->type != 0;
        if (!add(declared ? value->type : column_type, value->format, value->bytes)) return std::nullopt;
        return found;
    }
    BytesView array = value->bytes;
    Bytes array_text;
    if (value->format == 1) {
        const std::uint32_t type = value->type != 0 ? value->type : array_of(column_type);
        const pgwire::CanonicalValue canonical = pgwire::canonical_value(type, 1, array, array_text);
        if (canonical.value_class != pgwire::ValueClass::array) return std::nullopt;
        array = canonical.bytes;
    }
    const auto elements = elements_of(array);
    if (!elements) return std::nullopt;
    for (const std::optional<Bytes>& element : *elements) {
        if (element) add(column_type, 0, *element);
    }
    return found;
}

std::optional<Bytes> GivenValues::text(const sql::ValueRef& ref) const {
    Bytes scratch;
    const auto value = find(ref, scratch);
    if (!value || value->null) return std::nullopt;
    return pgwire::display_value(value->type, value->format, value->bytes);
}

std::uint64_t key_hash(const std::vector<std::uint64_t>& columns) {
    std::uint64_t mixed = 0x9E3779B97F4A7C15ULL;
    for (const std::uint64_t column : columns) {
        mixed = (mixed ^ column) * 0xD6E8FEB86659FD93ULL;
        mixed ^= mixed >> 32U;
    }
    return mixed;
}

}  // namespace understudy::replay
