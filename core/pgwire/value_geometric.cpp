#include <bit>
#include <charconv>

#include "core/base/byte_reader.hpp"
#include "core/pgwire/type_oid.hpp"
#include "core/pgwire/value_internal.hpp"

// The send and out functions of PostgreSQL's geo_ops.c (docs, "Geometric Types"). Coordinates are float8.

namespace understudy::pgwire::internal {
namespace {

class GeometryPrinter {
public:
    GeometryPrinter(BytesView binary, Bytes& out) : reader_(binary), out_(out) {}

    void put(BytesView text) { out_.append(text); }
    void number() { append_float8(std::bit_cast<double>(reader_.u64()), out_); }
    void point() {
        put("(");
        number();
        put(",");
        number();
        put(")");
    }
    void points(std::size_t count) {
        for (std::size_t i = 0; i < count && reader_.ok(); ++i) {
            if (i > 0) put(",");
            point();
        }
    }
    /// A number of points, then the points; false when there is none or there are other bytes.
    bool counted_points(BytesView open, BytesView close) {
        constexpr std::size_t kPointBytes = 16;
        const std::size_t count = reader_.u32();
        if (count == 0 || reader_.remaining() / kPointBytes != count) return false;
        put(open);
        points(count);
        put(close);
        return true;
    }
    bool path() {
        const std::uint8_t closed = reader_.u8();
        if (closed > 1) return false;
        return closed == 1 ? counted_points("(", ")") : counted_points("[", "]");
    }
    [[nodiscard]] bool done() const { return reader_.ok() && reader_.at_end(); }

private:
    ByteReader reader_;
    Bytes& out_;
};

bool is_part_of_number(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '-' ||
           c == '.';
}

}  // namespace

bool append_geometry(std::uint32_t type, BytesView binary, Bytes& out) {
    GeometryPrinter printer(binary, out);
    switch (type) {
        case type_oid::point: printer.point(); break;
        case type_oid::box: printer.points(2); break;
        case type_oid::lseg:
            printer.put("[");
            printer.points(2);
            printer.put("]");
            break;
        case type_oid::path:
            if (!printer.path()) return false;
            break;
        case type_oid::polygon:
            if (!printer.counted_points("(", ")")) return false;
            break;
        case type_oid::line:
            printer.put("{");
            printer.number();
            printer.put(",");
            printer.number();
            printer.put(",");
            printer.number();
            printer.put("}");
            break;
        case type_oid::circle:
            printer.put("<");
            printer.point();
            printer.put(",");
            printer.number();
            printer.put(">");
            break;
        default: return false;
    }
    return printer.done();
}

bool append_reprinted_geometry(BytesView text, Bytes& out) {
    while (!text.empty()) {
        std::size_t size = 0;
        while (size < text.size() && is_part_of_number(text[size])) ++size;
        if (size == 0) {
            out.push_back(text[0]);
            text.remove_prefix(1);
            continue;
        }
        double value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + size, value);
        if (error != std::errc() || end != text.data() + size) return false;
        append_float8(value, out);
        text.remove_prefix(size);
    }
    return true;
}

}  // namespace understudy::pgwire::internal
