#include "replay/run/session_runner.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/base/time.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "replay/plan/entry.hpp"

namespace understudy::replay {
namespace {

namespace asio = net::asio;
using asio::experimental::awaitable_operators::operator||;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr BytesView kTooManyConnections = "53300";

Timestamp now() { return system_clock().now(); }

}  // namespace

/// Brings another session's progress to the runner's own thread.
class SessionRunner::Waker final : public Wakeable, public std::enable_shared_from_this<Waker> {
public:
    Waker(asio::io_context& context, SessionRunner& runner) : context_(context), runner_(&runner) {}
    void wake() override {
        asio::post(context_, [self = shared_from_this()] {
            if (self->runner_ != nullptr) self->runner_->wake();
        });
    }
    void detach() { runner_ = nullptr; }

private:
    asio::io_context& context_;
    SessionRunner* runner_;  // used on the context's thread alone
};

SessionRunner::SessionRunner(asio::io_context& context, SessionState recorded, const SessionMachine::Shared& shared,
                             const TargetOptions& target, Hooks hooks, SessionIndex index)
    : context_(context),
      index_(index),
      waker_(std::make_shared<Waker>(context, *this)),
      recorded_(std::move(recorded)),
      shared_(shared),
      target_(target),
      hooks_(std::move(hooks)),
      machine_(recorded_.session, !recorded_.complete, shared_, index_),
      stream_(context.get_executor()),
      timer_(context.get_executor()) {
    const Result<TargetLogin> as = login_for(recorded_.identity, target_);
    machine_.set_identity(recorded_.identity, as ? as->user() : recorded_.identity.user);
}

SessionRunner::~SessionRunner() { waker_->detach(); }

void SessionRunner::start() { asio::co_spawn(context_, run(), asio::detached); }

void SessionRunner::push(std::vector<PlannedEvent>&& events) {
    for (PlannedEvent& planned : events) machine_.push(std::move(planned));
    wake();
}

void SessionRunner::end_of_input() {
    machine_.end_of_input();
    wake();
}

void SessionRunner::wake() {
    if (waiting_) timer_.cancel();
}

void SessionRunner::abandon(const std::string& why) {
    if (!abandoned_.empty()) return;
    abandoned_ = why;
    timer_.cancel();
    stream_.close();
}

asio::awaitable<void> SessionRunner::run() {
    const bool connected = co_await open();
    opening_ = false;
    if (connected) {
        shared_.stats.sessions_opened.fetch_add(1, std::memory_order_relaxed);
        shared_.stats.sessions_open.fetch_add(1, std::memory_order_relaxed);
    }
    while (true) {
        const Action action = machine_.next(now());
        if (action.kind == Action::Kind::done) break;
        co_await perform(action);
        if (!abandoned_.empty()) {
            machine_.lost(abandoned_, now());
            machine_.end_of_input();
        }
    }
    stream_.close();
    if (connected) shared_.stats.sessions_open.fetch_sub(1, std::memory_order_relaxed);
    shared_.stats.sessions_closed.fetch_add(1, std::memory_order_relaxed);
    shared_.stats.progress.fetch_add(1, std::memory_order_relaxed);
    hooks_.ended(*this);
}

asio::awaitable<bool> SessionRunner::open() {
    while (now() < shared_.pacing.due(recorded_.time) && abandoned_.empty()) {
        co_await sleep_until(shared_.pacing.due(recorded_.time));
    }
    while (!hooks_.may_open() && abandoned_.empty()) co_await sleep_until(now() + Duration::milliseconds(2));
    SessionState state = recorded_;
    const Timestamp give_up = now() + target_.connection_wait;
    const Result<TargetLogin> as = login_for(recorded_.identity, target_);
    if (as) {
        state.identity.user = as->user();
        state.identity.database = as->database();
    }
    shared_.sink.on_event(SessionOpened{recorded_.session, now(), !recorded_.complete, state.identity});
    if (!as) {
        machine_.lost(as.error().message, now());
        co_return false;
    }
    while (abandoned_.empty()) {
        Bytes sqlstate;
        auto login = co_await connect(stream_, *as, target_, &sqlstate);
        if (login) {
            login_ = std::move(*login);
            break;
        }
        stream_.close();
        if (sqlstate != kTooManyConnections || now() >= give_up) {
            shared_.stats.login_failures.add(
                {state.identity.user, state.identity.database, sqlstate, login.error().message});
            machine_.lost(login.error().message, now());
            co_return false;
        }
        co_await sleep_until(now() + Duration::milliseconds(100));
    }
    if (!abandoned_.empty()) {
        machine_.lost(abandoned_, now());
        machine_.end_of_input();
        co_return false;
    }
    if (auto allowed = co_await hooks_.check(stream_); !allowed) {
        machine_.lost(allowed.error().message, now());
        // A connection that breaks is one failed session; a target that may not be replayed into ends the run.
        if (allowed.error().code != Errc::io && allowed.error().code != Errc::end_of_file)
            hooks_.refuse(allowed.error());
        co_return false;
    }
    if (as->role) machine_.impersonate(*as->role);
    if (!co_await enter(state)) co_return false;
    state.time = now();
    state.identity.process_id = login_.process_id;
    machine_.set_own_process(login_.process_id);
    if (shared_.board != nullptr) shared_.board->set_process(index_, login_.process_id);
    state.settings = login_.settings;
    shared_.sink.on_event(std::move(state));
    co_return true;
}

/// Brings the connection into the state that the recording enters. What the target refuses to prepare is left out of
/// `state`, and what uses it is not sent.
asio::awaitable<bool> SessionRunner::enter(SessionState& state) {
    for (const EntryStep& step : entry_steps(recorded_, login_.settings)) {
        bool done = !step.prepares || machine_.judge_entry(step.frames).empty();
        if (done) {
            const auto answered = co_await stream_.ask(step.frames);
            if (!answered && answered.error().code != Errc::protocol) {
                machine_.lost(answered.error().message, now());
                co_return false;
            }
            done = answered.has_value();
            if (done) machine_.entered(step.frames);
        }
        if (done || !step.prepares) continue;
        machine_.not_entered(step.frames);
        shared_.stats.statements_not_entered.fetch_add(1, std::memory_order_relaxed);
        std::erase_if(state.statements, [&](const PreparedStatement& s) { return s.name == *step.prepares; });
    }
    co_return true;
}

bool SessionRunner::in_transaction() const {
    const char status = machine_.transcriber().transaction_status();
    return !machine_.is_lost() && (status == 'T' || status == 'E');
}

/// Prepares statements before the recorded client does. One that the target refuses now is sent when it comes.
asio::awaitable<void> SessionRunner::prepare() {
    for (PreparedStatement& statement : machine_.to_prepare()) {
        Bytes frames = pgwire::encode_frontend(pgwire::Parse{statement.name, statement.sql, statement.parameter_types});
        pgwire::encode_frontend_to(frames, pgwire::Sync{});
        bool done = machine_.judge_entry(frames).empty();
        if (done) {
            const auto answered = co_await stream_.ask(frames);
            if (!answered && answered.error().code != Errc::protocol) {
                machine_.lost(answered.error().message, now());
                co_return;
            }
            done = answered.has_value();
        }
        auto& counter = done ? shared_.stats.statements_warmed : shared_.stats.statements_not_warmed;
        counter.fetch_add(1, std::memory_order_relaxed);
        if (done) machine_.prepared(std::move(statement));
    }
}

asio::awaitable<void> SessionRunner::perform(const Action& action) {
    switch (action.kind) {
        case Action::Kind::wait_for_input:
            waiting_ = true;
            timer_.expires_at(asio::steady_timer::time_point::max());
            co_await wait_and_receive();
            waiting_ = false;
            break;
        case Action::Kind::wait_until:
            timer_.expires_after(std::chrono::nanoseconds((action.until - now()).count_ns()));
            co_await wait_and_receive();
            break;
        case Action::Kind::wait_for_order: co_await wait_for_order(action); break;
        case Action::Kind::send: co_await send(action.bytes); break;
        case Action::Kind::receive: co_await receive(); break;
        case Action::Kind::prepare: co_await prepare(); break;
        case Action::Kind::cancel:
            asio::co_spawn(context_, net::send_cancel(context_.get_executor(), target_.server, login_), asio::detached);
            break;
        case Action::Kind::close: {
            BytesView bytes = action.bytes;
            (void)stream_.try_send(bytes);  // it is going away either way
            stream_.close();
            machine_.closed(now());
            break;
        }
        case Action::Kind::done: break;
    }
}

asio::awaitable<void> SessionRunner::send(BytesView bytes) {
    while (true) {
        if (auto sent = stream_.try_send(bytes); !sent) {
            drain_received();  // the server's last words
            machine_.lost(sent.error().message, now());
            co_return;
        }
        if (bytes.empty()) break;
        // The server may be waiting for us to read before it reads on.
        co_await stream_.wait_readable_or_writable();
        drain_received();
        if (machine_.is_lost() || !abandoned_.empty()) co_return;
    }
    machine_.sent(now());
}

/// Until the timer ends, or something has come. An answer is taken when it comes, not when the next request is due: its
/// time is the target's latency.
asio::awaitable<void> SessionRunner::wait_and_receive() {
    if (!machine_.awaits_answer()) {
        co_await timer_.async_wait(kAwait);
        co_return;
    }
    if (!stream_.holds_received())
        co_await (timer_.async_wait(kAwait) || stream_.socket().async_wait(asio::socket_base::wait_read, kAwait));
    if (abandoned_.empty()) drain_received();
}

asio::awaitable<void> SessionRunner::wait_for_order(const Action& action) {
    switch (shared_.board->wait_for(index_, action.position, action.before, now(), waker_)) {
        case OrderBoard::Answer::over: co_return;
        case OrderBoard::Answer::released: machine_.let_go(); co_return;
        case OrderBoard::Answer::waits: break;
    }
    waiting_ = true;
    timer_.expires_at(asio::steady_timer::time_point::max());
    co_await wait_and_receive();
    waiting_ = false;
}

asio::awaitable<void> SessionRunner::receive() {
    co_await stream_.wait_readable();
    if (abandoned_.empty()) drain_received();
}

void SessionRunner::drain_received() {
    while (true) {
        const auto received = stream_.try_receive(buffer_);
        if (!received) return machine_.lost(received.error().message, now());
        if (received->empty()) return;
        machine_.received(*received, now());
        if (received->size() < buffer_.size()) return;
    }
}

asio::awaitable<void> SessionRunner::sleep_until(Timestamp until) {
    const Duration left = until - now();
    if (left.count_ns() <= 0) co_return;
    timer_.expires_after(std::chrono::nanoseconds(left.count_ns()));
    co_await timer_.async_wait(kAwait);
}

}  // namespace understudy::replay
