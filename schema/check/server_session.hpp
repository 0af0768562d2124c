#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/net/conninfo.hpp"
#include "core/net/pg_stream.hpp"
#include "core/pgwire/frame_reader.hpp"
#include "schema/check/describe_run.hpp"

namespace understudy::schema {

template <class T>
using Task = net::asio::awaitable<Result<T>>;

/// One connection that statements are asked about over: read-only, with time-outs, as whom and under which search_path it
/// is to be. Lives until its coroutines have ended.
class ServerSession {
public:
    ServerSession(net::asio::any_io_executor executor, const DescribeOptions& options)
        : stream_(executor), silence_(executor), options_(options) {}

    /// Connects; the server's version is known then.
    Task<void> open(const net::ConnectionInfo& info);
    void close() { stream_.close(); }
    [[nodiscard]] const Bytes& server_version() const { return server_version_; }

    Task<std::vector<net::TextRow>> query(std::string sql);
    /// Empty: the connection's own.
    Task<void> set_role(Bytes role);
    Task<void> set_path(Bytes path);

    /// Sends and receives at once, so that neither side's full buffer can stop both, until the pipeline is done.
    template <class Pipeline>
    Task<void> pump(Pipeline& pipeline) {
        using namespace net::asio::experimental::awaitable_operators;  // NOLINT: how Asio's operators are meant to be used
        pgwire::FrameReader reader(kMaxAnswer);
        BytesView unsent;
        while (!pipeline.done()) {
            if (unsent.empty()) unsent = pipeline.next_bytes();
            if (auto sent = stream_.try_send(unsent); !sent) co_return sent.error();
            const auto received = stream_.try_receive(buffer_);
            if (!received) co_return make_error(Errc::io, received.error().message);
            if (!received->empty()) {
                if (auto taken = take(reader, *received, pipeline); !taken) co_return taken.error();
                continue;
            }
            silence_.expires_after(std::chrono::nanoseconds(options_.silence.count_ns()));
            auto wait = unsent.empty() ? stream_.wait_readable() : stream_.wait_readable_or_writable();
            const auto ended =
                co_await (std::move(wait) || silence_.async_wait(net::asio::as_tuple(net::asio::use_awaitable)));
            if (ended.index() == 1) co_return make_error(Errc::io, "the server did not answer in time");
        }
        co_return Result<void>();
    }

private:
    /// A description of a statement of 1,600 columns with long names stays far below.
    static constexpr std::size_t kMaxAnswer = 16U << 20U;

    template <class Pipeline>
    static Result<void> take(pgwire::FrameReader& reader, BytesView piece, Pipeline& pipeline) {
        reader.begin(piece);
        pgwire::FrameView frame;
        pgwire::FrameStatus status = pgwire::FrameStatus::need_more;
        while ((status = reader.next(frame)) == pgwire::FrameStatus::complete)
            UNDERSTUDY_CHECK(pipeline.on_frame(frame));
        reader.end();
        if (status == pgwire::FrameStatus::error)
            return make_error(Errc::protocol, "the server's answer is not a message");
        return {};
    }

    net::PgStream stream_;
    net::asio::steady_timer silence_;
    const DescribeOptions& options_;
    std::vector<char> buffer_;
    Bytes server_version_;
    Bytes current_role_;
    std::optional<Bytes> current_path_;
};

}  // namespace understudy::schema
