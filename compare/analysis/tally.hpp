#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "compare/analysis/cause.hpp"
#include "compare/analysis/example.hpp"
#include "compare/analysis/frozen_value.hpp"
#include "compare/analysis/noise.hpp"
#include "compare/analysis/noise_class.hpp"

namespace understudy::compare {

/// Counts distinct sessions, exactly up to a limit far above what any test needs.
class SessionSet {
public:
    static constexpr std::size_t kMax = 10'000;
    void add(SessionId session) {
        if (sessions_.size() < kMax) sessions_.insert(session.value());
    }
    void add(SessionSet&& other) {
        if (sessions_.size() + other.sessions_.size() <= kMax) return sessions_.merge(other.sessions_);
        for (const std::uint64_t session : other.sessions_) add(SessionId(session));
    }
    [[nodiscard]] std::uint64_t size() const { return sessions_.size(); }
    [[nodiscard]] const std::unordered_set<std::uint64_t>& values() const { return sessions_; }

private:
    std::unordered_set<std::uint64_t> sessions_;
};

/// Distinct names, the first few.
struct NameSet {
    static constexpr std::size_t kMax = 20;
    std::set<Bytes> names;

    void add(const Bytes& name) {
        if (!name.empty() && names.size() < kMax) names.insert(name);
    }
    void add(const NameSet& other) {
        for (const Bytes& name : other.names) add(name);
    }
};

/// Everything seen of one difference: a statement's shape, a place in its answer, a kind.
struct Cell {
    Divergence divergence;  ///< the first one
    Bytes statement;        ///< normalised
    sql::Fingerprint fingerprint;
    Cause cause = Cause::data;
    Bytes explanation;
    std::vector<sql::RelationUse> relations;
    std::vector<Bytes> functions;
    Bytes error_table;  ///< that the error names, of whichever side has one
    Bytes error_constraint;
    bool raised = false;  ///< an error whose text is a function's own (RAISE): it can quote anything

    Volatility volatility;
    std::uint32_t type_oid = 0;  ///< of the baseline's column that differs, where it is one

    std::uint64_t count = 0;  ///< steps in which the candidate differs
    SessionSet sessions;
    NameSet users;  ///< of those
    NameSet applications;
    NameSet databases;
    FrozenValue frozen;
    std::uint64_t float_sums = 0;  ///< of `count`: sums of floating-point numbers that differ in their last digits
    std::uint64_t other_choices = 0;  ///< of `count`: what the statement leaves open: see open_choice.hpp, rearranged.hpp
    Timestamp first;                  ///< of those, by the baseline's requests
    Timestamp last;
    std::optional<Timestamp> first_unexplained;  ///< first candidate-only answer, by the candidate's clock
    std::uint64_t followed_by = 0;               ///< steps folded into it
    std::map<Bytes, Timestamp> spoiled;  ///< relations whose content it changes, from when on (candidate's clock)
    std::optional<Example> example;
    bool example_has_control = false;

    SessionSet candidate_only;
    SessionSet control_only;
    SessionSet control;  ///< with A ≠ C, whatever the candidate has
    SessionSet confirmation;
    CellEvidence evidence;  ///< the counts of steps; judged_evidence() completes it

    [[nodiscard]] CellEvidence judged_evidence() const;
    /// Of what class it is, if it is noise.
    [[nodiscard]] NoiseClass noise_class() const;
    /// `identity`: of the session; nullptr when the capture does not tell.
    void asked_by(const SessionIdentity* identity);
    /// Adds what other sessions showed of it.
    void add(Cell&& other);
};

/// How one difference of the candidate looks in the other runs, in the same step.
struct Corroboration {
    bool control_known = false;  ///< the control answered the step
    bool in_control = false;
    bool baseline_odd = false;  ///< candidate and control agree
    bool in_confirmation = false;
    bool differs_from_confirmation = false;
};

/// The cells of a comparison.
class Tally {
public:
    static constexpr std::size_t kMaxCells = 5'000;  ///< further ones share a cell for each kind
    static constexpr std::size_t kMaxStatementBytes = 4096;

    /// The cell of a difference; made when it is new. Valid until the next call; the id for good.
    CellId cell(const StatementFacts& facts, const Divergence& divergence);
    [[nodiscard]] Cell& at(CellId id) { return cells_[id]; }
    [[nodiscard]] const std::vector<Cell>& cells() const { return cells_; }
    [[nodiscard]] std::size_t overflowed() const { return overflowed_; }
    /// What cells() and overflowed() gave.
    static Tally restored(std::vector<Cell>&& cells, std::size_t overflowed);

    /// A difference between baseline and candidate, at `asked` by the baseline's clock, `answered` by the candidate's.
    void add(CellId id, SessionId session, Timestamp asked, Timestamp answered, const Corroboration& seen);
    void add_control_only(CellId id, SessionId session);
    void add_confirmation(CellId id, SessionId session);
    /// Adds the cells of other sessions.
    void add(Tally&& other);
    /// Adds one cell; to the one that is there already of the same statement, place and kind.
    void add(Cell&& cell);

private:
    struct Place {
        CellId id = kNoCell;
        bool created = false;
        bool shared = false;  // by all of its kind
    };
    Place place_for(Bytes key, DivergenceKind kind);

    std::vector<Cell> cells_;
    std::unordered_map<Bytes, CellId> ids_;
    std::size_t overflowed_ = 0;
};

}  // namespace understudy::compare
