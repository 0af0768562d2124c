#include <array>

#include <fmt/format.h>

#include "core/base/byte_reader.hpp"
#include "core/pgwire/value_internal.hpp"

// Text search: tsvector_send, tsvectorout, tsquery_send and tsquery's infix form (PostgreSQL docs, "Text Search Types").

namespace understudy::pgwire::internal {
namespace {

void append_lexeme(BytesView text, Bytes& out) {
    out.push_back('\'');
    for (const char c : text) {
        if (c == '\'' || c == '\\') out.push_back(c);
        out.push_back(c);
    }
    out.push_back('\'');
}

/// A position's upper two bits are its weight, of which D is not shown.
void append_position(std::uint16_t entry, Bytes& out) {
    constexpr BytesView kWeights = "DCBA";
    const unsigned weight = entry >> 14U;
    fmt::format_to(std::back_inserter(out), "{}", entry & 0x3FFFU);
    if (weight > 0) out.push_back(kWeights[weight]);
}

enum class Operator : std::uint8_t { negation = 1, conjunction = 2, disjunction = 3, phrase = 4 };

/// How tightly an operator binds.
int priority_of(Operator op) {
    constexpr std::array<int, 5> kPriorities{0, 4, 2, 1, 3};
    return kPriorities[static_cast<std::size_t>(op)];
}

/// A query comes as its tree: an operator, then its right operand, then its left one.
class QueryPrinter {
public:
    static constexpr unsigned kDeepest = 512;  ///< "a & b & c" is as deep as it has words

    explicit QueryPrinter(BytesView binary) : reader_(binary), items_(reader_.u32()) {}

    bool print(Bytes& out) {
        if (reader_.ok() && items_ == 0) return reader_.at_end();
        return item({}, out) && items_ == 0 && reader_.at_end();
    }

private:
    static constexpr std::uint8_t kValue = 1;
    static constexpr std::uint8_t kOperator = 2;

    /// What an item stands in: parentheses depend on it.
    struct Place {
        int priority = -1;
        bool right_of_phrase = false;
        unsigned depth = 0;
    };

    bool item(Place place, Bytes& out) {
        const std::uint8_t kind = reader_.u8();
        if (!reader_.ok() || items_ == 0 || place.depth >= kDeepest) return false;
        --items_;
        if (kind == kValue) return value(out);
        const std::uint8_t code = reader_.u8();
        if (kind != kOperator || code < 1 || code > 4) return false;
        const auto op = static_cast<Operator>(code);
        const std::uint16_t distance = op == Operator::phrase ? reader_.u16() : std::uint16_t{0};
        const int priority = priority_of(op);
        const bool grouped = priority < place.priority || (op == Operator::phrase && place.right_of_phrase);
        if (grouped) out.append("( ");
        const Place inside{priority, false, place.depth + 1};
        const bool printed = op == Operator::negation ? negation(inside, out) : binary(op, distance, inside, out);
        if (grouped) out.append(" )");
        return printed && reader_.ok();
    }

    bool negation(Place inside, Bytes& out) {
        out.push_back('!');
        return item(inside, out);
    }

    bool binary(Operator op, std::uint16_t distance, Place inside, Bytes& out) {
        Bytes right;
        Place at_right = inside;
        at_right.right_of_phrase = op == Operator::phrase;
        if (!item(at_right, right) || !item(inside, out)) return false;
        switch (op) {
            case Operator::conjunction: out.append(" & "); break;
            case Operator::disjunction: out.append(" | "); break;
            default:
                if (distance == 1) {
                    out.append(" <-> ");
                } else {
                    fmt::format_to(std::back_inserter(out), " <{}> ", distance);
                }
        }
        out.append(right);
        return true;
    }

    bool value(Bytes& out) {
        constexpr BytesView kWeights = "DCBA";
        const std::uint8_t weights = reader_.u8();
        const std::uint8_t prefix = reader_.u8();
        append_lexeme(reader_.c_string(), out);
        if (!reader_.ok() || weights > 15 || prefix > 1) return false;
        if (weights == 0 && prefix == 0) return true;
        out.push_back(':');
        if (prefix == 1) out.push_back('*');
        for (unsigned bit = 4; bit-- > 0;) {
            if (((weights >> bit) & 1U) != 0) out.push_back(kWeights[bit]);
        }
        return true;
    }

    ByteReader reader_;
    std::uint32_t items_;
};

}  // namespace

bool append_tsvector(BytesView binary, Bytes& out) {
    ByteReader reader(binary);
    const std::uint32_t lexemes = reader.u32();
    for (std::uint32_t i = 0; i < lexemes && reader.ok(); ++i) {
        if (i > 0) out.push_back(' ');
        append_lexeme(reader.c_string(), out);
        const std::uint16_t positions = reader.u16();
        for (std::uint16_t p = 0; p < positions && reader.ok(); ++p) {
            out.push_back(p == 0 ? ':' : ',');
            append_position(reader.u16(), out);
        }
    }
    return reader.ok() && reader.at_end();
}

bool append_tsquery(BytesView binary, Bytes& out) { return QueryPrinter(binary).print(out); }

}  // namespace understudy::pgwire::internal
