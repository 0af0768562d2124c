#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "capture/redact/redaction.hpp"

namespace understudy::capture {

/// Which fields of a COPY's data are to be hidden.
struct CopyPlan {
    bool from = false;
    bool all = false;          ///< hide every field
    std::vector<bool> hidden;  ///< field by field
    std::vector<std::uint32_t> types;
    sql::CopyUse::Format format = sql::CopyUse::Format::text;
    char delimiter = '\t';
    char quote = '"';
    char escape = '"';
    Bytes null = "\\N";
    bool header = false;

    [[nodiscard]] bool hides(std::size_t field) const { return all || (field < hidden.size() && hidden[field]); }
    [[nodiscard]] bool hides_any() const;
};

CopyPlan plan_copy(const sql::CopyUse& use, const Redaction& redaction);

/// Replaces fields in COPY data as it passes (PostgreSQL docs, COPY, "File Formats"). Rows are cut into messages at any
/// byte: what is not a whole row yet is held back until its rest comes.
class CopyRewriter {
public:
    /// A longer row is not rewritten but replaced, as a whole, by a token of its length class, and counted.
    static constexpr std::size_t kMaxRow = 16U << 20U;

    CopyRewriter(CopyPlan plan, const Redaction& redaction) : plan_(std::move(plan)), redaction_(&redaction) {}

    /// Appends to `out` what can be said of the rows so far.
    void feed(BytesView data, Bytes& out);
    /// The end of the data: appends what was held back.
    void finish(Bytes& out);

private:
    [[nodiscard]] std::size_t row_end();
    [[nodiscard]] std::size_t binary_end() const;
    void row(BytesView line, Bytes& out);
    void text_row(BytesView line, Bytes& out);
    void csv_row(BytesView line, Bytes& out);
    void binary_row(BytesView tuple, Bytes& out);

    CopyPlan plan_;
    const Redaction* redaction_;
    Bytes held_;
    std::size_t begin_ = 0;    ///< of the next row in held_; 0 between calls
    std::size_t scanned_ = 0;  ///< how far its end was looked for
    bool in_quotes_ = false;   ///< there
    bool first_ = true;        ///< the header, or the signature of the binary format, comes next
};

}  // namespace understudy::capture
