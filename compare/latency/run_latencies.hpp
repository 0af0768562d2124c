#pragma once

#include <map>
#include <string>

#include "compare/event_source.hpp"
#include "compare/latency/latency_sample.hpp"

namespace understudy::compare {

/// The service times of one run by statement.
struct RunLatencies {
    static constexpr std::size_t kMaxStatements = 2'000;  ///< further ones are counted as not measured

    struct Statement {
        Bytes text;     ///< normalised
        Bytes example;  ///< as it was asked the first time; with $n where it had parameters
        LatencySample sample;
    };
    std::map<std::string, Statement> statements;  ///< by fingerprint
    double total_ms = 0;                          ///< of everything measured
    std::uint64_t measured = 0;                   ///< exchanges
    std::uint64_t pipelined = 0;   ///< exchanges of several statements: their times cannot be told apart
    std::uint64_t not_measured = 0;  ///< unanswered, failed, of unknown text, or past kMaxStatements
};

/// Reads a capture to its end. The time of an exchange is that from its request to the last byte of its last answer:
/// the server's and the network's, not the waiting of the replay. Errors: those of the source.
Result<RunLatencies> read_latencies(EventSource& source);

}  // namespace understudy::compare
