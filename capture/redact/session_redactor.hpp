#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "capture/redact/redaction.hpp"
#include "capture/redact/statement_rewriter.hpp"
#include "core/exchange/frame_redactor.hpp"

namespace understudy::capture {

/// Redacts one session: the literals of its statements, its bound values, COPY data of both sides, rows and the keys
/// that error details quote. What it cannot attribute it hides: parameters of statements that it never saw prepared,
/// rows without a description, and COPY data that nobody announced.
class SessionRedactor final : public FrameRedactor {
public:
    explicit SessionRedactor(const Redaction& redaction) : redaction_(redaction) {}

    pgwire::FrameView frontend(const pgwire::FrameView& frame, std::uint32_t ordinal, Bytes& scratch) override;
    pgwire::FrameView backend(const pgwire::FrameView& frame, std::uint32_t ordinal, BytesView row_description,
                              Bytes& scratch) override;
    void setting(BytesView name, BytesView value) override;
    void some_missed() override;

private:
    static constexpr std::size_t kMaxNames = SqlNames::kMaxNames;
    static constexpr std::size_t kMaxPlans = 100'000;  ///< of exchanges that are not answered

    /// What answers one exchange.
    struct Exchange {
        std::vector<PlanPointer> plans;
        std::deque<CopyRewriter> copies_out;
        bool unknown = false;  ///< a statement that was never seen is among them
    };
    struct ColumnAction {
        bool hide = false;
        bool computed = false;  ///< of no table
        std::uint32_t type_oid = 0;
        std::int16_t format = 0;
    };

    bool query(BytesView body, std::uint32_t ordinal, Bytes& scratch);
    bool parse(BytesView body, Bytes& scratch);
    bool bind(BytesView body, std::uint32_t ordinal, Bytes& scratch);
    void execute(BytesView portal, std::uint32_t ordinal);
    bool copy_in(const pgwire::FrameView& frame, Bytes& scratch);
    void expect(const PlanPointer& plan, std::uint32_t ordinal);
    bool row(BytesView body, const Exchange& exchange, std::uint32_t ordinal, BytesView description, Bytes& scratch);
    bool detail(BytesView body, Bytes& scratch);
    void describe(BytesView description, const Exchange& exchange);
    [[nodiscard]] Bytes cell(const ColumnAction& column, BytesView value) const;
    [[nodiscard]] bool hides_column(BytesView name, std::uint32_t table, std::int16_t attribute,
                                    const Exchange& exchange) const;
    Exchange& exchange_of(std::uint32_t ordinal);

    const Redaction& redaction_;
    SqlNames names_;
    std::unordered_map<Bytes, PlanPointer> statements_;
    std::unordered_map<Bytes, PlanPointer> portals_;
    std::map<std::uint32_t, Exchange> exchanges_;
    std::deque<CopyRewriter> copies_in_;
    bool explicit_escapes_ = false;
    // The description that was looked at last.
    const char* described_ = nullptr;
    std::uint32_t described_ordinal_ = 0;
    std::size_t described_plans_ = 0;
    std::vector<ColumnAction> columns_;
    bool hides_any_ = false;
};

}  // namespace understudy::capture
