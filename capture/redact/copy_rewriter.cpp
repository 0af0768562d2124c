#include "capture/redact/copy_rewriter.hpp"

#include <algorithm>
#include <utility>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"

namespace understudy::capture {
namespace {

using Format = sql::CopyUse::Format;

constexpr BytesView kEscapes = "bfnrtv";
constexpr BytesView kMeanings = "\b\f\n\r\t\v";
constexpr BytesView kSignature("PGCOPY\n\377\r\n\0", 11);

int digit(char c, int base) {
    int value = -1;
    if (c >= '0' && c <= '9') value = c - '0';
    if (c >= 'a' && c <= 'f') value = c - 'a' + 10;
    if (c >= 'A' && c <= 'F') value = c - 'A' + 10;
    return value < base ? value : -1;
}

/// The text format's escapes.
Bytes unescaped(BytesView field) {
    Bytes value;
    for (std::size_t at = 0; at < field.size(); ++at) {
        if (field[at] != '\\' || at + 1 == field.size()) {
            value += field[at];
            continue;
        }
        const char c = field[++at];
        const bool hexadecimal = c == 'x' && at + 1 < field.size() && digit(field[at + 1], 16) >= 0;
        if (hexadecimal || digit(c, 8) >= 0) {
            const int base = hexadecimal ? 16 : 8;
            std::size_t left = hexadecimal ? 2 : 3;
            at += hexadecimal ? 1 : 0;
            int code = 0;
            for (; left > 0 && at < field.size() && digit(field[at], base) >= 0; --left) {
                code = code * base + digit(field[at++], base);
            }
            --at;
            value += static_cast<char>(code);
        } else {
            const std::size_t letter = kEscapes.find(c);
            value += letter == BytesView::npos ? c : kMeanings[letter];
        }
    }
    return value;
}

void append_escaped(BytesView value, char delimiter, Bytes& out) {
    for (const char c : value) {
        const std::size_t special = kMeanings.find(c);
        if (special != BytesView::npos) {
            out += '\\';
            out += kEscapes[special];
            continue;
        }
        if (c == '\\' || c == delimiter) out += '\\';
        out += c;
    }
}

/// The line without its end, and the end.
std::pair<BytesView, BytesView> split_end(BytesView line) {
    std::size_t end = line.size();
    if (end > 0 && line[end - 1] == '\n') --end;
    if (end > 0 && line[end - 1] == '\r') --end;
    return {line.substr(0, end), line.substr(end)};
}

}  // namespace

bool CopyPlan::hides_any() const { return all || std::find(hidden.begin(), hidden.end(), true) != hidden.end(); }

CopyPlan plan_copy(const sql::CopyUse& use, const Redaction& redaction) {
    CopyPlan plan;
    plan.from = use.from;
    plan.format = use.format;
    plan.delimiter = use.delimiter;
    plan.quote = use.quote;
    plan.escape = use.escape;
    plan.null = use.null;
    plan.header = use.header;
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

/// One past the end of the row in held_ that begins at begin_, or npos.
std::size_t CopyRewriter::row_end() {
    if (plan_.format == Format::binary) return binary_end();
    for (; scanned_ < held_.size(); ++scanned_) {
        const char c = held_[scanned_];
        if (plan_.format == Format::csv) {
            if (in_quotes_ && c == plan_.escape && plan_.escape != plan_.quote) {
                if (scanned_ + 1 == held_.size()) return Bytes::npos;
                ++scanned_;
                continue;
            }
            if (c == plan_.quote) in_quotes_ = !in_quotes_;
            if (c != '\n' || in_quotes_) continue;
        } else if (c == '\\') {
            if (scanned_ + 1 == held_.size()) return Bytes::npos;
            ++scanned_;  // an escaped line break is data
            continue;
        } else if (c != '\n') {
            continue;
        }
        in_quotes_ = false;
        return scanned_ + 1;
    }
    return Bytes::npos;
}

std::size_t CopyRewriter::binary_end() const {
    ByteReader reader(BytesView(held_).substr(begin_));
    if (first_) {
        reader.bytes(kSignature.size());
        reader.u32();
        reader.bytes(reader.u32());
        return reader.ok() ? begin_ + reader.position() : Bytes::npos;
    }
    const std::int16_t fields = reader.i16();
    for (std::int16_t i = 0; i < fields && reader.ok(); ++i) {
        const std::int32_t length = reader.i32();
        if (length > 0) reader.bytes(static_cast<std::size_t>(length));
    }
    return reader.ok() ? begin_ + reader.position() : Bytes::npos;
}

void CopyRewriter::feed(BytesView data, Bytes& out) {
    if (!plan_.hides_any()) {
        out.append(data);
        return;
    }
    held_.append(data);
    for (std::size_t end = row_end(); end != Bytes::npos; end = row_end()) {
        row(BytesView(held_).substr(begin_, end - begin_), out);
        begin_ = end;
        scanned_ = end;
    }
    held_.erase(0, begin_);
    scanned_ -= begin_;
    begin_ = 0;
    if (held_.size() > kMaxRow) finish(out);
}

void CopyRewriter::finish(Bytes& out) {
    if (held_.empty()) return;
    const Bytes held = std::exchange(held_, {});
    scanned_ = 0;
    in_quotes_ = false;
    if (plan_.format == Format::binary || held.size() > kMaxRow) {  // no whole row
        redaction_->count("redact.copy_rows_broken");
        out.append(redaction_->tokens().wire(0, 1, held));
        return;
    }
    row(held, out);
}

void CopyRewriter::row(BytesView line, Bytes& out) {
    const bool is_first = std::exchange(first_, false);
    if (is_first && (plan_.header || plan_.format == Format::binary)) {
        out.append(line);
        return;
    }
    if (split_end(line).first == "\\.") {
        out.append(line);
        return;
    }
    switch (plan_.format) {
        case Format::text: return text_row(line, out);
        case Format::csv: return csv_row(line, out);
        case Format::binary: return binary_row(line, out);
    }
}

void CopyRewriter::text_row(BytesView line, Bytes& out) {
    const auto [content, ending] = split_end(line);
    std::size_t begin = 0;
    for (std::size_t field = 0;; ++field) {
        std::size_t end = begin;
        while (end < content.size() && content[end] != plan_.delimiter) end += content[end] == '\\' ? 2U : 1U;
        end = std::min(end, content.size());
        const BytesView raw = content.substr(begin, end - begin);
        if (plan_.hides(field) && raw != plan_.null) {
            const std::uint32_t type = field < plan_.types.size() ? plan_.types[field] : 0;
            append_escaped(redaction_->tokens().text(unescaped(raw), type), plan_.delimiter, out);
        } else {
            out.append(raw);
        }
        if (end >= content.size()) break;
        out += plan_.delimiter;
        begin = end + 1;
    }
    out.append(ending);
}

void CopyRewriter::csv_row(BytesView line, Bytes& out) {
    const auto [content, ending] = split_end(line);
    std::size_t at = 0;
    for (std::size_t field = 0;; ++field) {
        const std::size_t begin = at;
        Bytes value;
        bool quoted = false;
        bool inside = false;
        for (; at < content.size() && (inside || content[at] != plan_.delimiter); ++at) {
            const char c = content[at];
            const char next = at + 1 < content.size() ? content[at + 1] : '\0';
            if (inside && c == plan_.escape && (next == plan_.quote || next == plan_.escape) &&
                at + 1 < content.size()) {
                value += content[++at];
            } else if (c == plan_.quote) {
                quoted = true;
                inside = !inside;
            } else {
                value += c;
            }
        }
        const BytesView raw = content.substr(begin, at - begin);
        if (plan_.hides(field) && (quoted || raw != plan_.null)) {
            const std::uint32_t type = field < plan_.types.size() ? plan_.types[field] : 0;
            const Bytes token = redaction_->tokens().text(value, type);
            const Bytes special{plan_.delimiter, plan_.quote, plan_.escape, '\n', '\r'};
            const bool quote = quoted || token.find_first_of(special) != Bytes::npos;
            if (quote) out += plan_.quote;
            for (const char c : token) {
                if (quote && (c == plan_.quote || c == plan_.escape)) out += plan_.escape;
                out += c;
            }
            if (quote) out += plan_.quote;
        } else {
            out.append(raw);
        }
        if (at >= content.size()) break;
        out += plan_.delimiter;
        ++at;
    }
    out.append(ending);
}

void CopyRewriter::binary_row(BytesView tuple, Bytes& out) {
    ByteReader reader(tuple);
    ByteWriter writer(out);
    const std::int16_t fields = reader.i16();
    writer.i16(fields);
    for (std::int16_t i = 0; i < fields; ++i) {
        const std::int32_t length = reader.i32();
        const BytesView value = length > 0 ? reader.bytes(static_cast<std::size_t>(length)) : BytesView();
        const auto field = static_cast<std::size_t>(i);
        if (length < 0 || !plan_.hides(field)) {
            writer.i32(length);
            writer.bytes(value);
            continue;
        }
        const Bytes token = redaction_->tokens().wire(field < plan_.types.size() ? plan_.types[field] : 0, 1, value);
        writer.u32(static_cast<std::uint32_t>(token.size()));
        writer.bytes(token);
    }
}

}  // namespace understudy::capture
