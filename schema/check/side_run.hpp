#pragma once

#include <fmt/format.h>

#include <charconv>
#include <numeric>
#include <set>
#include <unordered_map>

#include "core/catalog/search_path.hpp"
#include "core/pgwire/value.hpp"
#include "schema/check/describe_pipeline.hpp"
#include "schema/check/describe_run.hpp"
#include "schema/check/plan_pipeline.hpp"
#include "schema/check/server_questions.hpp"
#include "schema/check/server_session.hpp"

namespace understudy::schema {

inline constexpr std::size_t kTypesAtOnce = 1000;
/// How often the statements of a session with temporary tables are begun again behind one that fails.
inline constexpr int kMaxRounds = 100;
/// in_failed_sql_transaction: an earlier statement of our own transaction failed.
inline constexpr BytesView kAborted = "25P02";

inline BytesView before_zero(BytesView text) { return text.substr(0, text.find('\0')); }

inline std::uint32_t oid_of(const std::optional<Bytes>& text) {
    std::uint32_t oid = 0;
    if (text) std::from_chars(text->data(), text->data() + text->size(), oid);
    return oid;
}

/// One connection's part of a check: begin(), describe(), perhaps plan_some(), finish(). Lives until its coroutines have ended.
class SideRun {
public:
    SideRun(net::asio::any_io_executor executor, const RecordedStatements& recorded, const CheckPlan& plan,
            const DescribeOptions& options)
        : session_(executor, options), recorded_(recorded), plan_(plan), options_(options) {}

    /// Connects and asks what has to be known before; then which roles may be assumed is to be agreed on.
    Task<void> begin(net::ConnectionInfo info) {
        if (auto opened = co_await session_.open(info); !opened) co_return opened.error();
        answers_.server_version = session_.server_version();
        co_return co_await learn();
    }

    [[nodiscard]] const std::set<Bytes>& assumable() const { return assumable_; }

    /// Parses and describes all, and plans it unless `plan_later`.
    Task<void> describe(std::set<Bytes> roles, bool plan_later) {
        roles_ = std::move(roles);
        plan_later_ = plan_later;
        for (std::size_t begin = 0, end = 0; begin < plan_.items.size(); begin = end) {
            end = end_of_group(begin);
            if (auto described = co_await describe_group(begin, end); !described) co_return described.error();
        }
        co_return Result<void>();
    }

    /// Plans these items, after a describe() that did not.
    Task<void> plan_some(const std::vector<bool>& wanted) {
        plan_later_ = false;
        for (std::size_t begin = 0, end = 0; begin < plan_.items.size(); begin = end) {
            end = end_of_group(begin);
            bool any = false;
            for (std::size_t i = begin; i < end; ++i) any = any || wanted[i];
            if (!any) continue;
            const auto entered = co_await enter(begin);
            if (!entered) co_return entered.error();
            if (!*entered) continue;  // which describe() has noted
            if (auto planned = co_await plan_group(begin, questions_of(begin, end), &wanted); !planned)
                co_return planned.error();
        }
        co_return Result<void>();
    }

    Task<ServerAnswers> finish() {
        if (auto set = co_await session_.set_role({}); !set) co_return set.error();
        if (auto named = co_await name_types(); !named) co_return named.error();
        session_.close();
        co_return std::move(answers_);
    }

    [[nodiscard]] const ServerAnswers& answers() const { return answers_; }

private:
    const RecordedStatement& statement(std::size_t item) const {
        return recorded_.statements[plan_.items[item].statement];
    }

    /// Whether the item itself makes a temporary table.
    [[nodiscard]] bool creates(std::size_t item) const { return plan_.items[item].ask == CheckPlan::Ask::create; }

    /// The default search_path of each user, and this server's OIDs of the types that parameters were
    /// declared with. Before any search_path of ours is set.
    Task<void> learn() {
        for (std::size_t i = 0; i < plan_.items.size(); ++i) {
            const Bytes& user = statement(i).user;
            if (statement(i).search_path || default_paths_.find(user) != default_paths_.end()) continue;
            const auto rows = co_await session_.query(default_path_query(before_zero(user)));
            if (!rows) co_return rows.error();
            default_paths_[user] =
                rows->size() == 1 && rows->front().size() == 1 ? rows->front()[0].value_or("") : Bytes();
        }
        if (auto learnt = co_await learn_roles(); !learnt) co_return learnt.error();
        for (const auto& [oid, identity] : recorded_.declared_types) {
            const auto rows = co_await session_.query(type_oid_query(identity));
            if (!rows) co_return rows.error();
            if (rows->size() == 1 && rows->front().size() == 1) local_oids_[oid] = oid_of(rows->front()[0]);
        }
        co_return Result<void>();
    }

    Task<void> learn_roles() {
        std::set<Bytes> users;
        // Of all statements: both sides have to agree on the roles, and may have different plans.
        for (const RecordedStatement& each : recorded_.statements) {
            if (!each.user.empty()) users.insert(each.user);
        }
        for (const Bytes& user : users) {
            const auto set = co_await session_.set_role(Bytes(before_zero(user)));
            if (set) assumable_.insert(user);
            if (!set && set.error().code != Errc::protocol) co_return set.error();
        }
        co_return co_await session_.set_role({});
    }

    std::size_t end_of_group(std::size_t begin) const {
        std::size_t end = begin + 1;
        while (end < plan_.items.size() && statement(end).user == statement(begin).user &&
               statement(end).search_path == statement(begin).search_path &&
               statement(end).temps == statement(begin).temps && creates(end) == creates(begin)) {
            ++end;
        }
        return end;
    }

    /// Takes the role and search_path of a group; nothing when this server refuses the path, as `refusal` says.
    Task<bool> enter(std::size_t begin) {
        const RecordedStatement& first = statement(begin);
        Bytes role;
        if (roles_.count(first.user) > 0) role = first.user;
        if (auto set = co_await session_.set_role(std::move(role)); !set) co_return set.error();
        const auto set = co_await session_.set_path(path_of(begin));
        if (!set && set.error().code != Errc::protocol) co_return set.error();
        if (!set) path_refusal_ = "search_path: " + set.error().message;
        co_return set.has_value();
    }

    Bytes path_of(std::size_t begin) {
        const RecordedStatement& first = statement(begin);
        const Bytes recorded_path = first.search_path ? *first.search_path : default_paths_[first.user];
        return catalog::with_user(before_zero(recorded_path), before_zero(first.user));
    }

    std::vector<Question> questions_of(std::size_t begin, std::size_t end) const {
        std::vector<Question> questions;
        for (std::size_t i = begin; i < end; ++i) {
            Question question{plan_.items[i].sql, statement(i).parameter_types};
            for (std::uint32_t& oid : question.parameter_types) oid = local_oid(oid);
            questions.push_back(std::move(question));
        }
        return questions;
    }

    Task<void> describe_group(std::size_t begin, std::size_t end) {
        answers_.paths.resize(end, path_of(begin));
        answers_.plans.resize(end);
        const Bytes& user = statement(begin).user;
        if (roles_.count(user) == 0 && !user.empty()) answers_.roles_not_assumed.insert(user);
        const auto entered = co_await enter(begin);
        if (!entered) co_return entered.error();
        if (!*entered) {  // the recorded session's server took it and this one does not
            const Refusal refusal{"22023", path_refusal_, {}, 0};
            answers_.descriptions.resize(end, Description{refusal, {}, {}});
            co_return Result<void>();
        }
        const std::vector<Question> questions = questions_of(begin, end);
        auto described = co_await ask<DescribePipeline>(questions, begin);
        if (!described) co_return described.error();
        for (Description& description : *described) answers_.descriptions.push_back(std::move(description));
        if (plan_later_) co_return Result<void>();
        co_return co_await plan_group(begin, questions, nullptr);
    }

    static std::optional<Refusal>& refusal_in(Description& description) { return description.refusal; }
    static std::optional<Refusal>& refusal_in(std::optional<Refusal>& refusal) { return refusal; }

    /// Asks the questions of a group that begins with item `begin`. One that needs temporary tables is asked in a
    /// transaction that makes them first and is rolled back; behind a statement that fails it is begun again.
    template <class Pipeline, class Asked>
    Task<decltype(std::declval<Pipeline>().take())> ask(const std::vector<Asked>& questions, std::size_t begin) {
        decltype(std::declval<Pipeline>().take()) answers(questions.size());
        const std::vector<Bytes>& temps = statement(begin).temps;
        if (temps.empty() && !creates(begin)) {
            Pipeline pipeline(questions);
            if (auto pumped = co_await session_.pump(pipeline); !pumped) co_return pumped.error();
            answers = pipeline.take();
            co_return answers;
        }
        std::vector<std::size_t> open(questions.size());
        std::iota(open.begin(), open.end(), std::size_t{0});
        for (int round = 0; round < kMaxRounds && !open.empty(); ++round) {
            const auto begun = co_await begin_with(temps);
            if (!begun) co_return begun.error();
            std::vector<Asked> some;
            for (const std::size_t i : open) some.push_back(questions[i]);
            Pipeline pipeline(some);
            if (!*begun) {
                if (auto pumped = co_await session_.pump(pipeline); !pumped) co_return pumped.error();
            }
            if (auto ended = co_await session_.query("rollback"); !ended) co_return ended.error();
            std::vector<std::size_t> again;
            auto got = pipeline.take();
            for (std::size_t k = 0; k < open.size(); ++k) {
                auto& answer = answers[open[k]];
                if (k < got.size()) answer = std::move(got[k]);
                if (*begun) refusal_in(answer) = **begun;
                if (refusal_in(answer) && refusal_in(answer)->sqlstate == kAborted) again.push_back(open[k]);
            }
            open = std::move(again);
        }
        co_return answers;
    }

    /// A transaction with these temporary tables; or why there is none.
    Task<std::optional<Refusal>> begin_with(const std::vector<Bytes>& temps) {
        if (!options_.temp_tables) co_return Refusal{"25006", "temporary tables are not to be made", {}, 0};
        const auto begun = co_await session_.query("begin read write");
        if (!begun && begun.error().code != Errc::protocol) co_return begun.error();
        if (!begun) co_return Refusal{"25006", begun.error().message, {}, 0};  // a standby
        std::vector<PlanQuestion> questions;
        for (const Bytes& temp : temps) questions.push_back({temp, {}, 0, {}, true});
        PlanPipeline pipeline(questions);
        if (auto pumped = co_await session_.pump(pipeline); !pumped) co_return pumped.error();
        for (std::optional<Refusal>& refusal : pipeline.take()) {
            if (refusal) co_return std::move(refusal);
        }
        co_return std::optional<Refusal>();
    }

    /// What of the group was not refused is planned, with recorded values; only `wanted` items, if given.
    Task<void> plan_group(std::size_t begin, std::vector<Question> described, const std::vector<bool>* wanted_items) {
        std::vector<PlanQuestion> questions;
        std::vector<std::size_t> items;
        for (std::size_t i = 0; i < described.size(); ++i) {
            if (wanted_items != nullptr && !(*wanted_items)[begin + i]) continue;
            const Description& description = answers_.descriptions[begin + i];
            const CheckPlan::Ask wanted = plan_.items[begin + i].ask;
            if (description.refusal || wanted == CheckPlan::Ask::describe) continue;
            if (wanted == CheckPlan::Ask::run || wanted == CheckPlan::Ask::create) {
                questions.push_back({described[i].sql, {}, 0, {}, true});
                items.push_back(begin + i);
                continue;
            }
            if (!can_be_planned(described[i].sql)) continue;
            const auto add = [&](BytesView sql, BytesView bind) {
                questions.push_back({sql, described[i].parameter_types, description.parameters.size(), bind});
                items.push_back(begin + i);
            };
            const auto& samples = statement(begin + i).samples;
            const bool bound = !samples.empty() && plan_.items[begin + i].own_text && samples.front().sql.empty();
            if (!bound) add(described[i].sql, {});
            if (!plan_.items[begin + i].own_text) continue;
            for (std::size_t k = 0; k < std::min(samples.size(), options_.samples); ++k) {
                add(samples[k].sql.empty() ? described[i].sql : BytesView(samples[k].sql), samples[k].bind);
            }
        }
        auto answers = co_await ask<PlanPipeline>(questions, begin);
        if (!answers) co_return answers.error();
        for (std::size_t i = 0; i < answers->size(); ++i) answers_.plans[items[i]].push_back(std::move((*answers)[i]));
        co_return Result<void>();
    }

    std::uint32_t local_oid(std::uint32_t recorded) const {
        constexpr std::uint32_t kFirstUserOid = 16384;  // FirstNormalObjectId: those below are the same everywhere
        if (recorded < kFirstUserOid) return recorded;
        const auto found = local_oids_.find(recorded);
        return found != local_oids_.end() ? found->second : 0;
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
        if (auto set = co_await session_.set_path("pg_catalog"); !set) co_return set.error();
        for (auto at = met.begin(); at != met.end();) {
            std::vector<std::uint32_t> some;
            for (; at != met.end() && some.size() < kTypesAtOnce; ++at) some.push_back(*at);
            const auto rows = co_await session_.query(fmt::format(
                "select oid, format_type(oid, null) from pg_type where oid in ({})", fmt::join(some, ", ")));
            if (!rows) co_return rows.error();
            for (const net::TextRow& row : *rows) {
                if (row.size() == 2 && row[1]) answers_.types[oid_of(row[0])] = *row[1];
            }
        }
        co_return Result<void>();
    }

    ServerSession session_;
    const RecordedStatements& recorded_;
    const CheckPlan& plan_;
    const DescribeOptions& options_;
    std::unordered_map<Bytes, Bytes> default_paths_;               // by user
    std::unordered_map<std::uint32_t, std::uint32_t> local_oids_;  // by the recorded server's
    std::set<Bytes> assumable_;                                    // users that this connection may become
    std::set<Bytes> roles_;                                        // those that both connections may
    bool plan_later_ = false;
    Bytes path_refusal_;
    ServerAnswers answers_;
};

}  // namespace understudy::schema
