#include "schema/check/describe_run.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <charconv>
#include <set>

#include "core/catalog/search_path.hpp"
#include "core/net/pg_stream.hpp"
#include "core/pgwire/value.hpp"
#include "core/sql/literal_text.hpp"
#include "schema/check/describe_pipeline.hpp"
#include "schema/check/plan_pipeline.hpp"
#include "schema/check/server_questions.hpp"

namespace understudy::schema {
namespace {

namespace asio = net::asio;
using namespace asio::experimental::awaitable_operators;  // NOLINT: how Asio's operators are meant to be used
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t kTypesAtOnce = 1000;

/// A description of a statement of 1,600 columns with long names stays far below.
constexpr std::size_t kMaxAnswer = 16U << 20U;

template <class T>
using Task = asio::awaitable<Result<T>>;

BytesView before_zero(BytesView text) { return text.substr(0, text.find('\0')); }

std::uint32_t oid_of(const std::optional<Bytes>& text) {
    std::uint32_t oid = 0;
    if (text) std::from_chars(text->data(), text->data() + text->size(), oid);
    return oid;
}

/// One server's part. Lives until its coroutine has ended.
class SideRun {
public:
    SideRun(asio::any_io_executor executor, const RecordedStatements& recorded, const CheckPlan& plan,
            const DescribeOptions& options)
        : stream_(executor), silence_(executor), recorded_(recorded), plan_(plan), options_(options) {}

    /// Connects and asks what has to be known before; then which roles may be assumed is to be agreed on.
    Task<void> begin(net::ConnectionInfo info) {
        if (auto opened = co_await open(info); !opened) co_return opened.error();
        co_return co_await learn();
    }

    [[nodiscard]] const std::set<Bytes>& assumable() const { return assumable_; }

    Task<ServerAnswers> run(std::set<Bytes> roles) {
        roles_ = std::move(roles);
        std::size_t begin = 0;
        while (begin < plan_.items.size()) {
            const std::size_t end = end_of_group(begin);
            if (auto described = co_await describe_group(begin, end); !described) co_return described.error();
            begin = end;
        }
        if (auto set = co_await set_role({}); !set) co_return set.error();
        if (auto named = co_await name_types(); !named) co_return named.error();
        stream_.close();
        co_return std::move(answers_);
    }

private:
    const RecordedStatement& statement(std::size_t item) const {
        return recorded_.statements[plan_.items[item].statement];
    }

    Task<void> open(const net::ConnectionInfo& info) {
        const auto server = net::Server::prepare(info);
        if (!server) co_return server.error();
        pgwire::StartupMessage startup;
        startup.parameters = {{"user", info.user}, {"database", info.database}, {"application_name", "understudy"}};
        auto login =
            co_await stream_.open(*server, std::move(startup), info.connect_timeout.value_or(options_.connect_timeout));
        if (!login) co_return login.error();
        for (const auto& [name, value] : login->settings) {
            if (name == "server_version") answers_.server_version = value;
        }
        const auto set = co_await stream_.query(fmt::format(
            "select set_config('default_transaction_read_only', 'on', false), "
            "set_config('statement_timeout', '{}ms', false), set_config('lock_timeout', '{}ms', false)",
            options_.statement_timeout.count_ns() / 1'000'000, options_.lock_timeout.count_ns() / 1'000'000));
        if (!set) co_return set.error();
        co_return Result<void>();
    }

    /// The default search_path of each user, and this server's OIDs of the types that parameters were
    /// declared with. Before any search_path of ours is set.
    Task<void> learn() {
        for (std::size_t i = 0; i < plan_.items.size(); ++i) {
            const Bytes& user = statement(i).user;
            if (statement(i).search_path || default_paths_.find(user) != default_paths_.end()) continue;
            const auto rows = co_await stream_.query(default_path_query(before_zero(user)));
            if (!rows) co_return rows.error();
            default_paths_[user] =
                rows->size() == 1 && rows->front().size() == 1 ? rows->front()[0].value_or("") : Bytes();
        }
        if (auto learnt = co_await learn_roles(); !learnt) co_return learnt.error();
        for (const auto& [oid, identity] : recorded_.declared_types) {
            const auto rows = co_await stream_.query(type_oid_query(identity));
            if (!rows) co_return rows.error();
            if (rows->size() == 1 && rows->front().size() == 1) local_oids_[oid] = oid_of(rows->front()[0]);
        }
        co_return Result<void>();
    }

    Task<void> learn_roles() {
        std::set<Bytes> users;
        for (std::size_t i = 0; i < plan_.items.size(); ++i) {
            if (!statement(i).user.empty()) users.insert(statement(i).user);
        }
        for (const Bytes& user : users) {
            const auto set = co_await set_role(user);
            if (set) assumable_.insert(user);
            if (!set && set.error().code != Errc::protocol) co_return set.error();
        }
        co_return co_await set_role({});
    }

    /// Empty: the connection's own.
    Task<void> set_role(Bytes role) {
        if (role == current_role_) co_return Result<void>();
        std::string text = "reset role";  // apart: g++ 12 destroys a conditional's temporaries twice in a co_await
        if (!role.empty()) {
            text =
                fmt::format("select pg_catalog.set_config('role', {}, false)", sql::quote_literal(before_zero(role)));
        }
        const auto rows = co_await stream_.query(std::move(text));
        if (!rows) co_return rows.error();
        current_role_ = std::move(role);
        co_return Result<void>();
    }

    std::size_t end_of_group(std::size_t begin) const {
        std::size_t end = begin + 1;
        while (end < plan_.items.size() && statement(end).user == statement(begin).user &&
               statement(end).search_path == statement(begin).search_path) {
            ++end;
        }
        return end;
    }

    Task<void> describe_group(std::size_t begin, std::size_t end) {
        const RecordedStatement& first = statement(begin);
        const Bytes recorded_path = first.search_path ? *first.search_path : default_paths_[first.user];
        const Bytes path = catalog::with_user(before_zero(recorded_path), before_zero(first.user));
        answers_.paths.resize(end, path);
        answers_.plans.resize(end);
        const bool assume = roles_.count(first.user) > 0;
        Bytes role;
        if (assume) role = first.user;
        if (auto set = co_await set_role(std::move(role)); !set) co_return set.error();
        if (!assume && !first.user.empty()) answers_.roles_not_assumed.insert(first.user);
        const auto set = co_await set_path(path);
        if (!set && set.error().code != Errc::protocol) co_return set.error();
        if (!set) {  // the recorded session's server took it and this one does not
            const Refusal refusal{"22023", "search_path: " + set.error().message, {}, 0};
            answers_.descriptions.resize(end, Description{refusal, {}, {}});
            co_return Result<void>();
        }
        std::vector<Question> questions;
        for (std::size_t i = begin; i < end; ++i) {
            Question question{plan_.items[i].sql, statement(i).parameter_types};
            for (std::uint32_t& oid : question.parameter_types) oid = local_oid(oid);
            questions.push_back(std::move(question));
        }
        DescribePipeline pipeline(questions);
        if (auto pumped = co_await pump(pipeline); !pumped) co_return pumped.error();
        for (Description& description : pipeline.take()) answers_.descriptions.push_back(std::move(description));
        co_return co_await plan_group(begin, questions);
    }

    /// What of the group was not refused is planned, with recorded values.
    Task<void> plan_group(std::size_t begin, const std::vector<Question>& described) {
        std::vector<PlanQuestion> questions;
        std::vector<std::size_t> items;
        for (std::size_t i = 0; i < described.size(); ++i) {
            const Description& description = answers_.descriptions[begin + i];
            if (description.refusal || !can_be_planned(described[i].sql)) continue;
            const auto ask = [&](BytesView sql, BytesView bind) {
                questions.push_back({sql, described[i].parameter_types, description.parameters.size(), bind});
                items.push_back(begin + i);
            };
            const auto& samples = statement(begin + i).samples;
            const bool bound = !samples.empty() && plan_.items[begin + i].own_text && samples.front().sql.empty();
            if (!bound) ask(described[i].sql, {});
            if (!plan_.items[begin + i].own_text) continue;
            for (std::size_t k = 0; k < std::min(samples.size(), options_.samples); ++k) {
                ask(samples[k].sql.empty() ? described[i].sql : BytesView(samples[k].sql), samples[k].bind);
            }
        }
        PlanPipeline pipeline(questions);
        if (auto pumped = co_await pump(pipeline); !pumped) co_return pumped.error();
        auto answers = pipeline.take();
        for (std::size_t i = 0; i < answers.size(); ++i) answers_.plans[items[i]].push_back(std::move(answers[i]));
        co_return Result<void>();
    }

    Task<void> set_path(Bytes path) {
        if (path == current_path_) co_return Result<void>();
        const auto rows = co_await stream_.query(
            fmt::format("select pg_catalog.set_config('search_path', {}, false)", sql::quote_literal(path)));
        if (!rows) co_return rows.error();
        current_path_ = std::move(path);
        co_return Result<void>();
    }

    std::uint32_t local_oid(std::uint32_t recorded) const {
        constexpr std::uint32_t kFirstUserOid = 16384;  // FirstNormalObjectId: those below are the same everywhere
        if (recorded < kFirstUserOid) return recorded;
        const auto found = local_oids_.find(recorded);
        return found != local_oids_.end() ? found->second : 0;
    }

    /// Sends and receives at once, so that neither side's full buffer can stop both.
    template <class Pipeline>
    Task<void> pump(Pipeline& pipeline) {
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
            const auto ended = co_await (std::move(wait) || silence_.async_wait(kAwait));
            if (ended.index() == 1) co_return make_error(Errc::io, "the server did not answer in time");
        }
        co_return Result<void>();
    }

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

    /// Names of the types met, qualified with their schema unless it is pg_catalog (docs, format_type()).
    Task<void> name_types() {
        std::set<std::uint32_t> met;
        const auto meet = [&](std::uint32_t oid) {
            if (pgwire::builtin_type_name(oid).empty()) met.insert(oid);
        };
        for (const Description& description : answers_.descriptions) {
            for (const std::uint32_t oid : description.parameters) meet(oid);
            for (const auto& column : description.columns) meet(column.type_oid);
        }
        if (met.empty()) co_return Result<void>();
        if (auto set = co_await set_path("pg_catalog"); !set) co_return set.error();
        for (auto at = met.begin(); at != met.end();) {
            std::vector<std::uint32_t> some;
            for (; at != met.end() && some.size() < kTypesAtOnce; ++at) some.push_back(*at);
            const auto rows = co_await stream_.query(fmt::format(
                "select oid, format_type(oid, null) from pg_type where oid in ({})", fmt::join(some, ", ")));
            if (!rows) co_return rows.error();
            for (const net::TextRow& row : *rows) {
                if (row.size() == 2 && row[1]) answers_.types[oid_of(row[0])] = *row[1];
            }
        }
        co_return Result<void>();
    }

    net::PgStream stream_;
    asio::steady_timer silence_;
    const RecordedStatements& recorded_;
    const CheckPlan& plan_;
    const DescribeOptions& options_;
    std::vector<char> buffer_;
    std::unordered_map<Bytes, Bytes> default_paths_;               // by user
    std::unordered_map<std::uint32_t, std::uint32_t> local_oids_;  // by the recorded server's
    std::set<Bytes> assumable_;                                    // users that this connection may become
    std::set<Bytes> roles_;                                        // those that both connections may
    Bytes current_role_;
    std::optional<Bytes> current_path_;
    ServerAnswers answers_;
};

Error named(const char* side, const net::ConnectionInfo& info, const Error& error) {
    return make_error(error.code, fmt::format("{} {}: {}", side, info.to_string(), error.message));
}

}  // namespace

Result<std::pair<ServerAnswers, ServerAnswers>> describe_on_both(const net::ConnectionInfo& baseline,
                                                                 const net::ConnectionInfo& candidate,
                                                                 const RecordedStatements& recorded,
                                                                 const CheckPlan& plan,
                                                                 const DescribeOptions& options) {
    asio::io_context context;
    SideRun first(context.get_executor(), recorded, plan, options);
    SideRun second(context.get_executor(), recorded, plan, options);
    auto first_begun = asio::co_spawn(context, first.begin(baseline), asio::use_future);
    auto second_begun = asio::co_spawn(context, second.begin(candidate), asio::use_future);
    context.run();
    if (const auto begun = first_begun.get(); !begun) return named("baseline", baseline, begun.error());
    if (const auto begun = second_begun.get(); !begun) return named("candidate", candidate, begun.error());
    std::set<Bytes> roles;
    for (const Bytes& role : first.assumable()) {
        if (second.assumable().count(role) > 0) roles.insert(role);
    }
    context.restart();
    auto first_done = asio::co_spawn(context, first.run(roles), asio::use_future);
    auto second_done = asio::co_spawn(context, second.run(roles), asio::use_future);
    context.run();
    auto first_answers = first_done.get();
    if (!first_answers) return named("baseline", baseline, first_answers.error());
    auto second_answers = second_done.get();
    if (!second_answers) return named("candidate", candidate, second_answers.error());
    return std::pair(std::move(*first_answers), std::move(*second_answers));
}

}  // namespace understudy::schema
