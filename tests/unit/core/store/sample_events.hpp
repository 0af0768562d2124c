#pragma once

#include <vector>

#include "core/model/digest_mix.hpp"
#include "core/model/event.hpp"
#include "core/store/byte_io.hpp"

namespace understudy::store {

inline constexpr std::int64_t kMorning = 1'700'000'000'000'000'000;

inline Timestamp morning(std::int64_t ns) { return Timestamp::from_ns(kMorning + ns); }

inline Bytes all_bytes() {
    Bytes bytes;
    for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
    return bytes;
}

/// A result with everything in it.
inline StepResult full_result() {
    StepResult result;
    result.kind = StepKind::execute;
    result.outcome = StepOutcome::suspended;
    result.first = morning(5);
    result.end = morning(9);
    result.row_description = all_bytes();
    result.parameter_description = Bytes("\0\0", 2);
    result.rows = 2;
    result.digest.cells = {1, 0, UINT64_MAX, 4};
    result.digest.opaque_cells = 4;
    derive_from_cells(result.digest, 2);
    result.normalised = result.digest;
    result.normalised->cells = {1, 0, 3, 4};
    derive_from_cells(*result.normalised, 2);
    result.digest.column_forms = Bytes("\0\5", 2);
    result.kept_rows = {all_bytes(), ""};
    result.command_tag = "FETCH 2";
    result.error = ServerMessage{{{'C', "22012"}, {'M', all_bytes()}, {static_cast<char>(0xFF), ""}}};
    result.notices = {ServerMessage{{{'M', "n"}}}, ServerMessage{}};
    result.parameters = {{"TimeZone", "UTC"}, {"", ""}};
    result.notified_channels = {"c", all_bytes()};
    result.own_notifications = {0, 0xfedcba9876543210U};
    result.copy = {CopyDirection::both, 3, UINT64_MAX, 5, 6};
    result.note = all_bytes();
    return result;
}

inline std::vector<StepResult> sample_results() {
    StepResult large;  // its cells were too many
    large.kind = StepKind::statement;
    large.rows = UINT64_MAX;
    large.digest = {1, UINT64_MAX, {3, 4}, {}, 0};
    large.normalised = ResultDigest{2, UINT64_MAX, {5, 4}, {}, 0};
    StepResult no_columns;
    no_columns.rows = 2;
    no_columns.digest.ordered = 7;
    return {full_result(), large, no_columns, StepResult{}};
}

/// One of each kind, at its least and at its most.
inline std::vector<Event> sample_events() {
    SessionIdentity identity{all_bytes(),      "d",          "",      {{"options", "-c x=y"}, {"", ""}},
                             "10.0.0.7:51234", "[::1]:5432", 0x30002, UINT32_MAX,
                             true};
    SessionState state{SessionId(1),
                       morning(2),
                       true,
                       identity,
                       {{"TimeZone", all_bytes()}},
                       {{"s", all_bytes(), {0, 23, UINT32_MAX}}},
                       'E',
                       Ordinal(UINT32_MAX)};
    return {
        SessionOpened{SessionId(UINT64_MAX), morning(1), true, identity},
        SessionOpened{},
        state,
        SessionState{},
        SessionClosed{SessionId(1), morning(3), SessionEnd::failed, ServerMessage{{{'C', "57P01"}}},
                      "server said \xff\xfe"},
        SessionClosed{},
        CancelSent{SessionId(1), Timestamp::from_ns(INT64_MAX)},
        CancelSent{SessionId(0), Timestamp::from_ns(INT64_MIN)},
        Request{SessionId(1),
                Ordinal(UINT32_MAX),
                StepIndex(UINT32_MAX),
                morning(4),
                {Ordinal(1), 2, true},
                true,
                all_bytes()},
        Request{},
        Response{SessionId(1), Ordinal(2), StepIndex(3), sample_results(), 'T', morning(10)},
        Response{SessionId(1), Ordinal(2), StepIndex(3), {}, static_cast<char>(0xFF), Timestamp()},
        Response{},
        RowPart{SessionId(1), Ordinal(2), StepIndex(3), {"", all_bytes()}},
        RowPart{},
        Gap{SessionId(1), morning(11), true, UINT64_MAX},
        Gap{SessionId(1), morning(11), false, 0, UINT64_MAX},
        Gap{},
        StatementInferred{SessionId(1), morning(12), {"S_1", all_bytes(), {0, 23}}, 3},
        StatementInferred{},
        Counters{{{"loss.kernel_drops", UINT64_MAX}, {"", 0}}},
        Counters{{{"gaps", 1}}, SessionId(7)},
        Counters{},
        CatalogRecord{morning(12), all_bytes(), all_bytes()},
        CatalogRecord{},
    };
}

inline CaptureHeader sample_header() {
    CaptureHeader header;
    header.source = "packets";
    header.tool_version = "0.1.0";
    header.created = morning(0);
    header.policy = ResultsPolicy::full;
    header.key_id = all_bytes();
    header.server_version = "15.4 \xff";
    header.system_identifier = UINT64_MAX;
    header.wal_position = "0/1";
    header.clock_uncertainty_ns = INT64_MIN;
    header.description = "target \xe4";
    header.replayed_system_identifier = 1;
    header.results_unknown = true;
    header.redacted = true;
    return header;
}

/// Takes bytes in memory, up to a limit like that of a full disk.
class MemorySink final : public ByteSink {
public:
    explicit MemorySink(Bytes& bytes, std::size_t limit = SIZE_MAX) : bytes_(bytes), limit_(limit) {}
    Result<void> append(BytesView more) override {
        if (bytes_.size() + more.size() > limit_) return make_error(Errc::io, "no space left");
        bytes_ += more;
        return {};
    }
    Result<void> sync() override { return {}; }
    [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }

private:
    Bytes& bytes_;
    std::size_t limit_;
};

}  // namespace understudy::store
