#pragma once

#include <vector>

#include "core/pgwire/frame_reader.hpp"
#include "schema/check/description.hpp"

namespace understudy::schema {

/// What one server is asked about one statement.
struct Question {
    BytesView sql;                               ///< borrowed until the pipeline is done; without zero bytes
    std::vector<std::uint32_t> parameter_types;  ///< OIDs of this server, 0: to be inferred
};

/// Asks about many statements without waiting for each answer: for each Parse of the unnamed statement,
/// Describe of it, Sync (PostgreSQL docs, "Pipelining"). The Sync after each keeps the failure of one from
/// skipping the next, and ends its implicit transaction. No I/O: send what next_bytes() gives, hand in every
/// frame that comes.
class DescribePipeline {
public:
    static constexpr std::size_t kInFlight = 64;

    /// Borrows the questions.
    explicit DescribePipeline(const std::vector<Question>& questions) : questions_(questions) {}

    /// What is to be sent next; empty while enough is in flight, and at the end. Valid until the next call,
    /// which must not come before all of it is sent.
    BytesView next_bytes();
    /// Errors: Errc::protocol for an answer that does not belong here; Errc::io when the server ends the
    /// connection.
    Result<void> on_frame(const pgwire::FrameView& frame);

    [[nodiscard]] bool done() const { return answers_.size() == questions_.size(); }
    /// In the order of the questions.
    std::vector<Description> take() { return std::move(answers_); }

private:
    Result<void> refused(BytesView body);

    const std::vector<Question>& questions_;
    std::size_t asked_ = 0;
    Bytes out_;
    Description current_;
    std::vector<Description> answers_;
};

}  // namespace understudy::schema
