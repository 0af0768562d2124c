#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/catalog/search_path.hpp"
#include "core/exchange/result_mapper.hpp"
#include "core/model/event.hpp"
#include "core/pgwire/frame_reader.hpp"
#include "replay/remap/learn.hpp"
#include "replay/remap/value_rewriter.hpp"

namespace understudy::replay {

/// What all sessions of a replay share to remap generated values. Thread-safe.
class RemapContext {
public:
    /// `keyed_by` must outlive it. `read`: sql::statement_accesses.
    RemapContext(IdentityDomains of_target, const Digester& keyed_by, AccessReader read)
        : domains(std::move(of_target)),
          digester(keyed_by),
          counts(domains.size()),
          plans(domains, std::move(read), counts) {}

    const IdentityDomains domains;
    const Digester& digester;
    std::map<Bytes, Bytes> role_paths;  ///< search_path by role, "" for others, where the target sets one
    RemapCounts counts;
    PlanCache plans;
    ValueMap map;

    [[nodiscard]] RemapReport report() const;
};

/// Remaps the generated values of one session: rewrites what is sent, learns from what is answered, and gives answers
/// the normalised digests. One thread.
///
/// It stands between the session's Transcriber and the sink of its events. Drive it: recorded() for each Response of
/// the capture, as early as it is known; rewrite() for what is sent; as ResultMapper and sink of the transcriber it
/// sees the rest. An answer whose recorded one was not read yet is held back until it is, as far as kMaxHeld allows.
class SessionRemapper final : public ResultMapper, public EventSink {
public:
    static constexpr std::size_t kMaxHeld = 64;         ///< events
    static constexpr std::size_t kMaxNames = 100'000;   ///< prepared statements and portals
    static constexpr std::size_t kMaxSent = 1U << 18U;  ///< steps sent and not answered
    /// Values kept of one answer: of an INSERT, and of what is read.
    static constexpr std::size_t kMaxProduced = 4096;
    static constexpr std::size_t kMaxRead = 64;
    static constexpr std::size_t kMaxDescriptions = 1024;

    /// `queued_bytes` grows by what is kept of recorded answers. All references must outlive it.
    SessionRemapper(SessionId session, RemapContext& context, EventSink& next,
                    std::atomic<std::uint64_t>& queued_bytes);
    ~SessionRemapper() override;
    SessionRemapper(const SessionRemapper&) = delete;
    SessionRemapper& operator=(const SessionRemapper&) = delete;

    /// As whom the session runs, which tells what names without a schema mean.
    void set_identity(const SessionIdentity& identity);

    void recorded(Response&& response);
    void end_of_recording();
    /// Whether an answer is held back: what it generates is not in the map yet.
    [[nodiscard]] bool holds() const { return !held_.empty(); }
    /// Frames of the recorded client, whole ones, all of one exchange, the first step of which is `step`; as they are
    /// to be sent.
    Bytes rewrite(Bytes frames, Ordinal ordinal, StepIndex step);
    /// Frames that were sent on entering a session, as they are: the statements that they prepare.
    void entered(BytesView frames);

    std::span<const std::size_t> begin_result(std::uint32_t ordinal, std::uint32_t step,
                                              BytesView row_description) override;
    std::uint64_t on_cell(std::size_t watched, const pgwire::CanonicalValue& value, std::uint64_t cell) override;
    void on_null(std::size_t watched) override;
    void on_event(Event&& event) override;

private:
    using Place = std::pair<std::uint32_t, std::uint32_t>;  // ordinal and step
    struct Prepared {
        TextPlanPtr plan;
        std::vector<std::uint32_t> types;
    };
    struct Sent {
        Place place;
        TextPlanPtr plan;
        bool query = false;  // its statements are this step and those that follow
    };
    struct Recorded {
        std::uint64_t rows = 0;
        StepResult result;  // what its cells are made of
        std::uint64_t weight = 0;
    };
    struct Copy {
        TextPlanPtr plan;
        std::size_t statement = 0;
        CopyFields fields;
    };

    bool rewrite_frame(const pgwire::FrameView& frame, Place place, Bytes& out);
    bool query(BytesView body, Place place, Bytes& out);
    bool parse(BytesView body, Bytes& out);
    bool bind(const pgwire::FrameView& frame, Bytes& out);
    bool copy_frame(const pgwire::FrameView& frame, Bytes& out);
    void sent(Place place, const TextPlanPtr& plan, bool is_query);
    void expect_copies(const TextPlanPtr& plan);
    void follow_path(const TextPlan& plan);
    void set_schemas();
    std::optional<Bytes> rewritten(const TextPlanPtr& plan);
    [[nodiscard]] const StatementPlan* prepared_as(const Bytes& name) const;

    [[nodiscard]] const StatementPlan* statement_at(Place place, TextPlanPtr* text = nullptr) const;
    /// The statement that generates the values of an answer: of EXECUTE that which it runs.
    [[nodiscard]] const StatementPlan* source_of(const StatementPlan* statement) const;
    const std::vector<DomainId>& domains_of(BytesView row_description);
    [[nodiscard]] bool may_come(const Response& response) const;
    void release();
    void process(Response& response);
    void process(StepResult& result, Place place);
    void learn(Place place, const ObservedValues& observed);
    static bool in_order(const StatementPlan* statement, const TextPlanPtr& text, std::size_t rows);
    void follow_transaction(const StepResult& result, const StatementPlan* statement);
    void forget_recorded_before(Place place);

    SessionId session_;
    RemapContext& context_;
    EventSink& next_;
    std::atomic<std::uint64_t>& queued_bytes_;
    ValueRewriter values_;
    TransactionScope scope_;
    bool failed_ = false;  // a step of the open transaction did

    Bytes user_;
    catalog::SearchPath path_;
    std::vector<Bytes> search_path_{"public"};  // what path_ comes to
    std::unordered_map<Bytes, Prepared> statements_;
    std::unordered_map<Bytes, TextPlanPtr> portals_;
    std::unordered_map<Bytes, std::pair<TextPlanPtr, std::size_t>> prepared_sql_;  // by PREPARE: text, statement
    std::deque<Copy> copies_;
    std::uint32_t copy_ordinal_ = 0;
    std::deque<Sent> sent_;
    DomainId last_generated_ = 0;

    std::map<Place, Recorded> recorded_;
    std::uint64_t recorded_until_ = 0;  // the answers to ordinals below are known
    std::map<Place, ObservedValues> observed_;
    ObservedValues* watching_ = nullptr;  // in observed_
    std::size_t most_values_ = 0;
    std::unordered_map<Bytes, std::vector<DomainId>> descriptions_;
    std::deque<Event> held_;
};

}  // namespace understudy::replay
