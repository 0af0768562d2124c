#include "tests/support/simulation/simulated_replay.hpp"

#include <algorithm>
#include <deque>
#include <memory>

#include "replay/order/cycle_breaker.hpp"

namespace understudy::replay {
namespace {

constexpr std::int64_t kLimit = 600'000'000;  // virtual: a replay that takes longer is stuck
constexpr std::int64_t kEpoch = 1'000'000'000'000;

Timestamp at(std::int64_t us) { return Timestamp::from_ns((kEpoch + us) * 1000); }

using Kind = Statement::Kind;

/// One client: short transactions and single statements. A transaction locks its rows in ascending order, the strongest
/// lock first, so that there are no deadlocks: which transaction fails of them is the server's choice.
class Client {
public:
    Client(VirtualTime& time, ModelServer& server, Recording& out, int session, std::uint32_t seed, int transactions)
        : time_(time), server_(server), out_(out), session_(session), dice_(seed), left_(transactions) {}

    void start() { time_.after(roll(0, 3000), [this] { next(); }); }

private:
    std::int64_t roll(int from, int to) { return from + static_cast<int>(dice_() % static_cast<unsigned>(to - from + 1)); }
    Statement one() {
        constexpr std::array<Kind, 8> kKinds = {Kind::read,   Kind::read, Kind::read_all, Kind::lock,
                                                Kind::update, Kind::update, Kind::update,   Kind::child};
        return {kKinds[dice_() % kKinds.size()], static_cast<int>(dice_() % ModelServer::kRows)};
    }
    static int strength(Kind kind) { return kind == Kind::lock ? 3 : kind == Kind::update ? 2 : kind == Kind::child ? 1 : 0; }
    void next() {
        if (script_.empty()) {
            if (left_-- == 0) return;
            const bool block = dice_() % 3 != 0;
            if (block) script_.push_back({Kind::begin, 0});
            for (auto n = block ? roll(1, 4) : 1; n > 0; --n) script_.push_back(one());
            std::stable_sort(script_.begin() + (block ? 1 : 0), script_.end(), [](const auto& a, const auto& b) {
                return std::pair(a.row, strength(b.kind)) < std::pair(b.row, strength(a.kind));
            });
            if (block) script_.push_back({dice_() % 6 == 0 ? Kind::rollback : Kind::commit, 0});
        }
        ask(script_.front());
        script_.pop_front();
    }
    void ask(const Statement& statement) {
        const ExchangeId id{SessionId(static_cast<std::uint64_t>(session_) + 1), Ordinal(ordinal_)};
        out_.statements[id] = statement;
        out_.events.push_back(Request{id.session, id.ordinal, StepIndex(0), at(time_.now()), {}, false,
                                      pgwire::encode_frontend(pgwire::Query{statement.sql()})});
        server_.ask(session_, statement, [this, id, statement](const Answer& answer) { answered(id, statement, answer); });
    }
    void answered(ExchangeId id, const Statement& statement, const Answer& answer) {
        out_.values[id] = answer.value;
        Response response;
        response.session = id.session;
        response.ordinal = id.ordinal;
        StepResult result;
        result.kind = StepKind::statement;
        result.end = at(time_.now());
        const bool failed = answer.value.starts_with("ERROR ");
        if (failed) {
            result.outcome = StepOutcome::error;
            result.error = ServerMessage{{{'C', answer.value.substr(6)}}};
            script_ = {{Kind::rollback, 0}};
            if (answer.status == 'I') script_.clear();
        } else {
            result.command_tag = statement.kind == Kind::commit ? answer.value : statement.tag();
        }
        response.results.push_back(std::move(result));
        response.transaction_status = answer.status;
        response.ready = at(time_.now());
        out_.events.push_back(std::move(response));
        ++ordinal_;
        time_.after(dice_() % 4 == 0 ? roll(100, 4000) : roll(60, 400), [this] { next(); });
    }

    VirtualTime& time_;
    ModelServer& server_;
    Recording& out_;
    int session_;
    std::mt19937 dice_;
    int left_;
    std::uint32_t ordinal_ = 0;
    std::deque<Statement> script_;
};

/// All sessions of a replay: each does one request after the other, each once its predecessors are done.
class Player {
public:
    Player(const Recording& recording, const Plan& plan, std::uint32_t seed)
        : recording_(recording), plan_(plan), dice_(seed) {
        for (const PlannedEvent& planned : plan.requests) {
            if (!std::holds_alternative<Request>(planned.event)) continue;
            if (planned.index >= sessions_.size()) sessions_.resize(planned.index + 1);
            sessions_[planned.index].queue.push_back(&planned);
        }
        server_ = std::make_unique<ModelServer>(time_, static_cast<int>(sessions_.size()), seed + 1);
        for (SessionIndex index = 0; index < sessions_.size(); ++index) {
            board_.add_session(index);
            sessions_[index].waker = std::make_shared<Waker>(*this, index);
        }
    }

    Outcome run() {
        for (SessionIndex index = 0; index < sessions_.size(); ++index) {
            time_.after(roll(0, 2000), [this, index] { go_on(index); });
        }
        look();
        out_.ended = time_.run(kLimit);
        out_.took_us = time_.now();
        out_.deadlocks = server_->deadlocks();
        out_.final = server_->committed();
        return out_;
    }

private:
    class Waker final : public Wakeable {
    public:
        Waker(Player& player, SessionIndex index) : player_(player), index_(index) {}
        void wake() override {
            player_.time_.after(player_.roll(5, 60), [this] { player_.go_on(index_); });
        }

    private:
        Player& player_;
        SessionIndex index_;
    };
    struct Session {
        std::deque<const PlannedEvent*> queue;
        std::size_t waits_at = 0;
        bool asked = false;
        std::shared_ptr<Waker> waker;
    };
    std::int64_t roll(int from, int to) { return from + static_cast<int>(dice_() % static_cast<unsigned>(to - from + 1)); }

    void go_on(SessionIndex index) {
        Session& session = sessions_[index];
        if (session.asked || session.queue.empty()) return;
        const PlannedEvent& front = *session.queue.front();
        const auto& request = std::get<Request>(front.event);
        while ((session.waits_at = board_.first_open(front.after, session.waits_at)) < front.after.size()) {
            const Progress position(request.ordinal, request.step.value());
            const auto answer = board_.wait_for(index, position, front.after[session.waits_at], at(time_.now()), session.waker);
            if (answer == OrderBoard::Answer::waits) return;
            if (answer == OrderBoard::Answer::released) ++session.waits_at;
        }
        session.asked = true;
        const ExchangeId id{request.session, request.ordinal};
        server_->ask(static_cast<int>(index), recording_.statements.at(id),
                     [this, index, id](const Answer& answer) { answered(index, id, answer); });
    }
    void answered(SessionIndex index, ExchangeId id, const Answer& answer) {
        Session& session = sessions_[index];
        const Bytes& before = recording_.values.at(id);
        if (answer.value != before) {
            const bool ambiguous = plan_.ambiguous.contains(id);
            if (ambiguous) ++out_.ambiguous_wrong;
            if (!ambiguous) {
                out_.wrong.push_back(std::to_string(id.session.value()) + "." + std::to_string(id.ordinal.value()) + " " +
                                     recording_.statements.at(id).sql() + ": " + before + " -> " + answer.value);
            }
        }
        session.queue.pop_front();
        session.asked = false;
        session.waits_at = 0;
        board_.advance(index, Progress::past(id.ordinal));
        if (session.queue.empty()) board_.advance(index, Progress::end());
        time_.after(roll(0, 200), [this, index] { go_on(index); });
    }
    void look() {
        const auto open = [](const Session& session) { return !session.queue.empty(); };
        if (std::none_of(sessions_.begin(), sessions_.end(), open)) return;
        const auto locks = [this] {
            std::vector<LockWait> waits;
            for (const auto& [waiter, holder] : server_->lock_waits()) {
                waits.push_back({static_cast<SessionIndex>(waiter), static_cast<SessionIndex>(holder)});
            }
            return waits;
        };
        const Timestamp now = at(time_.now());
        for (const OrderBoard::Waiting& broken : breaker_.look(now, board_.waiting(), locks)) {
            ++out_.broken;
            board_.release(broken);
        }
        time_.after(CycleBreaker::kEvery.count_ns() / 1000, [this] { look(); });
    }

    const Recording& recording_;
    const Plan& plan_;
    std::mt19937 dice_;
    VirtualTime time_;
    std::unique_ptr<ModelServer> server_;
    OrderBoard board_;
    CycleBreaker breaker_;
    std::vector<Session> sessions_;
    Outcome out_;
};

}  // namespace

Recording record(std::uint32_t seed, int sessions, int transactions) {
    Recording recording;
    VirtualTime time;
    ModelServer server(time, sessions, seed);
    std::deque<Client> clients;
    for (int session = 0; session < sessions; ++session) {
        const auto own = seed * 1000 + static_cast<std::uint32_t>(session);
        clients.emplace_back(time, server, recording, session, own, transactions);
        clients.back().start();
    }
    UNDERSTUDY_ASSERT(time.run(kLimit));
    recording.final = server.committed();
    recording.deadlocks = server.deadlocks();
    return recording;
}

Plan plan(const Recording& recording, SyncMode mode) {
    Plan plan;
    const catalog::Catalog catalog = shop_catalog();
    OrderPlanner::Options options;
    options.mode = mode;
    OrderPlanner planner(options, catalog, testing::test_digester(),
                         [&plan](SessionId session, Ordinal ordinal, StepIndex) { plan.ambiguous.insert({session, ordinal}); });
    for (const Event& event : recording.events) planner.on_event(Event(event), plan.requests);
    planner.finish(plan.requests);
    plan.stats = planner.stats();
    return plan;
}

Outcome play(const Recording& recording, const Plan& plan, std::uint32_t seed) { return Player(recording, plan, seed).run(); }

}  // namespace understudy::replay
