#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/model/event.hpp"

namespace understudy::compare {

/// The captures that are compared. Only the baseline and the candidate have to be there.
enum class Side : std::uint8_t { baseline = 0, candidate = 1, control = 2, confirmation = 3 };
inline constexpr std::size_t kSides = 4;
inline constexpr std::size_t index_of(Side side) { return static_cast<std::size_t>(side); }
std::string_view to_string(Side side);
template <class T>
using PerSide = std::array<T, kSides>;

/// SQL as a Parse or a Query gave it.
struct StatementText {
    Bytes name;  ///< of the prepared statement; empty for the unnamed one and for a Query
    Bytes sql;
    std::vector<std::uint32_t> parameter_types;  ///< as declared; 0 where left to the server
    bool cut = false;                            ///< too long to be kept whole
};
using StatementTextPtr = std::shared_ptr<const StatementText>;

/// A portal as a Bind made it.
struct BoundPortal {
    Bytes name;
    Bytes statement_name;
    StatementTextPtr statement;  ///< nothing when its Parse was never seen
    Bytes bind_body;             ///< of the message; empty when too long to be kept
};
using BoundPortalPtr = std::shared_ptr<const BoundPortal>;

/// What one step asked, as the baseline's requests tell. Of a Query: its statements are this step and all that follow.
struct StepContext {
    std::uint32_t step = 0;
    StepKind kind = StepKind::unknown;
    StatementTextPtr text;  ///< nothing when unknown
    BoundPortalPtr portal;  ///< of Bind, Execute, and Describe or Close of a portal
};

struct ObservedStep {
    std::uint32_t index = 0;
    StepResult result;
};

/// One exchange of one side, gathered from its records.
struct ObservedExchange {
    ExchangeId id;
    Timestamp asked;                    ///< first byte of the request; unknown when it was not seen
    std::vector<ObservedStep> steps;    ///< ascending by index
    std::vector<StepContext> contexts;  ///< ascending by step; of the baseline only
    char transaction_status = 0;        ///< of the ReadyForQuery; 0 when there was none
    bool ended = false;                 ///< false: the session or the capture ended first

    /// A rough count of what it holds.
    [[nodiscard]] std::size_t bytes() const;
};

/// The context of a step; nothing when the requests do not tell.
const StepContext* context_of(const ObservedExchange& exchange, std::uint32_t step, StepKind kind);

}  // namespace understudy::compare
