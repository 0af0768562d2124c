#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/net/pg_stream.hpp"
#include "replay/order/planned_event.hpp"
#include "replay/run/target_login.hpp"
#include "replay/session/session_machine.hpp"

namespace understudy::replay {

/// Judges a data connection before its first recorded byte; an error ends the whole replay.
using ConnectionCheck = std::function<net::asio::awaitable<Result<void>>(net::PgStream&)>;

/// Performs what a SessionMachine asks, over one connection. Lives on one io_context; all calls on its thread.
class SessionRunner {
public:
    struct Hooks {
        ConnectionCheck check;
        std::function<void(const Error&)> refuse;   ///< the check failed: stop everything
        std::function<void(SessionRunner&)> ended;  ///< the runner may be destroyed after this
        std::function<bool()> may_open;             ///< unpaced: whether enough earlier sessions have closed
    };

    /// `index`: of the session on the board of the order.
    SessionRunner(net::asio::io_context& context, SessionState recorded, const SessionMachine::Shared& shared,
                  const TargetOptions& target, Hooks hooks, SessionIndex index = 0);
    ~SessionRunner();
    SessionRunner(const SessionRunner&) = delete;
    SessionRunner& operator=(const SessionRunner&) = delete;

    void push(std::vector<PlannedEvent>&& events);
    void end_of_input();
    void start();
    /// Gives up: closes the connection, and what was not answered is recorded so.
    void abandon(const std::string& why);
    /// Connected, or failed to; all that was pushed is done and answered.
    [[nodiscard]] bool idle() const { return !opening_ && machine_.idle(); }
    [[nodiscard]] bool in_transaction() const;

private:
    net::asio::awaitable<void> run();
    net::asio::awaitable<bool> open();
    net::asio::awaitable<bool> enter(SessionState& state);
    net::asio::awaitable<void> perform(const Action& action);
    net::asio::awaitable<void> prepare();
    net::asio::awaitable<void> send(BytesView bytes);
    net::asio::awaitable<void> receive();
    net::asio::awaitable<void> wait_and_receive();
    net::asio::awaitable<void> wait_for_order(const Action& action);
    net::asio::awaitable<void> sleep_until(Timestamp until);
    void drain_received();
    void wake();

    class Waker;

    net::asio::io_context& context_;
    SessionIndex index_;
    std::shared_ptr<Waker> waker_;
    SessionState recorded_;
    SessionMachine::Shared shared_;
    const TargetOptions& target_;
    Hooks hooks_;
    SessionMachine machine_;
    net::PgStream stream_;
    net::asio::steady_timer timer_;
    net::LoginFacts login_;
    std::vector<char> buffer_;
    std::string abandoned_;
    bool waiting_ = false;
    bool opening_ = true;
};

}  // namespace understudy::replay
