#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "app/inspect/file_report.hpp"
#include "app/inspect/follower.hpp"

namespace understudy::app::inspect {

/// Where a view's text goes, piece by piece.
using Output = std::function<void(std::string_view)>;

/// Lists sessions, or steps, one a line, as they come: memory does not grow with the list. Sessions come in
/// the order in which they ended, those open at the end last; steps in the order in which they were answered.
///
/// Drive it: give it to a Follower; start() and finish() around everything.
class ListView final : public FollowListener {
public:
    enum class Of : std::uint8_t { sessions, exchanges };
    struct Options {
        Of of = Of::exchanges;
        bool json = false;
        std::uint64_t limit = 0;  ///< entries shown; 0: all
    };

    ListView(Options options, Output output) : options_(options), output_(std::move(output)) {}

    void start();
    /// The time from which offsets are counted: that of the first event.
    void set_origin(Timestamp origin) { origin_ = origin; }
    void on_step(const FollowedStep& step) override;
    void on_session_end(const SessionInfo& session) override;
    void finish(const std::vector<FileReport>& files, std::uint64_t left_out);

private:
    bool admit();
    void write_json(const Json& json);

    Options options_;
    Output output_;
    Timestamp origin_;
    std::uint64_t all_ = 0;
    std::uint64_t shown_ = 0;
};

}  // namespace understudy::app::inspect
