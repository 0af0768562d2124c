// The checks of a Dialogue: what must hold whenever the connection ends or bytes are lost.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "core/pgwire/message_tag.hpp"
#include "core/pgwire/response_tracker.hpp"
#include "tests/support/dialogue.hpp"

namespace understudy::testing {
namespace {

using Place = std::pair<std::uint32_t, std::uint32_t>;  // ordinal, step

class Silent final : public pgwire::TrackerListener {
    void on_step_ended(const pgwire::Pending&, pgwire::Ending) override {}
    void on_exchange_ended(std::uint32_t, char) override {}
};

bool is_step(char tag) { return std::string_view("PBDECQF").find(tag) != std::string_view::npos; }

/// What distinguishes one answer from another.
std::string signature(const StepResult& result, const std::vector<Bytes>& row_parts) {
    std::string text = fmt::format("{}/{}/{}", to_string(result.outcome), result.command_tag, result.rows);
    if (result.error) text += fmt::format("/{}", result.error->get('M'));
    for (const Bytes& row : row_parts) text += "/" + row;
    for (const Bytes& row : result.kept_rows) text += "/" + row;
    text += fmt::format("/{}", result.copy.multiset_digest);
    return text;
}

bool claims_an_answer(StepOutcome outcome) {
    return outcome != StepOutcome::incomplete && outcome != StepOutcome::unanswered && outcome != StepOutcome::not_sent;
}

}  // namespace

/// One run of a script, with the place of each frame of the client and what was reported of it.
class DialogueRun {
public:
    using Step = Dialogue::Part;
    using Kind = Dialogue::Kind;

    /// `step` of the script is its `identity`-th.
    void feed(const Step& step, std::size_t identity) {
        const Timestamp time = at_ms(++now_);
        switch (step.kind) {
            case Kind::client: {
                const pgwire::FrameView frame = view_frame(step.frames);
                const pgwire::Placement placement = placer_.on_frontend(frame);
                transcriber_.frontend(frame, time);
                transcriber_.end_of_client_data();
                if (is_step(frame.tag) && !placement.unexpected)
                    places_[{placement.ordinal, placement.step}] = identity;
                break;
            }
            case Kind::server:
                placer_.on_backend(view_frame(step.frames));
                transcriber_.backend(view_frame(step.frames), time);
                transcriber_.end_of_server_data();
                break;
            case Kind::client_gap:
                placer_.on_frontend_gap();
                transcriber_.gap(true, 1, time);
                break;
            case Kind::server_gap:
                placer_.on_backend_gap();
                transcriber_.gap(false, 1, time);
                break;
        }
    }

    void finish() {
        transcriber_.finish(at_ms(now_ + 1));
        for (const Event& event : list_.events) {
            if (const auto* part = std::get_if<RowPart>(&event)) {
                auto& rows = row_parts_[{part->ordinal.value(), part->step.value()}];
                rows.insert(rows.end(), part->rows.begin(), part->rows.end());
            }
            if (const auto* request = std::get_if<Request>(&event)) requested_.insert(request->ordinal.value());
            if (const auto* response = std::get_if<Response>(&event)) read(*response);
        }
        for (const auto& [place, identity] : places_) {
            if (reported_.count(identity) == 0) problem(place, "was never reported");
        }
    }

    /// What this run claims must be what the whole script says.
    std::string compare_with(const DialogueRun& truth) {
        for (const auto& [key, claim] : claims_) {
            const auto found = truth.claims_.find(key);
            if (found == truth.claims_.end()) {
                problem(claim.first, "is claimed but not so in the whole script: " + claim.second);
            } else if (found->second.second != claim.second) {
                problem(claim.first, "is " + found->second.second + " but reported as " + claim.second);
            }
        }
        return problems_;
    }
    [[nodiscard]] const std::string& problems() const { return problems_; }

private:
    void read(const Response& response) {
        const std::uint32_t ordinal = response.ordinal.value();
        if (requested_.count(ordinal) == 0) problem({ordinal, 0}, "is answered before it was asked");
        if (response.ready.known() && !ended_.insert(ordinal).second) problem({ordinal, 0}, "ended twice");
        std::uint32_t step = response.first_step.value();
        for (const StepResult& result : response.results) read(result, {ordinal, step++});
    }

    void read(const StepResult& result, Place place) {
        if (!steps_.insert(place).second) problem(place, "was reported twice");
        if (result.kind == StepKind::sync && result.outcome != StepOutcome::error) return;
        // A Query is reported once a statement: it has all steps from its place on.
        auto found = places_.upper_bound(place);
        if (found == places_.begin()) return problem(place, "was never sent");
        --found;
        const bool own =
            found->first == place || (result.kind == StepKind::statement && found->first.first == place.first);
        if (result.kind == StepKind::sync) return;
        if (!own) return problem(place, "was never sent");
        reported_.insert(found->second);
        if (!claims_an_answer(result.outcome)) return;
        claims_[{found->second, place.second - found->first.second}] = {place, signature(result, row_parts_[place])};
    }

    void problem(Place place, const std::string& what) {
        problems_ += fmt::format("step {}.{} {}\n", place.first, place.second, what);
    }

    Silent silent_;
    pgwire::ResponseTracker placer_{silent_};
    EventList list_;
    MessageCounts counts_;
    Transcriber transcriber_{SessionId(1), test_digester(), ResultsPolicy::full, false, counts_, list_};
    std::int64_t now_ = 0;
    std::map<Place, std::size_t> places_;
    std::map<Place, std::vector<Bytes>> row_parts_;
    std::set<Place> steps_;
    std::set<std::uint32_t> requested_;
    std::set<std::uint32_t> ended_;
    std::set<std::size_t> reported_;
    std::map<std::pair<std::size_t, std::uint32_t>, std::pair<Place, std::string>> claims_;
    std::string problems_;
};

namespace {

/// Runs steps of a script: those before `end`, with the gap `kind` instead of [lost, kept) or, where these
/// are equal, besides.
std::string check_run(const std::vector<DialogueRun::Step>& steps, std::size_t end, const DialogueRun& truth,
                      std::size_t lost = SIZE_MAX, std::size_t kept = SIZE_MAX,
                      std::optional<DialogueRun::Kind> kind = std::nullopt) {
    DialogueRun run;
    for (std::size_t i = 0; i < end; ++i) {
        if (i == kept && kind) run.feed({*kind, {}}, SIZE_MAX);
        const bool gone = i >= lost && i < kept && kind;
        const bool same_side =
            kind && (*kind == DialogueRun::Kind::client_gap) == (steps[i].kind == DialogueRun::Kind::client);
        if (!gone || !same_side) run.feed(steps[i], i);
    }
    run.finish();
    std::string problems = run.compare_with(truth);
    if (problems.empty()) return {};
    return fmt::format("ended at {}, lost [{}, {}) of {}:\n{}", end, lost, kept, kind ? static_cast<int>(*kind) : -1,
                       problems);
}

void run_all(const std::vector<DialogueRun::Step>& steps, DialogueRun& run) {
    for (std::size_t i = 0; i < steps.size(); ++i) run.feed(steps[i], i);
    run.finish();
}

}  // namespace

std::string Dialogue::check_every_ending() const {
    const std::vector<Part> steps = cut_into_frames();
    DialogueRun truth;
    run_all(steps, truth);
    std::string problems = truth.problems();
    for (std::size_t end = 0; end < steps.size() && problems.empty(); ++end) problems = check_run(steps, end, truth);
    return problems;
}

std::string Dialogue::check_every_gap(std::size_t sound) const {
    const std::vector<Part> steps = cut_into_frames();
    DialogueRun truth;
    run_all(steps, truth);
    std::string problems = truth.problems();
    for (std::size_t lost = sound; lost < steps.size(); ++lost) {
        for (std::size_t kept = lost; kept <= steps.size(); ++kept) {  // noticed when the next frame of that side comes
            for (const Kind kind : {Kind::client_gap, Kind::server_gap}) {
                if (problems.empty()) problems = check_run(steps, steps.size(), truth, lost, kept, kind);
            }
        }
    }
    return problems;
}

}  // namespace understudy::testing
