#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "capture/redact/redaction.hpp"
#include "core/exchange/copy_fields.hpp"

namespace understudy::capture {

/// Which fields of a COPY's data are to be hidden.
struct CopyPlan {
    CopyLayout layout;
    bool all = false;          ///< hide every field
    std::vector<bool> hidden;  ///< field by field
    std::vector<std::uint32_t> types;

    [[nodiscard]] bool hides(std::size_t field) const { return all || (field < hidden.size() && hidden[field]); }
    [[nodiscard]] bool hides_any() const;
};

CopyPlan plan_copy(const sql::CopyUse& use, const Redaction& redaction);

/// Replaces fields in COPY data as it passes by their tokens. What is no whole row is replaced as a whole by a token of
/// its length class, and counted.
class CopyRewriter final : private CopyFieldRewriter {
public:
    CopyRewriter(CopyPlan plan, const Redaction& redaction)
        : plan_(std::move(plan)), redaction_(&redaction), fields_(plan_.layout) {}

    /// Appends to `out` what can be said of the rows so far.
    void feed(BytesView data, Bytes& out);
    /// The end of the data: appends what was held back.
    void finish(Bytes& out) { fields_.finish(*this, out); }

private:
    [[nodiscard]] bool rewrites(std::size_t field) const override { return plan_.hides(field); }
    [[nodiscard]] std::optional<Bytes> text(std::size_t field, BytesView value) const override;
    [[nodiscard]] std::optional<Bytes> binary(std::size_t field, BytesView value) const override;
    void broken(BytesView data, Bytes& out) const override;
    [[nodiscard]] std::uint32_t type_of(std::size_t field) const {
        return field < plan_.types.size() ? plan_.types[field] : 0;
    }

    CopyPlan plan_;
    const Redaction* redaction_;
    CopyFields fields_;
};

}  // namespace understudy::capture
