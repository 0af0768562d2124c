#include "core/exchange/copy_fields.hpp"

#include <algorithm>
#include <utility>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"

namespace understudy {
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

CopyLayout CopyLayout::of(const sql::CopyUse& use) {
    return {use.from, use.format, use.delimiter, use.quote, use.escape, use.null, use.header};
}

/// One past the end of the row in held_ that begins at begin_, or npos.
std::size_t CopyFields::row_end() {
    if (layout_.format == Format::binary) return binary_end();
    for (; scanned_ < held_.size(); ++scanned_) {
        const char c = held_[scanned_];
        if (layout_.format == Format::csv) {
            if (in_quotes_ && c == layout_.escape && layout_.escape != layout_.quote) {
                if (scanned_ + 1 == held_.size()) return Bytes::npos;
                ++scanned_;
                continue;
            }
            if (c == layout_.quote) in_quotes_ = !in_quotes_;
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

std::size_t CopyFields::binary_end() const {
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

void CopyFields::feed(BytesView data, const CopyFieldRewriter& rewriter, Bytes& out) {
    held_.append(data);
    for (std::size_t end = row_end(); end != Bytes::npos; end = row_end()) {
        row(BytesView(held_).substr(begin_, end - begin_), rewriter, out);
        begin_ = end;
        scanned_ = end;
    }
    held_.erase(0, begin_);
    scanned_ -= begin_;
    begin_ = 0;
    if (held_.size() > kMaxRow) finish(rewriter, out);
}

void CopyFields::finish(const CopyFieldRewriter& rewriter, Bytes& out) {
    if (held_.empty()) return;
    const Bytes held = std::exchange(held_, {});
    scanned_ = 0;
    in_quotes_ = false;
    if (layout_.format == Format::binary || held.size() > kMaxRow) {  // no whole row
        rewriter.broken(held, out);
        return;
    }
    row(held, rewriter, out);
}

void CopyFields::row(BytesView line, const CopyFieldRewriter& rewriter, Bytes& out) {
    const bool is_first = std::exchange(first_, false);
    if (is_first && (layout_.header || layout_.format == Format::binary)) {
        out.append(line);
        return;
    }
    if (split_end(line).first == "\\.") {
        out.append(line);
        return;
    }
    switch (layout_.format) {
        case Format::text: return text_row(line, rewriter, out);
        case Format::csv: return csv_row(line, rewriter, out);
        case Format::binary: return binary_row(line, rewriter, out);
    }
}

void CopyFields::text_row(BytesView line, const CopyFieldRewriter& rewriter, Bytes& out) const {
    const auto [content, ending] = split_end(line);
    std::size_t begin = 0;
    for (std::size_t field = 0;; ++field) {
        std::size_t end = begin;
        while (end < content.size() && content[end] != layout_.delimiter) end += content[end] == '\\' ? 2U : 1U;
        end = std::min(end, content.size());
        const BytesView raw = content.substr(begin, end - begin);
        std::optional<Bytes> other;
        if (rewriter.rewrites(field) && raw != layout_.null) other = rewriter.text(field, unescaped(raw));
        if (other) {
            append_escaped(*other, layout_.delimiter, out);
        } else {
            out.append(raw);
        }
        if (end >= content.size()) break;
        out += layout_.delimiter;
        begin = end + 1;
    }
    out.append(ending);
}

void CopyFields::csv_row(BytesView line, const CopyFieldRewriter& rewriter, Bytes& out) const {
    const auto [content, ending] = split_end(line);
    std::size_t at = 0;
    for (std::size_t field = 0;; ++field) {
        const std::size_t begin = at;
        Bytes value;
        bool quoted = false;
        bool inside = false;
        for (; at < content.size() && (inside || content[at] != layout_.delimiter); ++at) {
            const char c = content[at];
            const char next = at + 1 < content.size() ? content[at + 1] : '\0';
            if (inside && c == layout_.escape && (next == layout_.quote || next == layout_.escape) &&
                at + 1 < content.size()) {
                value += content[++at];
            } else if (c == layout_.quote) {
                quoted = true;
                inside = !inside;
            } else {
                value += c;
            }
        }
        const BytesView raw = content.substr(begin, at - begin);
        std::optional<Bytes> other;
        if (rewriter.rewrites(field) && (quoted || raw != layout_.null)) other = rewriter.text(field, value);
        if (other) {
            const Bytes special{layout_.delimiter, layout_.quote, layout_.escape, '\n', '\r'};
            const bool quote = quoted || other->find_first_of(special) != Bytes::npos;
            if (quote) out += layout_.quote;
            for (const char c : *other) {
                if (quote && (c == layout_.quote || c == layout_.escape)) out += layout_.escape;
                out += c;
            }
            if (quote) out += layout_.quote;
        } else {
            out.append(raw);
        }
        if (at >= content.size()) break;
        out += layout_.delimiter;
        ++at;
    }
    out.append(ending);
}

void CopyFields::binary_row(BytesView tuple, const CopyFieldRewriter& rewriter, Bytes& out) {
    ByteReader reader(tuple);
    ByteWriter writer(out);
    const std::int16_t fields = reader.i16();
    writer.i16(fields);
    for (std::int16_t i = 0; i < fields; ++i) {
        const std::int32_t length = reader.i32();
        const BytesView value = length > 0 ? reader.bytes(static_cast<std::size_t>(length)) : BytesView();
        const auto field = static_cast<std::size_t>(i);
        std::optional<Bytes> other;
        if (length >= 0 && rewriter.rewrites(field)) other = rewriter.binary(field, value);
        writer.i32(other ? static_cast<std::int32_t>(other->size()) : length);
        writer.bytes(other ? BytesView(*other) : value);
    }
}

}  // namespace understudy
