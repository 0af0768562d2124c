#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"

namespace understudy {

/// What a step asks. A step is the unit of order, remapping, latency and comparison.
enum class StepKind : std::uint8_t {
    unknown = 0,
    parse = 1,
    bind = 2,
    describe = 3,
    execute = 4,
    close = 5,
    sync = 6,       ///< has a result only when committing the implicit transaction failed
    statement = 7,  ///< one SQL statement of a Query
    function_call = 8,
};

/// Whether its answer is what a statement did; others only prepare that.
constexpr bool has_data(StepKind kind) {
    return kind == StepKind::execute || kind == StepKind::statement || kind == StepKind::function_call;
}

/// How a step ended.
enum class StepOutcome : std::uint8_t {
    complete = 0,
    error = 1,       ///< the server answered this step with an ErrorResponse
    skipped = 2,     ///< discarded by the server up to the next Sync, after an error before it
    suspended = 3,   ///< the portal has more rows (PortalSuspended)
    empty = 4,       ///< EmptyQueryResponse
    incomplete = 5,  ///< bytes of its answer were lost to the capture
    unanswered = 6,  ///< the session ended, or the capture did, before the answer
    not_sent = 7,    ///< a replayer held it back or could not send it; `note` says why
};

/// What a replayer knows of the worth of an answer. Bits; they go into files.
enum class StepMark : std::uint8_t {
    ambiguous = 1,  ///< the recording leaves open what it saw: another session changed that at the same time
    tainted = 2,    ///< what it had to wait for did not happen as it was recorded
};

std::string_view to_string(StepKind kind);
std::string_view to_string(StepOutcome outcome);

/// Fields of an ErrorResponse or NoticeResponse by letter (PostgreSQL docs, "Error and Notice Message Fields").
/// Outside the `full` policy the fields that quote data hold "digest:…" instead.
struct ServerMessage {
    std::vector<std::pair<char, Bytes>> fields;

    [[nodiscard]] BytesView get(char letter) const;
    [[nodiscard]] BytesView sqlstate() const { return get('C'); }
    [[nodiscard]] BytesView severity() const {
        return fields.empty() ? BytesView() : (get('V').empty() ? get('S') : get('V'));
    }
    friend bool operator==(const ServerMessage&, const ServerMessage&) = default;
};

/// How cells of a column were taken (docs/capture-file.md, "Forms of digests"): bits of ResultDigest::column_forms.
enum class CellForm : std::uint8_t {
    by_bytes = 1,   ///< some as they were sent, since nothing says what they mean
    reprinted = 2,  ///< some from text that the session's settings had printed in another way
    by_value = 4,   ///< some by their value, text included that is printed in one way
};

/// Keyed hashes of a result's rows; see docs/capture-file.md, "Digests". Small results keep their cells' hashes
/// and nothing else, since the other digests follow from those.
struct ResultDigest {
    std::uint64_t ordered = 0;           ///< of the rows as a sequence
    std::uint64_t multiset = 0;          ///< of the rows in any order
    std::vector<std::uint64_t> columns;  ///< of each column's cells in any order
    std::vector<std::uint64_t> cells;    ///< row by row; empty for large results
    std::uint64_t opaque_cells = 0;      ///< cells without a canonical form, hashed by their format
    /// A byte of CellForm bits for each column, where one is of a type without a settled digest; else empty, and in
    /// captures of versions that knew no forms.
    Bytes column_forms{};
    friend bool operator==(const ResultDigest&, const ResultDigest&) = default;
};

enum class CopyDirection : std::uint8_t { none = 0, in = 1, out = 2, both = 3 };

struct CopySummary {
    CopyDirection direction = CopyDirection::none;
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    std::uint64_t digest = 0;           ///< keyed, of the data as one byte string
    std::uint64_t multiset_digest = 0;  ///< keyed, of the lines in any order (the CopyData messages of a COPY OUT)
    friend bool operator==(const CopySummary&, const CopySummary&) = default;
};

/// What one step answered.
struct StepResult {
    StepKind kind = StepKind::unknown;
    StepOutcome outcome = StepOutcome::complete;
    Timestamp first;  ///< first byte of the answer; unknown when there was none
    Timestamp end;    ///< last byte of the answer
    /// Body of the RowDescription in force, the format codes as the rows were sent; empty when there are no rows
    /// or their description was never seen.
    Bytes row_description;
    Bytes parameter_description;  ///< body of the ParameterDescription
    std::uint64_t rows = 0;
    ResultDigest digest;
    /// A replay: the digests with the recorded values in place of those that the target generated instead of them.
    /// Nothing: they are the same.
    std::optional<ResultDigest> normalised;
    std::vector<Bytes> kept_rows;  ///< DataRow bodies, as far as the results policy keeps them
    Bytes command_tag;
    std::optional<ServerMessage> error;
    std::vector<ServerMessage> notices;
    std::vector<std::pair<Bytes, Bytes>> parameters;  ///< ParameterStatus: settings that changed
    std::vector<Bytes> notified_channels;             ///< NotificationResponse
    /// Keyed, of the channel and the payload of each notification that the session itself had asked for: those of others
    /// come at any time. Empty beside channels: none of them is known to be its own.
    std::vector<std::uint64_t> own_notifications{};
    CopySummary copy;
    std::uint32_t marks = 0;  ///< StepMark bits
    Bytes note;  ///< why a replayer did not send it, or what it did otherwise

    /// What two captures are compared by.
    [[nodiscard]] const ResultDigest& comparable() const { return normalised ? *normalised : digest; }
    friend bool operator==(const StepResult&, const StepResult&) = default;
};

}  // namespace understudy
