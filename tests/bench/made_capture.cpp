// A capture that nobody recorded, of any length: sessions that each ask one small question every so often, a session's
// first question at its own place in that time. bench_made_capture SESSIONS EXCHANGES GAP_US OUTPUT

#include <fmt/format.h>

#include <cstdlib>

#include "core/pgwire/frontend_messages.hpp"
#include "core/store/capture_writer.hpp"

namespace {

using namespace understudy;  // NOLINT: a program of one file

constexpr Duration kAnswerTime = Duration::microseconds(20);
constexpr Duration kLogin = Duration::microseconds(100);  // from one session's opening to the next one's

SessionIdentity identity_of(std::uint64_t number) {
    SessionIdentity identity;
    identity.user = "postgres";
    identity.database = "bench";
    identity.startup = {{"user", "postgres"}, {"database", "bench"}};
    identity.client = fmt::format("127.0.0.1:{}", 10000 + number);
    identity.protocol = 196608;
    return identity;
}

Response answer(SessionId session, Ordinal ordinal, Timestamp asked) {
    Response response;
    response.session = session;
    response.ordinal = ordinal;
    response.transaction_status = 'I';
    response.ready = asked + kAnswerTime;
    StepResult result;
    result.kind = StepKind::statement;
    result.first = result.end = response.ready;
    result.rows = 1;
    result.command_tag = "SELECT 1";
    response.results.push_back(std::move(result));
    return response;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) return 2;
    const auto sessions = static_cast<std::uint64_t>(std::atoll(argv[1]));
    const auto exchanges = static_cast<std::uint64_t>(std::atoll(argv[2]));
    const Duration between = Duration::nanoseconds(std::atoll(argv[3]) * 1000 / static_cast<std::int64_t>(sessions));
    if (sessions == 0 || between < kAnswerTime) {
        fmt::print(stderr, "so many sessions with so short a gap would be answered out of order\n");
        return 2;
    }
    CaptureHeader header;
    header.source = "packets";
    const auto file = store::CaptureFile::create(std::string(argv[4]), header).value();
    store::EventWriter writer(*file);
    Timestamp now = Timestamp::from_ns(1'700'000'000'000'000'000);
    for (std::uint64_t n = 1; n <= sessions; ++n, now = now + kLogin) {
        writer.on_event(SessionOpened{SessionId(n), now, false, identity_of(n)});
        SessionState state;
        state.session = SessionId(n);
        state.time = now;
        state.complete = true;
        state.identity = identity_of(n);
        state.transaction_status = 'I';
        writer.on_event(std::move(state));
    }
    now = now + Duration::seconds(1);
    for (std::uint64_t i = 0; i < exchanges; ++i, now = now + between) {
        Request request;
        request.session = SessionId(i % sessions + 1);
        request.ordinal = Ordinal(static_cast<std::uint32_t>(i / sessions));
        request.time = now;
        request.seen.ordinal = request.ordinal;
        request.frames = pgwire::encode_frontend(
            pgwire::Query{fmt::format("select abalance from pgbench_accounts where aid = {}", i)});
        const SessionId session = request.session;
        const Ordinal ordinal = request.ordinal;
        writer.on_event(std::move(request));
        writer.on_event(answer(session, ordinal, now));
    }
    for (std::uint64_t n = 1; n <= sessions; ++n) {
        writer.on_event(SessionClosed{SessionId(n), now, SessionEnd::terminate, std::nullopt, ""});
    }
    writer.flush();
    return !writer.failure() && file->finish() ? 0 : 4;
}
