#pragma once

#include <algorithm>
#include <charconv>

#include "core/catalog/control_connection.hpp"

namespace understudy::catalog {

/// A condition on pg_namespace n: neither the system's own nor temporary.
inline constexpr BytesView kUserSchema =
    "n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and n.nspname !~ '^pg_(toast_)?temp_'";

/// Columns of a row in turn, as values; remembers whether one was not of its type.
class RowReader {
public:
    explicit RowReader(const Row& row) : row_(row) {}

    Bytes text() { return next().value_or(""); }
    bool boolean() { return next() == "t"; }
    char letter() {
        const Bytes value = text();
        return value.empty() ? '\0' : value[0];
    }
    template <class Number>
    Number number() {
        const Bytes value = text();
        Number result = 0;
        const auto parsed = std::from_chars(value.data(), value.data() + value.size(), result);
        ok_ = ok_ && parsed.ec == std::errc() && parsed.ptr == value.data() + value.size();
        return result;
    }
    /// "1 2 3".
    std::vector<std::int16_t> columns() {
        const Bytes value = text();
        std::vector<std::int16_t> result;
        const char* end = value.data() + value.size();
        for (const char* at = value.data(); at != end;) {
            const auto parsed = std::from_chars(at, end, result.emplace_back());
            if (parsed.ec != std::errc()) {
                ok_ = false;
                break;
            }
            at = parsed.ptr != end ? parsed.ptr + 1 : end;
        }
        return result;
    }
    /// A list joined by line ends; an empty text is an empty list.
    std::vector<Bytes> lines() {
        const Bytes value = text();
        std::vector<Bytes> result;
        for (std::size_t begin = 0; begin <= value.size() && !value.empty();) {
            const std::size_t end = std::min(value.find('\n', begin), value.size());
            result.push_back(value.substr(begin, end - begin));
            begin = end + 1;
        }
        return result;
    }
    [[nodiscard]] bool ok() const { return ok_ && at_ == row_.size(); }

private:
    std::optional<Bytes> next() {
        if (at_ < row_.size()) return row_[at_++];
        ok_ = false;
        return std::nullopt;
    }
    const Row& row_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

/// Runs a query and turns each of its rows into an entry.
template <class Entry, class Convert>
Result<void> read_into(ControlConnection& connection, std::vector<Entry>& entries, const std::string& sql,
                       Convert convert) {
    UNDERSTUDY_TRY(const auto rows, connection.query(sql));
    entries.reserve(rows.size());
    for (const Row& row : rows) {
        RowReader reader(row);
        entries.push_back(convert(reader));
        if (!reader.ok()) return make_error(Errc::protocol, "the server's catalogues are not of the expected form");
    }
    return {};
}

/// Runs a query and hands each of its rows to `take`.
template <class Take>
Result<void> read_each(ControlConnection& connection, const std::string& sql, Take take) {
    std::vector<int> nothing;
    return read_into(connection, nothing, sql, [&](RowReader& row) {
        take(row);
        return 0;
    });
}

}  // namespace understudy::catalog
