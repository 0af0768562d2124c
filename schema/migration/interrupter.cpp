#include "schema/migration/interrupter.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "schema/migration/session_start.hpp"

namespace understudy::schema {
namespace {

namespace asio = net::asio;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

bool is_true(const std::vector<net::TextRow>& rows) {
    return rows.size() == 1 && rows[0].size() == 1 && rows[0][0] && *rows[0][0] == "t";
}

}  // namespace

Interrupter::Task<net::LoginFacts> Interrupter::connect(net::PgStream& stream) {
    const net::ConnectionInfo& info = server_.info();
    return stream.open(server_, runner_startup(info, settings_),
                       info.connect_timeout.value_or(settings_.connect_timeout));
}

Interrupter::Task<void> Interrupter::open() {
    if (auto opened = co_await connect(watch_); !opened) co_return opened.error();
    co_return Result<void>();
}

Interrupter::Task<void> Interrupter::block(const std::string& sql) {
    if (auto opened = co_await connect(blocker_); !opened) co_return opened.error();
    for (const std::string& one : {std::string("begin"), std::string("set local lock_timeout = '500ms'"), sql}) {
        if (auto done = co_await blocker_.query(one); !done) co_return done.error();
    }
    co_return Result<void>();
}

Interrupter::Task<bool> Interrupter::is_waiting(std::uint32_t backend_pid) {
    auto rows = co_await watch_.query(
        fmt::format("select exists(select from pg_catalog.pg_locks where pid = {} and not granted)", backend_pid));
    if (!rows) co_return rows.error();
    co_return is_true(*rows);
}

Interrupter::Task<void> Interrupter::strike(Interruption kind, const net::LoginFacts& login,
                                            const RunControl& control) {
    switch (kind) {
        case Interruption::cancel: co_await net::send_cancel(executor_, server_, login); break;
        case Interruption::terminate: {
            auto done =
                co_await watch_.query(fmt::format("select pg_catalog.pg_terminate_backend({})", login.process_id));
            if (!done) co_return done.error();
            break;
        }
        case Interruption::crash:
            if (!control.crash) co_return make_error(Errc::usage, "nothing was given that crashes the server");
            // The lock is held until the server is dead: freed before, the statement would end and commit.
            if (auto crashed = control.crash(); !crashed) co_return crashed.error();
            close();
            if (auto opened = co_await connect(watch_); !opened) co_return opened.error();
            break;
        case Interruption::lock_timeout:  // the session's own doing
        case Interruption::drop: break;
    }
    co_return Result<void>();
}

Interrupter::Task<void> Interrupter::wait_gone(std::uint32_t backend_pid) {
    constexpr int kPolls = 1000;
    asio::steady_timer timer(executor_);
    for (int i = 0; i < kPolls; ++i) {
        auto rows = co_await watch_.query(
            fmt::format("select not exists(select from pg_catalog.pg_stat_activity where pid = {})", backend_pid));
        if (!rows) co_return rows.error();
        if (is_true(*rows)) co_return Result<void>();
        timer.expires_after(std::chrono::milliseconds(10));
        co_await timer.async_wait(kAwait);
    }
    co_return make_error(Errc::io, "the interrupted session's backend did not end within ten seconds");
}

void Interrupter::close() {
    watch_.close();
    blocker_.close();
}

}  // namespace understudy::schema
