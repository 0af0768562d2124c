#include "replay/remap/value_rewriter.hpp"

#include <algorithm>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"
#include "core/pgwire/type_oid.hpp"
#include "core/pgwire/value_encode.hpp"
#include "core/sql/lexer.hpp"
#include "core/sql/literal_text.hpp"
#include "core/sql/literal_value.hpp"

namespace understudy::replay {
namespace {

namespace oid = pgwire::type_oid;
using sql::Token;
using sql::TokenKind;

bool is_number_type(std::uint32_t type) { return type == oid::int8 || type == oid::numeric; }

/// An integer as the server prints it: " +007" is 7.
BytesView plain_number(BytesView value) {
    while (!value.empty() && sql::is_space(value.front())) value.remove_prefix(1);
    while (!value.empty() && sql::is_space(value.back())) value.remove_suffix(1);
    if (value.starts_with('+')) value.remove_prefix(1);
    while (value.size() > 1 && value[0] == '0' && value[1] >= '0' && value[1] <= '9') value.remove_prefix(1);
    return value;
}

bool is_text_type(std::uint32_t type) {
    return type == oid::text || type == oid::varchar || type == oid::bpchar || type == oid::unknown ||
           type == oid::name;
}

/// What a binary value of a parameter whose type the server chose is.
std::uint32_t type_by_width(std::uint32_t domain_type, std::size_t width) {
    if (!is_number_type(domain_type)) return domain_type;
    if (width == 2) return oid::int2;
    if (width == 4) return oid::int4;
    return width == 8 ? oid::int8 : oid::numeric;
}

std::int16_t format_at(const std::vector<std::int16_t>& formats, std::size_t index) {
    if (formats.size() == 1) return formats[0];
    return index < formats.size() ? formats[index] : std::int16_t{0};
}

bool is_digits(BytesView text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    return !text.empty() && text.find_first_not_of("0123456789.") == BytesView::npos;
}

/// One element of an array's text, from its first character; `at` is then behind it. The value without quotes.
Bytes array_element(BytesView text, std::size_t& at, bool& quoted) {
    Bytes value;
    quoted = text[at] == '"';
    if (quoted) ++at;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (quoted ? c == '"' : (c == ',' || c == '{' || c == '}')) break;
        if (c == '\\' && at + 1 < text.size()) ++at;
        value += text[at];
    }
    if (quoted && at < text.size()) ++at;
    return value;
}

void append_array_element(BytesView value, bool quoted, Bytes& out) {
    const bool plain = !quoted && value.find_first_of("{}\",\\ \t\n\r\v\f") == BytesView::npos && !value.empty();
    if (plain) {
        out.append(value);
        return;
    }
    out += '"';
    for (const char c : value) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

struct Edit {
    std::size_t offset = 0;
    std::size_t length = 0;
    Bytes text;
};

}  // namespace

std::optional<Bytes> ValueRewriter::mapped(DomainId domain, const pgwire::CanonicalValue& value) const {
    const std::uint64_t hash = digester_.cell(value.value_class, value.bytes);
    RemapCounts::Domain& counts = counts_.of(domain);
    auto found = map_.find(session_, domain, hash);
    if (!found) {
        RemapCounts::add(counts.unknown);
        return std::nullopt;
    }
    if (found->text.empty()) {
        RemapCounts::add(counts.unmapped);
        return std::nullopt;
    }
    if (found->uncommitted) RemapCounts::add(counts_.uncommitted_values);
    if (found->target == hash) {
        RemapCounts::add(counts.equal);
        return std::nullopt;
    }
    return std::move(found->text);
}

std::optional<Bytes> ValueRewriter::text(DomainId domain, BytesView value) const {
    const std::uint32_t type = domains_.type(domain);
    Bytes scratch;
    const BytesView plain = is_number_type(type) ? plain_number(value) : value;
    auto other = mapped(domain, pgwire::canonical_value(type, 0, plain, scratch));
    if (other) RemapCounts::add(counts_.of(domain).changed);
    return other;
}

std::optional<Bytes> ValueRewriter::binary(DomainId domain, std::uint32_t type_oid, BytesView value) const {
    if (is_text_type(type_oid)) return text(domain, value);
    const std::uint32_t type = type_oid != 0 ? type_oid : type_by_width(domains_.type(domain), value.size());
    Bytes scratch;
    const auto other = mapped(domain, pgwire::canonical_value(type, 1, value, scratch));
    if (!other) return std::nullopt;
    Bytes encoded;
    const bool fits = pgwire::append_binary(type, *other, encoded);
    RemapCounts::add(fits ? counts_.of(domain).changed : counts_.of(domain).unfit);
    return fits ? std::optional<Bytes>(std::move(encoded)) : std::nullopt;
}

std::optional<Bytes> ValueRewriter::array_text(DomainId domain, BytesView value) const {
    const std::size_t begin = value.find('{');
    if (begin == BytesView::npos) return std::nullopt;
    Bytes out(value.substr(0, begin));
    bool changed = false;
    for (std::size_t at = begin; at < value.size();) {
        const char c = value[at];
        if (c == '{' || c == '}' || c == ',' || sql::is_space(c)) {
            out += c;
            ++at;
            continue;
        }
        const std::size_t from = at;
        bool quoted = false;
        Bytes element = array_element(value, at, quoted);
        if (!quoted) {
            while (!element.empty() && sql::is_space(element.back())) element.pop_back();
        }
        const bool null = !quoted && sql::to_lower(element) == "null";
        const auto other = null ? std::nullopt : text(domain, element);
        changed = changed || other.has_value();
        if (other) {
            append_array_element(*other, quoted, out);
        } else {
            out.append(value.substr(from, at - from));
        }
    }
    return changed ? std::optional<Bytes>(std::move(out)) : std::nullopt;
}

std::optional<Bytes> ValueRewriter::array_binary(DomainId domain, BytesView value) const {
    constexpr std::uint32_t kMaxDimensions = 6;
    ByteReader reader(value);
    const std::uint32_t dimensions = reader.u32();
    reader.u32();
    const std::uint32_t element_type = reader.u32();
    if (dimensions > kMaxDimensions) return std::nullopt;
    reader.bytes(std::size_t{8} * dimensions);
    if (!reader.ok()) return std::nullopt;
    Bytes out(value.substr(0, reader.position()));
    ByteWriter writer(out);
    bool changed = false;
    while (reader.ok() && !reader.at_end()) {
        const std::int32_t length = reader.i32();
        const BytesView element = length > 0 ? reader.bytes(static_cast<std::size_t>(length)) : BytesView();
        const auto other = length > 0 && reader.ok() ? binary(domain, element_type, element) : std::nullopt;
        writer.i32(other ? static_cast<std::int32_t>(other->size()) : length);
        writer.bytes(other ? BytesView(*other) : element);
        changed = changed || other.has_value();
    }
    if (!reader.ok() || !changed) return std::nullopt;
    return out;
}

std::optional<Bytes> ValueRewriter::literal(DomainId domain, bool array, BytesView source) const {
    bool negative = false;
    bool sign = false;
    Token token = sql::next_token(source, 0);
    while (token.kind == TokenKind::comment || token.is('-') || token.is('+')) {
        sign = sign || token.kind != TokenKind::comment;
        if (token.is('-')) negative = !negative;
        token = sql::next_token(source, token.end());
    }
    if (token.kind == TokenKind::integer || token.kind == TokenKind::numeric) {
        const auto other = text(domain, (negative ? "-" : "") + Bytes(token.text));
        if (!other) return std::nullopt;
        // `a -5` and `a=-5` stay what they were.
        return (sign ? " " : "") + (is_digits(*other) ? *other : sql::quote_literal(*other));
    }
    if (sign || (token.kind != TokenKind::string && token.kind != TokenKind::dollar_string)) return std::nullopt;
    const Bytes value = sql::literal_value(token);
    const auto other = array ? array_text(domain, value) : text(domain, value);
    if (!other) return std::nullopt;
    return sql::quote_literal(*other);
}

bool ValueRewriter::bind(pgwire::Bind& message, const std::vector<MappedParameter>& parameters,
                         const std::vector<std::uint32_t>& types) const {
    bool changed = false;
    const std::size_t count = std::min(parameters.size(), message.parameters.size());
    for (std::size_t i = 0; i < count; ++i) {
        auto& value = message.parameters[i];
        const DomainId domain = parameters[i].domain;
        if (!value || domain == 0) continue;
        const bool is_binary = format_at(message.parameter_formats, i) == 1;
        const std::uint32_t type = i < types.size() ? types[i] : 0;
        std::optional<Bytes> other;
        if (parameters[i].array) {
            other = is_binary ? array_binary(domain, *value) : array_text(domain, *value);
        } else {
            other = is_binary ? binary(domain, type, *value) : text(domain, *value);
        }
        if (!other) continue;
        value = std::move(other);
        changed = true;
    }
    return changed;
}

std::optional<Bytes> ValueRewriter::statement(
    const TextPlan& plan, const std::function<const std::vector<MappedParameter>*(const Bytes&)>& prepared) const {
    std::vector<Edit> edits;
    const auto add = [&](const sql::ValueRef& value, DomainId domain, bool array) {
        if (domain == 0 || value.parameter != 0 || value.offset > plan.sql.size()) return;
        auto other = literal(domain, array, BytesView(plan.sql).substr(value.offset, value.length));
        if (other) edits.push_back({value.offset, value.length, std::move(*other)});
    };
    for (const StatementPlan& statement : plan.statements) {
        for (const MappedValue& value : statement.literals) add(value.value, value.domain, value.value.array);
        const auto* parameters = statement.executes.empty() ? nullptr : prepared(statement.executes);
        if (parameters == nullptr) continue;
        for (std::size_t i = 0; i < std::min(parameters->size(), statement.arguments.size()); ++i) {
            if (statement.arguments[i]) add(*statement.arguments[i], (*parameters)[i].domain, (*parameters)[i].array);
        }
    }
    if (edits.empty()) return std::nullopt;
    std::sort(edits.begin(), edits.end(), [](const Edit& a, const Edit& b) { return a.offset < b.offset; });
    Bytes out;
    std::size_t copied = 0;
    for (const Edit& edit : edits) {
        if (edit.offset < copied) continue;
        out.append(plan.sql, copied, edit.offset - copied).append(edit.text);
        copied = edit.offset + edit.length;
    }
    return out.append(plan.sql, copied);
}

}  // namespace understudy::replay
