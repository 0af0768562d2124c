#include "schema/check/describe_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <iterator>
#include <memory>

#include "schema/check/side_run.hpp"

namespace understudy::schema {
namespace {

namespace asio = net::asio;

/// From so many items on the candidate has a second connection: it plans all of them, the baseline few.
constexpr std::size_t kItemsForTwo = 2000;

Error named(const char* side, const net::ConnectionInfo& info, const Error& error) {
    return make_error(error.code, fmt::format("{} {}: {}", side, info.to_string(), error.message));
}

/// The candidate's items in parts of one connection each.
std::vector<CheckPlan> parts_of(const CheckPlan& plan) {
    const std::size_t connections = plan.items.size() < kItemsForTwo ? 1 : 2;
    const std::size_t each = (plan.items.size() + connections - 1) / connections;
    std::vector<CheckPlan> parts(connections);
    for (std::size_t i = 0; i < plan.items.size(); ++i) parts[i / each].items.push_back(plan.items[i]);
    return parts;
}

void append(ServerAnswers& all, ServerAnswers&& part) {
    std::move(part.descriptions.begin(), part.descriptions.end(), std::back_inserter(all.descriptions));
    std::move(part.plans.begin(), part.plans.end(), std::back_inserter(all.plans));
    std::move(part.paths.begin(), part.paths.end(), std::back_inserter(all.paths));
    all.types.merge(part.types);
    all.roles_not_assumed.merge(part.roles_not_assumed);
    all.server_version = std::move(part.server_version);
}

/// Of which items the baseline's planning can matter: of those that the candidate refused to plan, and of those that were
/// recorded failing, which may not fail any more. What ran when it was recorded and is planned now differs in nothing.
std::vector<bool> worth_planning(const RecordedStatements& recorded, const CheckPlan& plan, const ServerAnswers& candidate) {
    std::vector<bool> wanted(plan.items.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto& plans = candidate.plans[i];
        wanted[i] = !recorded.statements[plan.items[i].statement].recorded_errors.empty() ||
                    std::any_of(plans.begin(), plans.end(), [](const auto& refusal) { return refusal.has_value(); });
    }
    return wanted;
}

/// Both servers' connections, and what is done on all of them at once.
class BothRun {
public:
    BothRun(const RecordedStatements& recorded, const CheckPlan& of_baseline, const CheckPlan& of_candidate,
            const DescribeOptions& options)
        : recorded_(recorded), of_baseline_(of_baseline), parts_(parts_of(of_candidate)),
          first_(context_.get_executor(), recorded, of_baseline, options) {
        for (const CheckPlan& part : parts_)
            second_.push_back(std::make_unique<SideRun>(context_.get_executor(), recorded, part, options));
    }

    Result<std::pair<ServerAnswers, ServerAnswers>> run(const net::ConnectionInfo& baseline,
                                                        const net::ConnectionInfo& candidate, bool plan_all) {
        const auto told = [&](bool of_first, const Error& error) {
            return of_first ? named("baseline", baseline, error) : named("candidate", candidate, error);
        };
        bool of_first = true;
        const auto begun = on_all([&](SideRun& side) { return side.begin(&side == &first_ ? baseline : candidate); }, of_first);
        if (!begun) return told(of_first, begun.error());
        std::set<Bytes> roles = first_.assumable();
        for (const auto& side : second_)
            std::erase_if(roles, [&](const Bytes& role) { return side->assumable().count(role) == 0; });
        const auto described =
            on_all([&](SideRun& side) { return side.describe(roles, &side == &first_ && !plan_all); }, of_first);
        if (!described) return told(of_first, described.error());
        ServerAnswers after;
        for (const auto& side : second_) {
            auto part = on_one(side->finish());
            if (!part) return told(false, part.error());
            append(after, std::move(*part));
        }
        if (!plan_all) {
            const std::vector<bool> wanted = worth_planning(recorded_, of_baseline_, after);
            const auto planned = on_one(first_.plan_some(wanted));
            if (!planned) return told(true, planned.error());
        }
        auto before = on_one(first_.finish());
        if (!before) return told(true, before.error());
        return std::pair(std::move(*before), std::move(after));
    }

private:
    template <class Start>
    Result<void> on_all(const Start& start, bool& of_first) {
        auto first = asio::co_spawn(context_, start(first_), asio::use_future);
        std::vector<decltype(first)> others;
        for (const auto& side : second_) others.push_back(asio::co_spawn(context_, start(*side), asio::use_future));
        context_.restart();
        context_.run();
        Result<void> result = first.get();
        of_first = !result;
        for (auto& other : others) {
            auto done = other.get();
            if (result && !done) result = done.error();
        }
        return result;
    }

    template <class Answer>
    Result<Answer> on_one(Task<Answer> task) {
        auto done = asio::co_spawn(context_, std::move(task), asio::use_future);
        context_.restart();
        context_.run();
        return done.get();
    }

    asio::io_context context_;
    const RecordedStatements& recorded_;
    const CheckPlan& of_baseline_;
    std::vector<CheckPlan> parts_;
    SideRun first_;
    std::vector<std::unique_ptr<SideRun>> second_;
};

}  // namespace

Result<std::pair<ServerAnswers, ServerAnswers>> describe_on_both(const net::ConnectionInfo& baseline,
                                                                 const net::ConnectionInfo& candidate,
                                                                 const RecordedStatements& recorded,
                                                                 const CheckPlan& plan,
                                                                 const DescribeOptions& options) {
    return BothRun(recorded, plan, plan, options).run(baseline, candidate, false);
}

Result<std::pair<ServerAnswers, ServerAnswers>> describe_on_both(const net::ConnectionInfo& baseline,
                                                                 const net::ConnectionInfo& candidate,
                                                                 const RecordedStatements& recorded,
                                                                 const CheckPlan& of_baseline,
                                                                 const CheckPlan& of_candidate,
                                                                 const DescribeOptions& options) {
    return BothRun(recorded, of_baseline, of_candidate, options).run(baseline, candidate, true);
}

}  // namespace understudy::schema
