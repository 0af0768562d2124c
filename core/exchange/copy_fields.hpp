#pragma once

#include <cstddef>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/sql/value_places.hpp"

namespace understudy {

/// Says what becomes of the fields of COPY data.
class CopyFieldRewriter {
public:
    virtual ~CopyFieldRewriter() = default;
    /// Whether values of this field (from 0) may be replaced.
    [[nodiscard]] virtual bool rewrites(std::size_t field) const = 0;
    /// What stands instead of a value of the text and csv formats, its escapes resolved. Nothing: it stays, byte for
    /// byte.
    [[nodiscard]] virtual std::optional<Bytes> text(std::size_t field, BytesView value) const = 0;
    /// … of the binary format.
    [[nodiscard]] virtual std::optional<Bytes> binary(std::size_t field, BytesView value) const = 0;
    /// Data that are no whole row, because it was cut or is longer than CopyFields::kMaxRow: appends what stands
    /// instead of them.
    virtual void broken(BytesView data, Bytes& out) const = 0;
};

/// How the data of a COPY are written.
struct CopyLayout {
    bool from = false;
    sql::CopyUse::Format format = sql::CopyUse::Format::text;
    char delimiter = '\t';
    char quote = '"';
    char escape = '"';
    Bytes null = "\\N";
    bool header = false;

    static CopyLayout of(const sql::CopyUse& use);
};

/// Replaces fields in COPY data as it passes (PostgreSQL docs, COPY, "File Formats"). Rows are cut into messages at any
/// byte: what is not a whole row yet is held back until its rest comes. NULLs, headers and the end marker stay.
class CopyFields {
public:
    static constexpr std::size_t kMaxRow = 16U << 20U;  ///< a longer row is broken

    explicit CopyFields(CopyLayout layout) : layout_(std::move(layout)) {}

    /// Appends to `out` what can be said of the rows so far.
    void feed(BytesView data, const CopyFieldRewriter& rewriter, Bytes& out);
    /// The end of the data: appends what was held back.
    void finish(const CopyFieldRewriter& rewriter, Bytes& out);

private:
    [[nodiscard]] std::size_t row_end();
    [[nodiscard]] std::size_t binary_end() const;
    void row(BytesView line, const CopyFieldRewriter& rewriter, Bytes& out);
    void text_row(BytesView line, const CopyFieldRewriter& rewriter, Bytes& out) const;
    void csv_row(BytesView line, const CopyFieldRewriter& rewriter, Bytes& out) const;
    static void binary_row(BytesView tuple, const CopyFieldRewriter& rewriter, Bytes& out);

    CopyLayout layout_;
    Bytes held_;
    std::size_t begin_ = 0;    ///< of the next row in held_; 0 between calls
    std::size_t scanned_ = 0;  ///< how far its end was looked for
    bool in_quotes_ = false;   ///< there
    bool first_ = true;        ///< the header, or the signature of the binary format, comes next
};

}  // namespace understudy
