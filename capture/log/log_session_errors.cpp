#include <algorithm>

#include "capture/log/log_session.hpp"
#include "core/exchange/message_privacy.hpp"

namespace understudy::capture {

BytesView LogSession::on_error(const LogEntry& entry) {
    const bool next_one = entry.activity.starts_with("idle") || entry.activity == "PARSE" || entry.activity == "BIND";
    const bool certain = !entry.statement.empty() || !entry.activity.empty() || saw_duration_;
    if (open_.there && !next_one && certain && (entry.statement.empty() || entry.statement == open_.sql)) {
        fail(open_.steps.size() - 1, entry);
        return {};
    }
    if (entry.statement.empty()) {
        ++context_.counts.errors_without_statement;
        return "error without a statement";
    }
    settle(entry.time, false);
    on_failed_statement(entry);
    return {};
}

/// An error of a statement that was not logged before it failed.
void LogSession::on_failed_statement(const LogEntry& entry) {
    const BytesView sql = entry.statement;
    const bool parsing = entry.activity == "PARSE";
    const bool binding = entry.activity == "BIND";
    const bool bound = bind_.there && bind_.sql == sql && !parsing && !binding;
    const bool parsed = parse_.there && parse_.sql == sql && !parsing;
    if (bound) {
        const Bytes name = bind_.name;
        const Bytes portal = bind_.portal;
        ask_extended({entry.time, name, portal, sql, std::nullopt});
        return fail(open_.steps.size() - 1, entry);
    }
    if (parsing) {
        drop_early();
        ask_parse(entry.time, {}, sql);
        return fail(0, entry);
    }
    if (parsed || binding || (has_placeholder(sql) && !entry.activity.starts_with("idle"))) {
        const Bytes name = parsed ? parse_.name : Bytes();
        if (!parsed) drop_early();
        ask_extended({entry.time, name, {}, sql, parameters_of_context(entry.context)});
        const std::size_t execute = open_.steps.size() - 1;
        const bool at_parse = !parsed && !binding && entry.sqlstate.starts_with("42");
        return fail(at_parse ? execute - 2 : parsed || binding ? execute - 1 : execute, entry);
    }
    drop_early();
    if (!entry.activity.starts_with("idle")) ++context_.counts.protocol_unknown;
    ask_simple(entry.time, sql);
    fail(0, entry);
}

ServerMessage LogSession::error_of(const LogEntry& entry, const LogContext& context) {
    ServerMessage message;
    const auto add = [&message](char letter, BytesView value) {
        if (!value.empty()) message.fields.emplace_back(letter, value);
    };
    add('S', entry.severity);
    add('C', entry.sqlstate);
    add('M', entry.message);
    add('D', entry.detail);
    add('H', entry.hint);
    if (entry.position > 0) add('P', std::to_string(entry.position));
    if (entry.internal_position > 0) add('p', std::to_string(entry.internal_position));
    add('q', entry.internal_query);
    add('W', entry.context);
    if (context.policy == ResultsPolicy::full) return message;
    // The log need not say which function of the server reported it, nor an SQLSTATE: what may come from RAISE is text
    // of the user's.
    const BytesView innermost = entry.context.substr(0, entry.context.find('\n'));
    const bool free_text = entry.sqlstate.empty() || innermost.ends_with(" at RAISE");
    return without_user_data(std::move(message), free_text, context.digester);
}

}  // namespace understudy::capture
