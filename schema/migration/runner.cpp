#include "schema/migration/runner.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include "core/catalog/target_marker.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "schema/migration/answer_reader.hpp"
#include "schema/migration/interrupter.hpp"
#include "schema/migration/session_start.hpp"

namespace understudy::schema {
namespace {

namespace asio = net::asio;
using namespace asio::experimental::awaitable_operators;  // NOLINT: how Asio's operators are meant to be used
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr auto kTick = std::chrono::milliseconds(10);
constexpr auto kStopTick = std::chrono::milliseconds(50);  // how often the caller is asked whether to stop

template <class T>
using Task = asio::awaitable<Result<T>>;

/// One run. Lives until its coroutine has ended.
class ScriptRun {
public:
    ScriptRun(asio::any_io_executor executor, const Script& script, RunMode mode, const RunnerSettings& settings,
              const RunControl& control)
        : executor_(executor),
          stream_(executor),
          timer_(executor),
          script_(script),
          mode_(mode),
          settings_(settings),
          control_(control) {}

    Task<RunResult> run(const net::ConnectionInfo& info) {
        const auto server = net::Server::prepare(info);
        if (!server) co_return server.error();
        server_ = &*server;
        result_.mode = mode_;
        result_.start = system_clock().now();
        if (auto opened = co_await open(*server); !opened) co_return opened.error();
        if (auto played = co_await play(); !played) co_return played.error();
        if (auto ended = co_await end(); !ended) co_return ended.error();
        result_.finish = system_clock().now();
        co_return std::move(result_);
    }

private:
    [[nodiscard]] bool alive() const { return result_.end == SessionEnd::orderly; }
    [[nodiscard]] bool failed() const { return result_.failure() != nullptr; }
    [[nodiscard]] bool going_on() const { return alive() && !failed() && !result_.stopped; }

    Task<void> open(const net::Server& server) {
        const net::ConnectionInfo& info = server.info();
        auto login = co_await stream_.open(server, runner_startup(info, settings_),
                                           info.connect_timeout.value_or(settings_.connect_timeout));
        if (!login) co_return login.error();
        login_ = std::move(*login);
        result_.backend_pid = login_.process_id;
        if (settings_.permission == RunPermission::marked_target) {
            if (auto permitted = co_await ask_marker(); !permitted) co_return permitted.error();
        }
        if (control_.any()) {
            interrupter_.emplace(executor_, server, settings_);
            if (auto opened = co_await interrupter_->open(); !opened) co_return opened.error();
        }
        if (settings_.on_backend) settings_.on_backend(login_.process_id);
        co_return Result<void>();
    }

    /// The interlock: on this very connection, before anything is written.
    Task<void> ask_marker() {
        auto rows = co_await stream_.query(catalog::kMarkerQuery);
        if (!rows)
            co_return make_error(Errc::refused,
                                 "cannot tell whether the database is a target: " + rows.error().message);
        if (rows->size() != 1)
            co_return make_error(Errc::protocol, "the database did not answer the question what it is");
        const std::vector<std::optional<BytesView>> row(rows->front().begin(), rows->front().end());
        const auto facts = catalog::parse_target_facts(row);
        if (!facts) co_return facts.error();
        const ProductionFacts& production = settings_.production;
        co_return catalog::judge_target(*facts, production.recorded_system_identifier, production.production_id,
                                        production.production_id_none);
    }

    Task<void> play() {
        for (const std::string& sql : setting_statements(settings_.session)) {
            if (auto said = co_await say(sql); !said) co_return said.error();
            if (!going_on()) co_return Result<void>();
        }
        const bool in_transaction = mode_ == RunMode::transaction || mode_ == RunMode::transaction_batch;
        if (in_transaction) {
            if (auto said = co_await say("begin"); !said) co_return said.error();
        }
        if (auto sent = co_await send_script(); !sent) co_return sent.error();
        if (in_transaction && going_on()) co_return co_await say("commit");
        co_return Result<void>();
    }

    Task<void> send_script() {
        if (mode_ == RunMode::one_batch || mode_ == RunMode::transaction_batch) {
            if (!going_on() || script_.empty()) co_return Result<void>();
            if (auto sent = co_await send(0, script_.statements.size(), script_.text); !sent) co_return sent.error();
            if (control_.stop_after && going_on()) drop();
            co_return Result<void>();
        }
        for (std::size_t i = 0; i < script_.statements.size() && going_on(); ++i) {
            if (control_.stop_after == i) break;
            if (auto sent = co_await send(i, 1, script_.statements[i].text); !sent) co_return sent.error();
        }
        if (control_.stop_after && going_on()) drop();
        co_return Result<void>();
    }

    void drop() {
        stream_.close();
        result_.end = SessionEnd::dropped;
    }

    /// A statement of the runner's own.
    Task<void> say(const std::string& sql) {
        Script own;
        own.statements.push_back({sql, 0});
        AnswerReader reader(own, 0, 1, false, system_clock().now());
        if (auto asked = co_await ask(reader, sql, false); !asked) co_return asked.error();
        result_.transaction_status = reader.transaction_status();
        for (StatementResult& one : reader.take()) {
            one.backend_pid = login_.process_id;
            if (!one.done()) result_.frame_failure = std::move(one);
        }
        co_return Result<void>();
    }

    Task<void> send(std::size_t first, std::size_t count, const Bytes& text) {
        const bool targeted = control_.interruption && control_.during >= first && control_.during < first + count;
        if (targeted) {
            if (auto prepared = co_await prepare_interruption(); !prepared) co_return prepared.error();
            if (!going_on()) co_return Result<void>();
        }
        const Timestamp now = system_clock().now();
        if (settings_.on_begin) settings_.on_begin(first, now);
        AnswerReader reader(script_, first, count, count > 1, now);
        reported_ = 0;
        if (auto asked = co_await ask(reader, text, targeted && control_.interruption != Interruption::lock_timeout);
            !asked) {
            co_return asked.error();
        }
        if (reader.ready()) result_.transaction_status = reader.transaction_status();
        report(reader);
        for (StatementResult& one : reader.take()) {
            one.backend_pid = login_.process_id;
            result_.statements.push_back(std::move(one));
        }
        if (targeted) judge_interruption();
        co_return Result<void>();
    }

    Task<void> prepare_interruption() {
        if (!control_.blocker.empty()) {
            const auto blocked = co_await interrupter_->block(control_.blocker);
            if (!blocked) {
                result_.not_interrupted = "the statement could not be held still: " + blocked.error().message;
                drop();
                co_return Result<void>();
            }
        }
        if (control_.interruption == Interruption::lock_timeout) co_return co_await say("set lock_timeout = '250ms'");
        co_return Result<void>();
    }

    void judge_interruption() {
        if (control_.interruption == Interruption::lock_timeout) {
            const StatementResult* failure = result_.failure();
            result_.interrupted = failure != nullptr && failure->sqlstate() == "55P03";
        }
        interrupter_->unblock();
        if (!result_.interrupted && result_.not_interrupted.empty()) {
            result_.not_interrupted = "the statement ended before it could be interrupted";
        }
    }

    void report(const AnswerReader& reader) {
        const auto& results = reader.results();
        for (; reported_ < results.size() && results[reported_].end.known(); ++reported_) {
            if (settings_.on_end) settings_.on_end(results[reported_]);
        }
    }

    /// Sends a Query and takes its answer. What ends the session is in the result, not an error.
    Task<void> ask(AnswerReader& reader, const Bytes& sql, bool watched) {
        Bytes request = pgwire::encode_frontend(pgwire::Query{sql});
        BytesView unsent = request;
        pgwire::FrameReader frames;
        const Timestamp begun = system_clock().now();
        Timestamp heard = begun;
        while (!reader.ready()) {
            if (auto sent = stream_.try_send(unsent); !sent) co_return lose(reader, sent.error());
            const auto received = stream_.try_receive(buffer_);
            if (!received) co_return lose(reader, received.error());
            if (!received->empty()) {
                heard = system_clock().now();
                Bytes reply(unsent);
                if (auto taken = take(frames, *received, reader, reply); !taken) co_return taken.error();
                if (reply.size() != unsent.size()) {
                    request = std::move(reply);
                    unsent = request;
                }
                continue;
            }
            co_await wait(!unsent.empty(), watched);
            co_await cancel_if_asked();
            const Timestamp now = system_clock().now();
            if (watched && now - begun > Duration::milliseconds(5)) {
                if (auto struck = co_await strike_if_held(now - begun, watched); !struck) co_return struck.error();
                if (!alive()) {
                    reader.on_end();
                    co_return Result<void>();
                }
            }
            if (now - heard > settings_.silence) {
                co_return lose(reader, make_error(Errc::io, "the server did not answer in time"));
            }
        }
        co_return Result<void>();
    }

    asio::awaitable<void> wait(bool writable, bool watched) {
        if (watched) {
            timer_.expires_after(kTick);
        } else if (settings_.stop) {
            timer_.expires_after(kStopTick);
        } else {
            timer_.expires_after(std::chrono::nanoseconds(settings_.silence.count_ns()) + kTick);
        }
        auto ready = writable ? stream_.wait_readable_or_writable() : stream_.wait_readable();
        co_await (std::move(ready) || timer_.async_wait(kAwait));
    }

    /// Ends the running statement as a client's Ctrl-C does; the server answers with 57014.
    asio::awaitable<void> cancel_if_asked() {
        if (result_.stopped || !settings_.stop || !settings_.stop()) co_return;
        result_.stopped = true;
        co_await net::send_cancel(executor_, *server_, login_);
    }

    Task<void> strike_if_held(Duration ran, bool& watched) {
        const auto waiting = co_await interrupter_->is_waiting(login_.process_id);
        if (!waiting) co_return waiting.error();
        if (!*waiting && ran < control_.wait_for_block) co_return Result<void>();
        watched = false;
        result_.interrupted = true;
        if (control_.interruption == Interruption::drop) {
            drop();
            co_return Result<void>();
        }
        co_return co_await interrupter_->strike(*control_.interruption, login_, control_);
    }

    Result<void> take(pgwire::FrameReader& frames, BytesView piece, AnswerReader& reader, Bytes& reply) {
        frames.begin(piece);
        pgwire::FrameView frame;
        pgwire::FrameStatus status = pgwire::FrameStatus::need_more;
        while ((status = frames.next(frame)) == pgwire::FrameStatus::complete) {
            UNDERSTUDY_TRY(const Bytes more, reader.on_frame(frame, system_clock().now()));
            reply += more;
            if (&reader.script() == &script_) report(reader);
        }
        frames.end();
        if (status == pgwire::FrameStatus::error)
            return make_error(Errc::protocol, "the server's answer is not a message");
        return {};
    }

    Result<void> lose(AnswerReader& reader, const Error& error) {
        reader.on_end();
        stream_.close();
        result_.end = SessionEnd::lost;
        result_.lost = error.message;
        return {};
    }

    Task<void> end() {
        if (alive()) {
            const Bytes goodbye = pgwire::encode_frontend(pgwire::Terminate{});
            if (auto sent = co_await stream_.send(goodbye); !sent) result_.lost = sent.error().message;
            stream_.close();
        }
        if (!interrupter_) co_return Result<void>();
        interrupter_->unblock();
        auto gone = co_await interrupter_->wait_gone(login_.process_id);
        interrupter_->close();
        co_return gone;
    }

    asio::any_io_executor executor_;
    net::PgStream stream_;
    asio::steady_timer timer_;
    const Script& script_;
    RunMode mode_;
    const RunnerSettings& settings_;
    const RunControl& control_;
    const net::Server* server_ = nullptr;  // of run()
    net::LoginFacts login_;
    std::optional<Interrupter> interrupter_;
    std::vector<char> buffer_;
    std::size_t reported_ = 0;
    RunResult result_;
};

}  // namespace

asio::awaitable<Result<RunResult>> run_script_on(asio::any_io_executor executor, const net::ConnectionInfo& info,
                                                 const Script& script, RunMode mode, const RunnerSettings& settings,
                                                 const RunControl& control) {
    if (control.stop_after && mode == RunMode::one_batch) {
        co_return make_error(Errc::usage, "a session cannot stop between the statements of one batch");
    }
    ScriptRun run(executor, script, mode, settings, control);
    co_return co_await run.run(info);
}

Result<RunResult> run_script(const net::ConnectionInfo& info, const Script& script, RunMode mode,
                             const RunnerSettings& settings, const RunControl& control) {
    asio::io_context context;
    auto done = asio::co_spawn(context, run_script_on(context.get_executor(), info, script, mode, settings, control),
                               asio::use_future);
    context.run();
    return done.get();
}

}  // namespace understudy::schema
