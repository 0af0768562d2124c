#include "replay/run/plan_run.hpp"

#include <algorithm>

#include "core/store/capture_codec.hpp"
#include "core/store/capture_reader.hpp"
#include "replay/plan/hold_back.hpp"

namespace understudy::replay {
namespace {

constexpr std::size_t kMaxReasons = 1000;

/// Counts what will not be sent, as SessionMachine judges it.
class SkipCount {
public:
    SkipCount(const std::set<std::string>& allowed, ReplayPlan& plan) : allowed_(allowed), plan_(plan) {}

    void on_event(const Event& event) {
        if (const auto* request = std::get_if<Request>(&event)) return on_request(*request);
        if (const auto* closed = std::get_if<SessionClosed>(&event)) sessions_.erase(closed->session);
    }

private:
    struct Session {
        HoldBack hold_back;
        std::optional<Ordinal> skipping;
        std::string why;
    };

    void on_request(const Request& request) {
        Session& session = sessions_.try_emplace(request.session, Session{HoldBack(allowed_), {}, {}}).first->second;
        if (session.skipping != request.ordinal) session.skipping.reset();
        if (!session.skipping) {
            session.why = request.unresolved ? "its statement was prepared before the capture began"
                                             : judge(session, request.frames);
        }
        if (session.why.empty()) return;
        session.skipping = request.ordinal;
        session.hold_back.note_not_sent(request.frames);
        ++plan_.not_sent;
        if (plan_.why_not_sent.size() < kMaxReasons || plan_.why_not_sent.contains(session.why))
            ++plan_.why_not_sent[session.why];
    }
    static std::string judge(Session& session, BytesView frames) {
        pgwire::FrameReader reader;
        reader.begin(frames);
        pgwire::FrameView frame;
        std::string why;
        while (why.empty() && reader.next(frame) == pgwire::FrameStatus::complete) why = session.hold_back.judge(frame);
        return why;
    }

    const std::set<std::string>& allowed_;
    ReplayPlan& plan_;
    std::unordered_map<SessionId, Session> sessions_;
};

/// Plans what is to be replayed, and forgets what waits for what.
class PlanSink final : public PlannedSink {
public:
    PlanSink(const std::set<std::string>& allowed, OrderPlanner& planner, ReplayPlan& plan)
        : skipped_(allowed, plan), planner_(planner), plan_(plan) {}

    void on_planned(Planned&& planned) override {
        if (planned.left_out.yes() || planned.warm) return;
        const Timestamp time = store::event_time(planned.event);
        if (store::event_session(planned.event).value() != 0 && time.known()) {
            if (!first_.known()) first_ = time;
            last_ = std::max(last_, time);
        }
        if (std::holds_alternative<SessionOpened>(planned.event)) ++plan_.sessions;
        skipped_.on_event(planned.event);
        planner_.on_event(std::move(planned.event), out_);
        out_.clear();
    }
    void finish() {
        planner_.finish(out_);
        plan_.recorded = last_ - first_;
    }

private:
    SkipCount skipped_;
    OrderPlanner& planner_;
    ReplayPlan& plan_;
    OrderPlanner::Out out_;
    Timestamp first_;
    Timestamp last_;
};

}  // namespace

Result<ReplayPlan> plan_replay(const std::vector<std::string>& files, const store::KeyRing& keys,
                               const SelectionOptions& chosen, const OrderPlanner::Options& options,
                               const catalog::Catalog& catalog, const Digester& digester,
                               const std::set<std::string>& allowed, const std::function<bool()>& stop) {
    const Timestamp begun = system_clock().now();
    ReplayPlan plan;
    OrderPlanner planner(options, catalog, digester,
                         [&plan](SessionId session, Ordinal ordinal, StepIndex step) {
                             plan.ambiguous.add(session, ordinal, step);
                         });
    PlanSink sink(allowed, planner, plan);
    Selection selection(chosen, sink);
    for (const std::string& file : files) {
        UNDERSTUDY_TRY(const auto reader, store::CaptureReader::open(file, keys));
        while (!selection.past_end()) {
            UNDERSTUDY_TRY(auto event, reader->next());
            if (!event) break;
            if (stop && stop()) return make_error(Errc::inconclusive, "stopped while the replay was planned");
            selection.on_event(std::move(*event));
        }
    }
    sink.finish();
    plan.order = planner.stats();
    plan.order.ambiguous_exchanges = plan.ambiguous.size();
    const auto& functions = planner.footprints().unknown_functions();
    plan.unknown_functions.assign(functions.begin(), functions.end());
    std::sort(plan.unknown_functions.begin(), plan.unknown_functions.end(),
              [](const auto& a, const auto& b) { return std::pair(b.second, a.first) < std::pair(a.second, b.first); });
    plan.took = system_clock().now() - begun;
    return plan;
}

}  // namespace understudy::replay
