#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/exchange/result_digest.hpp"
#include "core/exchange/result_mapper.hpp"
#include "core/model/event.hpp"
#include "core/pgwire/frame_reader.hpp"

namespace understudy {

/// The row descriptions of one session, each kept once. When it is full(), its owner starts a new one; until then new
/// descriptions are not kept. References stay valid as long as the table.
class DescriptionTable {
public:
    struct Column {
        std::uint32_t type_oid = 0;
        std::int16_t format = 0;
        bool settled = true;  ///< pgwire::has_settled_digest
    };
    struct Description {
        Bytes body;
        std::vector<Column> columns;
        bool settled = true;  ///< every column is
    };
    static constexpr std::uint32_t kNone = 0;
    static constexpr std::size_t kMaxDescriptions = 4096;
    static constexpr std::size_t kMaxBodyBytes = 16U << 20U;  ///< of all descriptions

    DescriptionTable() : descriptions_(1) {}

    /// The id of a RowDescription body; kNone when it does not parse.
    std::uint32_t intern(BytesView row_description_body);
    /// The id of the same description with the format codes of a Bind (two bytes each, as on the wire).
    std::uint32_t with_formats(std::uint32_t id, BytesView result_formats);
    [[nodiscard]] const Description& get(std::uint32_t id) const {
        return descriptions_[id < descriptions_.size() ? id : kNone];
    }
    [[nodiscard]] bool full() const { return descriptions_.size() > kMaxDescriptions || body_bytes_ > kMaxBodyBytes; }

private:
    std::deque<Description> descriptions_;
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(BytesView body) const { return std::hash<BytesView>{}(body); }
    };
    std::unordered_map<Bytes, std::uint32_t, Hash, std::equal_to<>> by_body_;
    std::size_t body_bytes_ = 0;
};

/// Gathers what one step answers, message by message, into a StepResult.
///
/// Drive it: begin(kind), then add() for each message that the tracker counts to the step, then take(). Keeps rows as
/// far as the policy says; memory is bounded by kMaxKeptBytes plus the digests, whatever the result's size (under
/// `full` the caller drains kept rows into RowParts with take_rows_if_full()).
class ResultBuilder {
public:
    static constexpr std::size_t kMaxCells = 64;             ///< a result is small up to here
    static constexpr std::size_t kSampleRows = 100;          ///< policy `sample` keeps results up to so many rows
    static constexpr std::size_t kSampleBytes = 16U << 10U;  ///< … and bytes
    static constexpr std::size_t kMaxKeptBytes = 1U << 20U;  ///< policy `full`: rows in one record
    static constexpr std::size_t kMaxNotices = 100;

    ResultBuilder(const Digester& digester, ResultsPolicy policy) : digester_(digester), policy_(policy) {}

    void set_description(const DescriptionTable::Description* description) { description_ = description; }
    /// Before the first row of a result whose columns `watched` (ascending) are shown to `mapper`: the result gets
    /// normalised digests, where they differ. Both must stay valid until take().
    void watch(ResultMapper* mapper, std::span<const std::size_t> watched) {
        mapper_ = mapper;
        watched_ = watched;
        normalised_ = {};
    }
    void add(const pgwire::FrameView& frame, Timestamp time);
    /// Data of a COPY FROM STDIN, as the client sends it.
    void add_copy_in(BytesView data);
    /// Makes `result`, which is empty, the finished one; the builder is empty again.
    void take(StepKind kind, StepOutcome outcome, StepResult& result);
    /// Rows beyond what fits one record (policy `full`), else empty.
    std::vector<Bytes> take_rows_if_full();
    [[nodiscard]] bool has_rows() const { return result_.rows > 0; }
    [[nodiscard]] bool empty() const { return !result_.first.known(); }
    /// Messages are kept as outside `full`, and what quotes the statement is hidden too.
    void set_hide_messages(bool hide) { hide_messages_ = hide; }
    /// The backend's process of this session; 0: not known.
    void set_own_process(std::uint32_t process) { own_process_ = process; }
    /// The body of the description in force; empty when there is none.
    [[nodiscard]] BytesView row_description() const {
        return description_ != nullptr ? BytesView(description_->body) : BytesView();
    }
    [[nodiscard]] bool has_description() const { return description_ != nullptr; }

private:
    void clear_moved_from();
    void add_row(BytesView body);
    void keep_row(BytesView body);
    std::uint64_t add_cell(std::size_t index, std::optional<BytesView> value, std::size_t& next_watched);
    void note_form(std::size_t index, BytesView sent, const pgwire::CanonicalValue& canonical);
    void add_copy_out(BytesView data);
    void add_notification(BytesView body);
    [[nodiscard]] ServerMessage server_message(BytesView body) const;

    const Digester& digester_;
    ResultsPolicy policy_;
    bool hide_messages_ = false;
    std::uint32_t own_process_ = 0;
    const DescriptionTable::Description* description_ = nullptr;
    StepResult result_;
    bool gathered_ = false;  // result_ has more than a time
    std::size_t kept_bytes_ = 0;
    bool too_large_to_sample_ = false;
    Bytes scratch_;
    DigestAccumulator accumulator_;
    ResultMapper* mapper_ = nullptr;
    std::span<const std::size_t> watched_;
    ResultDigest normalised_;
    DigestAccumulator normalised_accumulator_;
    Timestamp last_;
};

}  // namespace understudy
