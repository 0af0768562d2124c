#include "replay/start_state/probe_run.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <map>

#include "core/exchange/transcriber.hpp"
#include "core/store/capture_reader.hpp"

namespace understudy::replay {
namespace {

namespace asio = net::asio;

/// Keeps the last result that an Execute gave.
class LastExecute final : public EventSink {
public:
    void on_event(Event&& event) override {
        auto* response = std::get_if<Response>(&event);
        if (response == nullptr) return;
        for (StepResult& result : response->results) {
            if (result.kind == StepKind::execute || result.outcome == StepOutcome::error) last_ = std::move(result);
        }
        if (response->ready.known()) ended_ = true;
    }
    [[nodiscard]] bool ended() const { return ended_; }
    [[nodiscard]] const StepResult& last() const { return last_; }

private:
    StepResult last_;
    bool ended_ = false;
};

Bytes probe_frames(const Probe& probe) {
    Bytes frames;
    pgwire::Bind bind = probe.bind;
    bind.portal.clear();
    bind.statement.clear();
    pgwire::encode_frontend_to(frames, pgwire::Parse{{}, probe.sql, probe.parameter_types});
    pgwire::encode_frontend_to(frames, bind);
    pgwire::encode_frontend_to(frames, pgwire::Describe{pgwire::Target::portal, {}});
    pgwire::encode_frontend_to(frames, pgwire::Execute{{}, 0});
    pgwire::encode_frontend_to(frames, pgwire::Sync{});
    return frames;
}

enum class Answer : std::uint8_t { equal, other, refused };

/// What the target's schema refuses (a candidate that is migrated already) says nothing of its data.
Answer judge(const Probe& probe, const StepResult& answer) {
    if (answer.outcome == StepOutcome::error || answer.outcome == StepOutcome::skipped) return Answer::refused;
    if (answer.outcome != StepOutcome::complete || answer.rows != probe.rows) return Answer::other;
    if (probe.rows == 0) return Answer::equal;
    const bool equal = probe.ordered ? answer.digest.ordered == probe.digest.ordered
                                     : answer.digest.multiset == probe.digest.multiset;
    if (equal) return Answer::equal;
    // Values taken in another form than the recorded ones tell nothing.
    return answer.digest.column_forms == probe.digest.column_forms ? Answer::other : Answer::refused;
}

asio::awaitable<Result<Answer>> ask(net::PgStream& stream, const Probe& probe, const Digester& digester) {
    LastExecute sink;
    MessageCounts counts;
    Transcriber transcriber(SessionId(1), digester, ResultsPolicy::digest, false, counts, sink);
    const Bytes frames = probe_frames(probe);
    pgwire::FrameReader reader;
    pgwire::FrameView frame;
    reader.begin(frames);
    while (reader.next(frame) == pgwire::FrameStatus::complete) transcriber.frontend(frame, system_clock().now());
    reader.end();
    if (auto sent = co_await stream.send(frames); !sent) co_return sent.error();
    std::vector<char> buffer;
    while (!sink.ended()) {
        co_await stream.wait_readable();
        const auto received = stream.try_receive(buffer);
        if (!received) co_return received.error();
        reader.begin(*received);
        while (reader.next(frame) == pgwire::FrameStatus::complete) transcriber.backend(frame, system_clock().now());
        reader.end();
        transcriber.end_of_server_data();
    }
    co_return judge(probe, sink.last());
}

struct Source {  // of the capture's first file
    CaptureHeader header;
    Timestamp begin;
};

Result<ProbeChoice> choose(const std::vector<std::string>& files, const store::KeyRing& keys,
                           const catalog::Catalog& catalog, Source& source) {
    ProbeChoice choice(catalog);
    for (const std::string& file : files) {
        UNDERSTUDY_TRY(const auto reader, store::CaptureReader::open(file, keys));
        if (&file == &files.front()) source.header = reader->header();
        while (!choice.done()) {
            UNDERSTUDY_TRY(const auto event, reader->next());
            if (!event) break;
            const bool of_session = store::event_session(*event).value() != 0;
            if (of_session && !source.begin.known()) source.begin = store::event_time(*event);
            choice.on_event(*event);
        }
        if (choice.done()) break;
    }
    return choice;
}

Error wrong_state(const ProbeOutcome& outcome, const Source& source, const std::string& example) {
    const std::time_t seconds = source.begin.ns() / 1'000'000'000;
    std::string when = fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(seconds));
    if (!source.header.wal_position.empty()) when += fmt::format(" (WAL {})", source.header.wal_position);
    return make_error(
        Errc::inconclusive,
        fmt::format("the target does not hold the data that the capture began with: only {} of {} early "
                    "reads give the recorded answer, for example not: {}. Bring it to {}: a pg_dump taken when "
                    "the capture began, or a base backup recovered to that point elsewhere and dumped from "
                    "there. If it held them and was migrated since (a candidate), --ignore-start-state goes on",
                    outcome.equal, outcome.asked, example, when));
}

}  // namespace

asio::awaitable<Result<ProbeOutcome>> probe_start_state(const std::vector<std::string>& files,
                                                        const store::KeyRing& keys, const Digester& digester,
                                                        const TargetOptions& target, const catalog::Catalog& catalog,
                                                        ConnectionCheck check) {
    Source source;
    const auto choice = choose(files, keys, catalog, source);
    if (!choice) co_return choice.error();
    std::map<std::pair<Bytes, Bytes>, std::vector<const Probe*>> by_login;
    for (const Probe& probe : choice->probes()) {
        by_login[{probe.identity.user, probe.identity.database}].push_back(&probe);
    }
    ProbeOutcome outcome;
    std::string example;
    for (const auto& [login, probes] : by_login) {
        net::PgStream stream(co_await asio::this_coro::executor);
        const auto as = login_for(probes.front()->identity, target);
        if (!as) continue;  // the replay itself will tell, session by session
        const auto opened = co_await connect(stream, *as, target);
        if (!opened) continue;
        if (auto allowed = co_await check(stream); !allowed) co_return allowed.error();
        auto ready = co_await stream.query("set default_transaction_read_only = on; set statement_timeout = '10s'");
        if (!ready) continue;
        for (const Probe* probe : probes) {
            const auto answer = co_await ask(stream, *probe, digester);
            if (!answer) break;
            if (*answer == Answer::refused) {
                ++outcome.refused;
                continue;
            }
            ++outcome.asked;
            outcome.equal += *answer == Answer::equal ? 1U : 0U;
            if (*answer == Answer::other && example.empty()) example = probe->sql.substr(0, 200);
        }
        stream.close();
    }
    if (outcome.asked < kMinProbes) {
        outcome.summary =
            fmt::format("start state not probed: the capture has {} early reads that would tell{}", outcome.asked,
                        outcome.refused == 0 ? "" : fmt::format(", and {} that the target refuses", outcome.refused));
        co_return outcome;
    }
    const double share = static_cast<double>(outcome.equal) / static_cast<double>(outcome.asked);
    if (share < kStartStateFloor) co_return wrong_state(outcome, source, example);
    outcome.summary =
        fmt::format("start state: {} of {} early reads give the recorded answer{}", outcome.equal, outcome.asked,
                    outcome.refused == 0 ? "" : fmt::format("; {} more are refused by the target", outcome.refused));
    co_return outcome;
}

}  // namespace understudy::replay
