#pragma once

#include <cstdint>
#include <string>

#include "app/inspect/format.hpp"

namespace understudy::app::inspect {

/// How much of what passed a capture holds; docs/inspect.md, "Capture quality", defines it.
struct Quality {
    std::uint64_t recorded = 0;  ///< exchanges of which something is in the file, ended ones
    std::uint64_t whole = 0;     ///< of these: statement and answer wholly recorded
    std::uint64_t running = 0;   ///< neither: without an end when the file ends
    std::uint64_t dropped = 0;   ///< exchanges seen and not recorded
    std::uint64_t lost = 0;      ///< estimate of exchanges in the bytes that clients' gaps hid
    std::uint64_t client_gaps = 0;
    std::uint64_t server_gaps = 0;
    std::uint64_t gap_bytes = 0;     ///< of both, as far as known
    std::uint64_t unknown_gaps = 0;  ///< clients' gaps of unknown length
    std::uint64_t unresolved = 0;    ///< requests that use what was never seen prepared
    std::uint64_t inferred = 0;      ///< statements guessed from other sessions
    std::uint64_t request_bytes = 0;
    std::uint64_t client_gap_bytes = 0;

    /// Estimates `lost` from the session's own requests. Once, when the session ends.
    void estimate_lost();
    void add(const Quality& other);
    [[nodiscard]] std::uint64_t known() const { return recorded + dropped + lost; }
    [[nodiscard]] double percent() const;
    /// To a thousandth, rounded down: 100 only when nothing is missing.
    [[nodiscard]] double percent_floor() const;
};

/// The fields of a session's, or the whole capture's, JSON.
Json to_json(const Quality& quality);

/// What a counter "loss.NAME" means, in a few words; empty for one that this version does not know.
std::string_view loss_meaning(std::string_view name);
/// Whether the loss hides traffic that nobody can attribute, so that a percentage is an upper bound.
bool hides_traffic(std::string_view name);

}  // namespace understudy::app::inspect
