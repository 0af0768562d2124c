#include "compare/analysis/exchange_diff.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compare/analysis/sql_names.hpp"

namespace understudy::compare {
namespace {

bool unusable(StepOutcome outcome) {
    return outcome == StepOutcome::not_sent || outcome == StepOutcome::unanswered || outcome == StepOutcome::incomplete;
}

Bytes why_unusable(std::string_view side, const StepResult& result) {
    Bytes why = Bytes(side) + ": " + Bytes(to_string(result.outcome));
    if (!result.note.empty()) why += " (" + result.note + ")";
    return why;
}

/// Whether the step ends a transaction, failed or not (ROLLBACK TO SAVEPOINT ends a failed state as well).
bool ends_transaction(const StepResult& result) {
    return result.outcome == StepOutcome::complete &&
           (result.command_tag == "ROLLBACK" || result.command_tag == "COMMIT");
}

/// What no plan's usual spread and no busy machine's hiccup makes of a statement.
constexpr Duration kStall = Duration::milliseconds(500);
constexpr double kStallFactor = 10;
const StepResult kNoAnswer{};

}  // namespace

void CascadeState::resolve(const std::vector<CellId>& cells) {
    root.resolve(cells);
    lost.resolve(cells);
}

void ExchangeDifferences::leave_out(Bytes reason) {
    for (auto& [known, count] : not_compared) {
        if (known != reason) continue;
        ++count;
        return;
    }
    not_compared.emplace_back(std::move(reason), 1);
}

/// One comparison; walks both lists of steps by index.
class ExchangeComparer::Run {
public:
    Run(ExchangeComparer& comparer, const ObservedExchange& a, const ObservedExchange& b, CascadeState& state)
        : comparer_(comparer),
          a_(a),
          b_(b),
          state_(state),
          last_end_a_(state.baseline_end),
          last_end_b_(state.other_end) {}

    ExchangeDifferences walk() {
        auto a = a_.steps.begin();
        auto b = b_.steps.begin();
        while (a != a_.steps.end() || b != b_.steps.end()) {
            const bool take_a = a != a_.steps.end() && (b == b_.steps.end() || a->index <= b->index);
            const bool take_b = b != b_.steps.end() && (a == a_.steps.end() || b->index <= a->index);
            step_ = take_a ? a->index : b->index;
            const StepKind kind = take_a ? a->result.kind : b->result.kind;
            context_ = nullptr;
            if (take_a && take_b) {
                both(a->result, b->result);
            } else if (take_a) {
                only_baseline(a->result);
            } else {
                only_other(kind, b->result);
            }
            if (take_a) last_end_a_ = std::max(last_end_a_, (a++)->result.end);
            if (take_b) last_end_b_ = std::max(last_end_b_, (b++)->result.end);
        }
        compare_status();
        state_.baseline_end = last_end_a_;
        state_.other_end = last_end_b_;
        return std::move(out_);
    }

private:
    const StepContext* context(StepKind kind) {
        if (context_ == nullptr) context_ = context_of(a_, step_, kind);
        return context_;
    }

    void both(const StepResult& a, const StepResult& b) {
        if (unusable(a.outcome)) return out_.leave_out(why_unusable("baseline", a));
        if (unusable(b.outcome)) return out_.leave_out(why_unusable("candidate", b));
        if (a.kind != b.kind) return out_.leave_out("the sides' messages do not match");
        const bool a_skipped = a.outcome == StepOutcome::skipped;
        const bool b_skipped = b.outcome == StepOutcome::skipped;
        if (a_skipped || b_skipped) {
            if (a_skipped && b_skipped) {
                ++out_.compared;
            } else if (has_root()) {
                ++out_.compared;
                fold(a.kind, current_root());
            } else {
                out_.leave_out(a_skipped ? "baseline: skipped after an error" : "candidate: skipped after an error");
            }
            return;
        }
        ++out_.compared;
        if (!surely_same(a, b)) differ(a, b);
        if (comparer_.scope_.times && has_data(a.kind)) compare_times(a, b);
        if (!state_.lost.empty() && b.outcome == StepOutcome::complete) state_.lost.on_success(context(a.kind), step_);
        follow_cursors(a, b);
        if (ends_transaction(b)) state_.other_aborted = false;
        if (ends_transaction(a)) state_.baseline_aborted = false;
    }

    /// How long a step took by itself: since the exchange was asked, or the step before it was answered.
    static std::optional<Duration> time_of(const StepResult& result, Timestamp asked, Timestamp before) {
        if (!asked.known() || !result.end.known()) return std::nullopt;
        return result.end - std::max(asked, before);
    }

    void compare_times(const StepResult& a, const StepResult& b) {
        const auto time_a = time_of(a, a_.asked, last_end_a_);
        const auto time_b = time_of(b, b_.asked, last_end_b_);
        if (!time_a || !time_b || a.outcome == StepOutcome::error || b.outcome == StepOutcome::error) return;
        if (*time_b < kStall || *time_b < time_a->scaled(kStallFactor)) return;
        add(context(a.kind), &a, &b,
            {DivergenceKind::stall,
             "time",
             {},
             fmt::format("{:.0f} ms", time_a->to_milliseconds()),
             fmt::format("{:.0f} ms", time_b->to_milliseconds())});
    }

    void differ(const StepResult& a, const StepResult& b) {
        const StepContext* asked = context(a.kind);
        const bool aborted = state_.other_aborted || state_.baseline_aborted;
        if (aborted) return fold(a.kind, state_.root);
        if (const Root* lost = state_.lost.root_of(asked, step_, b)) return fold(a.kind, *lost);
        StepDiffTools tools;
        tools.shapes = &comparer_.shapes_;
        tools.scope = comparer_.scope_;
        const auto page = state_.cursors.page_of(asked, step_, a, b);
        tools.order = [&] {
            return page ? state_.cursors.order_of(*page, asked, step_, comparer_.facts_)
                        : comparer_.facts_.order_of(asked, step_);
        };
        auto divergences = diff_step(a, b, tools);
        const bool failed = a.outcome == StepOutcome::error || b.outcome == StepOutcome::error;
        const bool put_off = page && !failed && state_.cursors.put_off(*page, *asked, step_, a, b, tools.order());
        for (Divergence& divergence : divergences) {
            if (!put_off || !is_about_rows(divergence.kind)) add(asked, &a, &b, std::move(divergence));
        }
    }

    /// Makes out which cursors the step opens or ends.
    void follow_cursors(const StepResult& a, const StepResult& b) {
        if (a.command_tag == "DECLARE CURSOR") {
            if (const StepContext* asked = context(a.kind)) state_.cursors.on_declared(*asked, step_);
        }
        if (state_.cursors.empty()) return;
        const StepContext* asked = context(a.kind);
        const bool all = a.command_tag == "CLOSE CURSOR ALL" || a.command_tag == "DISCARD ALL";
        if (all || (ends_transaction(a) && ends_whole_transaction(a.command_tag, statement_of(asked, step_)))) {
            for (auto& ended : state_.cursors.end_all(all)) judge_ended(std::move(ended));
            return;
        }
        if (asked == nullptr) return;
        std::optional<Bytes> name;
        if (a.kind == StepKind::execute && asked->portal && a.outcome != StepOutcome::suspended)
            name = asked->portal->name;
        if ((a.kind == StepKind::close || a.kind == StepKind::bind) && asked->portal) name = asked->portal->name;
        if (a.command_tag == "CLOSE CURSOR") {
            if (auto closed = name_needed(statement_of(asked, step_))) name = std::move(closed->name);
        }
        if (!name) return;
        auto ended = state_.cursors.end(*name);
        if (!ended) return;
        // The recorded client read it to its end: there may be more on the other side.
        if (a.kind == StepKind::execute) ended->other.outcome = b.outcome;
        judge_ended(std::move(*ended));
    }

    /// All pages of a cursor together. The difference stands at the step that ended it.
    void judge_ended(OpenCursors::PutOff&& put_off) {
        state_.ended.push_back(std::make_unique<OpenCursors::PutOff>(std::move(put_off)));
        OpenCursors::PutOff& ended = *state_.ended.back();
        ended.context.step += step_ - ended.step;
        StepDiffTools tools;
        tools.shapes = &comparer_.shapes_;
        tools.scope = comparer_.scope_;
        tools.order = [&] { return ended.order; };
        for (Divergence& divergence : diff_cursor(ended.baseline, ended.other, tools)) {
            add(&ended.context, &ended.baseline, &ended.other, std::move(divergence));
        }
    }

    void add(const StepContext* asked, const StepResult* a, const StepResult* b, Divergence&& divergence) {
        if (is_shape(divergence.kind) && said_already(asked, divergence)) return;
        const bool error = is_error(divergence.kind);
        out_.differences.push_back({step_, asked, a, b, std::move(divergence)});
        if (!error) return;
        exchange_root_ = Root{out_.differences.size() - 1, kNoCell};
        state_.lost.lose(asked, step_, exchange_root_);
    }

    /// Describe and Execute of one statement show the same change of shape.
    bool said_already(const StepContext* asked, const Divergence& divergence) const {
        return std::any_of(out_.differences.begin(), out_.differences.end(), [&](const StepDifference& said) {
            const bool same_text = asked != nullptr && said.context != nullptr && asked->text == said.context->text &&
                                   asked->kind != StepKind::statement;
            return same_text && said.divergence.same_cell(divergence);
        });
    }

    void only_baseline(const StepResult& a) {
        if (unusable(a.outcome)) return out_.leave_out(why_unusable("baseline", a));
        if (a.kind == StepKind::sync) {
            ++out_.compared;
            if (a.error) error_on_one_side(&a, nullptr);
            return;
        }
        if (has_root()) {
            ++out_.compared;
            return fold(a.kind, current_root());
        }
        if (!b_.ended) return out_.leave_out("candidate: unanswered");
        if (a.kind != StepKind::statement) return out_.leave_out("candidate: no answer to this step");
        ++out_.compared;
        count_of_statements_differs(&a, nullptr);
    }

    void only_other(StepKind kind, const StepResult& b) {
        if (kind == StepKind::sync) {
            if (b.error && b.outcome == StepOutcome::error) error_on_one_side(nullptr, &b);
            return;
        }
        ++out_.extra;
        if (unusable(b.outcome) || has_root() || kind != StepKind::statement || !a_.ended) return;
        count_of_statements_differs(nullptr, &b);
    }

    /// A Sync has a result only when committing failed (a deferred constraint, say).
    void error_on_one_side(const StepResult* a, const StepResult* b) {
        if (state_.other_aborted || state_.baseline_aborted) return fold(StepKind::sync, state_.root);
        const StepContext* asked = last_statement();
        StepDiffTools tools;
        tools.shapes = &comparer_.shapes_;
        tools.order = [] { return StatementOrder(); };
        for (Divergence& divergence : diff_step(a ? *a : kNoAnswer, b ? *b : kNoAnswer, tools)) {
            add(asked, a, b, std::move(divergence));
        }
    }

    void count_of_statements_differs(const StepResult* a, const StepResult* b) {
        if (statement_count_said_ || !comparer_.scope_.results) return;
        statement_count_said_ = true;
        const StepResult& shown = a != nullptr ? *a : *b;
        add(context(StepKind::statement), a, b,
            {DivergenceKind::statement_count,
             "statements",
             {},
             a != nullptr ? Bytes(shown.command_tag) : "no statement",
             b != nullptr ? Bytes(shown.command_tag) : "no statement"});
    }

    /// What was executed last in the exchange: a Sync commits it.
    const StepContext* last_statement() const {
        for (auto at = a_.contexts.rbegin(); at != a_.contexts.rend(); ++at) {
            if (at->step < step_ && at->text) return &*at;
        }
        return nullptr;
    }

    [[nodiscard]] bool has_root() const {
        return exchange_root_.local != Root::kNone || state_.other_aborted || state_.baseline_aborted || folded_here_;
    }
    [[nodiscard]] Root current_root() const {
        if (exchange_root_.local != Root::kNone) return exchange_root_;
        return folded_here_ ? folded_root_ : state_.root;
    }

    void fold(StepKind kind, Root root) {
        const StepContext* asked = context(kind);
        out_.folded.push_back({step_, asked, root});
        folded_here_ = true;
        folded_root_ = root;
        state_.lost.lose(asked, step_, root);
    }

    void compare_status() {
        const char a = a_.transaction_status;
        const char b = b_.transaction_status;
        if (a == 'I' && !state_.cursors.empty()) {
            for (auto& ended : state_.cursors.end_all(false)) judge_ended(std::move(ended));
        }
        if (a == 0 || b == 0) return;
        const bool explained = has_root();
        const Root root = current_root();
        state_.other_aborted = b == 'E' && a != 'E' && explained;
        state_.baseline_aborted = a == 'E' && b != 'E' && explained;
        if (state_.other_aborted || state_.baseline_aborted) state_.root = root;
        const bool differs = a != b;
        if (differs && comparer_.scope_.results && !explained && !state_.status_differs && !a_.steps.empty()) {
            const ObservedStep& last = a_.steps.back();
            step_ = last.index;
            context_ = nullptr;
            add(context(last.result.kind), &last.result, nullptr,
                {DivergenceKind::transaction_status, "transaction status", {}, Bytes(1, a), Bytes(1, b)});
        }
        state_.status_differs = differs;
    }

    ExchangeComparer& comparer_;
    const ObservedExchange& a_;
    const ObservedExchange& b_;
    CascadeState& state_;
    ExchangeDifferences out_;
    std::uint32_t step_ = 0;
    const StepContext* context_ = nullptr;
    Timestamp last_end_a_;  // of the steps before
    Timestamp last_end_b_;
    Root exchange_root_;  // the last error of this exchange that stands for itself
    Root folded_root_;    // of the last folded step
    bool folded_here_ = false;
    bool statement_count_said_ = false;
};

ExchangeDifferences ExchangeComparer::compare(const ObservedExchange& baseline, const ObservedExchange& other,
                                              CascadeState& state) {
    state.ended.clear();
    return Run(*this, baseline, other, state).walk();
}

}  // namespace understudy::compare
