#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/catalog/catalog.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/value.hpp"
#include "core/store/capture_codec.hpp"
#include "replay/order/order_planner.hpp"
#include "tests/support/dialogue.hpp"
#include "tests/support/frames.hpp"

namespace understudy::replay {

/// Tables of a shop, as a catalogue has them: accounts(id serial, owner unique, balance), orders(id serial, account_id
/// → accounts, note), counters(name primary key, v), jobs(id serial, state).
inline catalog::Catalog shop_catalog() {
    catalog::Catalog shop;
    shop.database = "shop";
    const auto table = [&](std::uint32_t oid, const char* name,
                           const std::vector<std::pair<const char*, std::uint32_t>>& columns, bool generated) {
        shop.relations.push_back({oid, "public", name, 'r', "postgres"});
        std::int16_t number = 1;
        for (const auto& [column, type] : columns) {
            catalog::Attribute attribute;
            attribute.relation = oid;
            attribute.number = number;
            attribute.name = column;
            attribute.type_oid = type;
            if (number == 1 && generated) {
                attribute.has_default = true;
                attribute.default_text = "nextval('" + std::string(name) + "_id_seq'::regclass)";
            }
            shop.attributes.push_back(attribute);
            ++number;
        }
        shop.keys.push_back({oid, std::string(name) + "_pkey", true, {1}});
    };
    table(1, "accounts", {{"id", 23}, {"owner", 25}, {"balance", 23}}, true);
    table(2, "orders", {{"id", 23}, {"account_id", 23}, {"note", 25}}, true);
    table(3, "counters", {{"name", 25}, {"v", 23}}, false);
    table(4, "jobs", {{"id", 23}, {"state", 25}}, true);
    shop.keys.push_back({1, "accounts_owner_key", false, {2}});
    catalog::ForeignKey foreign;
    foreign.relation = 2;
    foreign.name = "orders_account_id_fkey";
    foreign.columns = {2};
    foreign.referenced_relation = 1;
    foreign.referenced_columns = {1};
    shop.foreign_keys.push_back(foreign);
    shop.sort();
    return shop;
}

/// What sessions asked and were answered, written down in the order of time, and the plan that comes of it.
///
///     History history;
///     history.ask(1, 0, "update accounts set balance = 1 where id = 5").answer(1, 3, "UPDATE 1");
///     history.ask(2, 5, "select balance from accounts where id = 5").answer(2, 6, "SELECT 1");
///     EXPECT_EQ(history.plan(), "1.0; 2.0 after 1.0");
class History {
public:
    explicit History(SyncMode mode = SyncMode::strict, catalog::Catalog catalog = shop_catalog())
        : catalog_(std::move(catalog)) {
        options_.mode = mode;
    }
    OrderPlanner::Options& options() { return options_; }

    /// A simple Query.
    History& ask(std::uint64_t session, std::int64_t ms, const Bytes& sql) {
        return frames(session, ms, pgwire::encode_frontend(pgwire::Query{sql}));
    }
    /// The exchange after that which the session's next answer ends: asked ahead, in a pipeline.
    History& ask_ahead(std::uint64_t session, std::int64_t ms, const Bytes& sql) {
        ++sessions_[session].asked;
        ask(session, ms, sql);
        --sessions_[session].asked;
        return *this;
    }
    /// Frames of the session's next exchange, or of that which it is in.
    History& frames(std::uint64_t session, std::int64_t ms, Bytes bytes, std::uint32_t step = 0) {
        Session& one = sessions_[session];
        events_.push_back(Request{
            SessionId(session), Ordinal(one.asked), StepIndex(step), testing::at_ms(ms), {}, false, std::move(bytes)});
        return *this;
    }
    /// Ends the exchange: the results of its statements, then ReadyForQuery. "ERROR 23505" is an error.
    History& answer(std::uint64_t session, std::int64_t ms, const std::vector<Bytes>& tags,
                    std::uint32_t first_step = 0) {
        Session& one = sessions_[session];
        Response response;
        response.session = SessionId(session);
        response.ordinal = Ordinal(one.asked);
        response.first_step = StepIndex(first_step);
        for (const Bytes& tag : tags) response.results.push_back(result(tag, ms, one));
        response.transaction_status = one.status;
        response.ready = testing::at_ms(ms);
        events_.push_back(std::move(response));
        ++one.asked;
        return *this;
    }
    History& answer(std::uint64_t session, std::int64_t ms, const Bytes& tag) {
        return answer(session, ms, std::vector<Bytes>{tag});
    }
    /// Results of steps of an exchange that goes on.
    History& partly(std::uint64_t session, std::int64_t ms, const std::vector<Bytes>& tags, std::uint32_t first_step) {
        answer(session, ms, tags, first_step);
        auto& response = std::get<Response>(events_.back());
        response.ready = {};
        response.transaction_status = 0;
        --sessions_[session].asked;
        return *this;
    }
    History& close(std::uint64_t session, std::int64_t ms) {
        events_.push_back(SessionClosed{SessionId(session), testing::at_ms(ms), SessionEnd::terminate, {}, {}});
        return *this;
    }
    [[nodiscard]] StepResult& last_result() { return std::get<Response>(events_.back()).results.back(); }
    [[nodiscard]] const std::vector<Event>& events() const { return events_; }

    /// The requests in the order in which they come out, as session.ordinal, each with what it waits for; "?" marks a
    /// likely and "!" an inferred reason. Those that wait for nothing are left out unless `all`.
    std::string plan(bool all = false) {
        const OrderPlanner::Out out = planned();
        std::map<SessionIndex, std::uint64_t> names;
        for (const PlannedEvent& event : out) names[event.index] = store::event_session(event.event).value();
        std::string text;
        for (const PlannedEvent& planned : out) {
            const auto* request = std::get_if<Request>(&planned.event);
            if (request == nullptr || (planned.after.empty() && !all)) continue;
            if (!text.empty()) text += "; ";
            text += std::to_string(request->session.value()) + "." + std::to_string(request->ordinal.value());
            std::set<std::string> after;
            for (const Predecessor& before : planned.after) after.insert(name(before, names[before.session]));
            for (const std::string& before : after) text += (before == *after.begin() ? " after " : " ") + before;
        }
        return text;
    }
    OrderPlanner::Out planned() {
        OrderPlanner planner(options_, catalog_, testing::test_digester(), [this](SessionId session, Ordinal ordinal, StepIndex) {
            ambiguous_.insert({session, ordinal});
        });
        OrderPlanner::Out out;
        for (const Event& event : events_) planner.on_event(Event(event), out);
        planner.finish(out);
        stats_ = planner.stats();
        return out;
    }
    /// After plan(): "1.0 2.3".
    [[nodiscard]] std::string ambiguous() const {
        std::string text;
        for (const ExchangeId& id : ambiguous_) {
            text += (text.empty() ? "" : " ") + std::to_string(id.session.value()) + "." +
                    std::to_string(id.ordinal.value());
        }
        return text;
    }
    [[nodiscard]] const PlanStats& stats() const { return stats_; }

private:
    struct Session {
        std::uint32_t asked = 0;
        char status = 'I';
    };
    static std::string name(const Predecessor& before, std::uint64_t session) {
        const auto steps = static_cast<std::uint32_t>(before.done.value & UINT32_MAX);
        const std::uint32_t ordinal = before.done.ordinal().value() - (steps == 0 ? 1 : 0);
        std::string text = std::to_string(session) + "." + std::to_string(ordinal);
        if (steps > 0) text += "/" + std::to_string(steps);
        if (before.kind == EdgeKind::inferred) text += "!";
        if (before.kind == EdgeKind::soft) text += "?";
        return text;
    }
    static StepResult result(const Bytes& tag, std::int64_t ms, Session& session) {
        StepResult result;
        result.kind = StepKind::statement;
        result.end = testing::at_ms(ms);
        if (tag.starts_with("ERROR ")) {
            result.outcome = StepOutcome::error;
            result.error = ServerMessage{{{'C', tag.substr(6)}}};
            if (session.status == 'T') session.status = 'E';
            return result;
        }
        result.command_tag = tag;
        if (tag == "BEGIN") session.status = 'T';
        if (tag == "COMMIT" || tag == "ROLLBACK") session.status = 'I';
        return result;
    }

    catalog::Catalog catalog_;
    OrderPlanner::Options options_;
    std::map<std::uint64_t, Session> sessions_;
    std::vector<Event> events_;
    std::set<ExchangeId> ambiguous_;
    PlanStats stats_;
};

}  // namespace understudy::replay
