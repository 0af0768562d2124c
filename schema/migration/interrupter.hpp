#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "core/net/pg_stream.hpp"
#include "schema/migration/runner.hpp"

namespace understudy::schema {

/// The other sessions of a run that is to be interrupted: one holds the lock, one watches and strikes. A part of the
/// runner's shell.
class Interrupter {
public:
    template <class T>
    using Task = boost::asio::awaitable<Result<T>>;

    /// `server` must outlive it.
    Interrupter(boost::asio::any_io_executor executor, const net::Server& server, const RunnerSettings& settings)
        : executor_(executor), server_(server), settings_(settings), watch_(executor), blocker_(executor) {}

    Task<void> open();
    /// Takes the blocker's lock. Errors: Errc::protocol with the server's reason when it cannot be had.
    Task<void> block(const std::string& sql);
    /// Whether the backend waits for a lock.
    Task<bool> is_waiting(std::uint32_t backend_pid);
    /// Cancels, terminates or crashes; a drop is the caller's, who owns the socket.
    Task<void> strike(Interruption kind, const net::LoginFacts& login, const RunControl& control);
    void unblock() { blocker_.close(); }
    /// Waits until the backend is no more, ten seconds at most.
    Task<void> wait_gone(std::uint32_t backend_pid);
    void close();

private:
    Task<net::LoginFacts> connect(net::PgStream& stream);

    boost::asio::any_io_executor executor_;
    const net::Server& server_;
    const RunnerSettings& settings_;
    net::PgStream watch_;
    net::PgStream blocker_;
};

}  // namespace understudy::schema
