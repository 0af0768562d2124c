#include "capture/log/log_session.hpp"

#include <algorithm>
#include <functional>

#include "capture/session/redactor.hpp"
#include "core/sql/split.hpp"

namespace understudy::capture {
namespace {

constexpr BytesView kNoCopyData = "COPY data is not in the log";
constexpr BytesView kWhichFailed = "the log does not say which statement of the query failed";
constexpr BytesView kFetchSize = "the log does not say how many rows were asked for";

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

Bytes hidden(BytesView sql) {
    auto changed = without_passwords(sql);
    return changed ? std::move(*changed) : Bytes(sql);
}

/// When what ended at `entry` and took `message.duration` began.
Timestamp start_of(const LogEntry& entry, const LogMessage& message) {
    return message.duration ? entry.time + (Duration() - *message.duration) : entry.time;
}

bool begins_with_word(BytesView sql, BytesView word) {
    while (!sql.empty() && is_space(sql.front())) sql.remove_prefix(1);
    return sql.size() >= word.size() && std::equal(word.begin(), word.end(), sql.begin(), [](char a, char b) {
               return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b + ('a' - 'A')) : b);
           });
}

/// How many statements the server answers in a Query, where that is not plainly one.
std::size_t statements_in(BytesView sql) {
    while (!sql.empty() && (is_space(sql.back()) || sql.back() == ';')) sql.remove_suffix(1);
    while (!sql.empty() && is_space(sql.front())) sql.remove_prefix(1);
    if (sql.empty()) return 0;
    const bool plain = sql.find(';') == BytesView::npos && sql[0] != '-' && sql[0] != '/';
    return plain ? 1 : sql::split_statements(sql).size();
}

StepResult step(StepKind kind, Timestamp end = {}) {
    StepResult result;
    result.kind = kind;
    result.end = end;
    return result;
}

}  // namespace

Timestamp LogSession::forward(Timestamp time) {
    last_ = std::max(last_, time);
    return last_;
}

BytesView LogSession::on_message(const LogEntry& entry, const LogMessage& message) {
    switch (message.what) {
        case LogWhat::duration:
            if (!open_.there) return "duration of what was not logged";
            saw_duration_ = true;
            complete(open_.start + *message.duration, entry.time,
                     open_.extended || entry.virtual_transaction.empty() ? '\0'
                     : entry.virtual_transaction.ends_with("/0")         ? 'I'
                                                                         : 'T');
            return {};
        case LogWhat::statement: on_statement(entry, message); return {};
        case LogWhat::parse: on_parse(entry, message); return {};
        case LogWhat::bind: on_bind(entry, message); return {};
        case LogWhat::execute: on_execute(entry, message); return {};
        case LogWhat::fetch: on_fetch(entry, message); return {};
        default: return "no statement";
    }
}

void LogSession::on_statement(const LogEntry& entry, const LogMessage& message) {
    settle(entry.time, false);
    drop_early();
    ask_simple(start_of(entry, message), message.sql);
    if (message.duration) complete(open_.start + *message.duration, entry.time, '\0');
}

void LogSession::on_parse(const LogEntry& entry, const LogMessage& message) {
    settle(entry.time, false);
    drop_early();
    parse_.there = true;
    parse_.name.assign(message.name);
    parse_.sql.assign(message.sql);
    parse_.start = start_of(entry, message);
    parse_.end = entry.time;
    parse_.took = *message.duration;
}

void LogSession::on_bind(const LogEntry& entry, const LogMessage& message) {
    settle(entry.time, false);
    if (bind_.there || (parse_.there && (parse_.name != message.name || parse_.sql != message.sql))) drop_early();
    bind_.there = true;
    bind_.name.assign(message.name);
    bind_.portal.assign(message.portal);
    bind_.sql.assign(message.sql);
    bind_.detail.assign(entry.detail);
    bind_.start = start_of(entry, message);
    bind_.end = entry.time;
    bind_.took = *message.duration;
    part_from_parse(bind_.start);
}

void LogSession::on_execute(const LogEntry& entry, const LogMessage& message) {
    settle(entry.time, false);
    ask_extended(
        {start_of(entry, message), message.name, message.portal, message.sql, parameters_of_detail(entry.detail)});
    if (message.duration) complete(open_.start + *message.duration, entry.time, '\0');
}

void LogSession::on_fetch(const LogEntry& entry, const LogMessage& message) {
    settle(entry.time, false);
    drop_early();
    open_.there = open_.extended = true;
    open_.sql.assign(message.sql);
    open_.start = forward(start_of(entry, message));
    open_.steps.clear();
    open_.steps.push_back(step(StepKind::execute));
    open_.steps.back().note = kFetchSize;
    ++context_.counts.fetch_size_unknown;
    pgwire::encode_frontend_to(frames_, pgwire::Execute{Bytes(message.portal), 0});
    pgwire::encode_frontend_to(frames_, pgwire::Sync{});
    emit_request(open_.start, true);
    if (message.duration) complete(open_.start + *message.duration, entry.time, '\0');
}

void LogSession::ask_simple(Timestamp start, BytesView sql) {
    open_.there = true;
    open_.extended = false;
    open_.sql.assign(sql);
    open_.start = forward(start);
    open_.steps.clear();
    open_.steps.push_back(step(StepKind::statement));
    if (copies_from_client(sql)) {
        ++context_.counts.copy_without_data;
        open_.steps.back().note = kNoCopyData;
    }
    forget_names(sql);
    pgwire::encode_frontend_to(frames_, pgwire::Query{hidden(sql)});
    emit_request(open_.start, false);
}

/// Parse where it is needed, Bind, Execute and Sync: what the log calls an execution.
void LogSession::ask_extended(const Asked& asked) {
    const bool bound =
        bind_.there && bind_.name == asked.name && bind_.portal == asked.portal && bind_.sql == asked.sql;
    if (bind_.there && !bound) drop_early();
    if (!bound) part_from_parse(asked.start);
    const bool parsed = parse_.there && parse_.name == asked.name && parse_.sql == asked.sql;
    if (parse_.there && !parsed) drop_early();
    Timestamp start = asked.start;
    if (bound) start = std::min(start, bind_.start);
    if (parsed) start = std::min(start, parse_.start);
    start = forward(start);
    open_.there = open_.extended = true;
    open_.sql.assign(asked.sql);
    // Durations are exact, times are cut to milliseconds: the ends follow from the former.
    open_.start = start;
    if (parsed) open_.start = open_.start + parse_.took;
    open_.steps.clear();
    add_parse(asked.name, asked.sql);
    if (parsed && !open_.steps.empty()) open_.steps.back().end = open_.start;
    if (bound) open_.start = open_.start + bind_.took;
    std::optional<BytesView> parameters = asked.parameters;
    if (!parameters && bound) parameters = parameters_of_detail(bind_.detail);
    const bool resolved = fill_parameters(parameters, asked.sql);
    bind_message_.portal.assign(asked.portal);
    bind_message_.statement.assign(asked.name);
    add_bind();
    pgwire::encode_frontend_to(frames_, pgwire::Execute{Bytes(asked.portal), 0});
    pgwire::encode_frontend_to(frames_, pgwire::Sync{});
    open_.steps.push_back(step(StepKind::bind, bound ? open_.start : Timestamp()));
    open_.steps.push_back(step(StepKind::execute));
    if (copies_from_client(asked.sql)) {
        ++context_.counts.copy_without_data;
        open_.steps.back().note = kNoCopyData;
    }
    forget_names(asked.sql);
    parse_.there = bind_.there = false;
    emit_request(start, !resolved);
}

void LogSession::ask_parse(Timestamp start, BytesView name, BytesView sql) {
    open_.there = open_.extended = true;
    open_.sql.assign(sql);
    open_.start = forward(start);
    open_.steps.clear();
    add_parse(name, sql);
    pgwire::encode_frontend_to(frames_, pgwire::Sync{});
    emit_request(open_.start, false);
}

/// Adds the Parse that a statement needs here: always for the unnamed one, once for each name and text. A name that
/// had another text was closed, as the server would have refused it otherwise; a Close does no harm where it was not.
void LogSession::add_parse(BytesView name, BytesView sql) {
    const std::size_t hash = std::hash<BytesView>{}(sql);
    if (!name.empty()) {
        const auto known = names_.find(Bytes(name));
        const bool prepared_again = parse_.there && parse_.name == name;
        if (known != names_.end() && known->second.valid && known->second.hash == hash && !prepared_again) return;
        if (known != names_.end() || names_.size() >= kMaxNames) {
            pgwire::encode_frontend_to(frames_, pgwire::Close{pgwire::Target::statement, Bytes(name)});
            open_.steps.push_back(step(StepKind::close));
        }
        if (known != names_.end() || names_.size() < kMaxNames) names_[Bytes(name)] = {hash, true};
    }
    parse_message_.statement.assign(name);
    parse_message_.sql = hidden(sql);
    pgwire::encode_frontend_to(frames_, parse_message_);
    open_.steps.push_back(step(StepKind::parse));
}

void LogSession::add_bind() {
    const std::size_t begin = frames_.size();
    pgwire::encode_frontend_to(frames_, bind_message_);
    constexpr std::size_t kHead = 5;
    const auto changed = bound_without_passwords(BytesView(frames_).substr(begin + kHead));
    if (changed) frames_.replace(begin + kHead, Bytes::npos, *changed);  // as long as it was
}

/// A Parse without an execution of it becomes an exchange of its own; a Bind alone has no effect and is left out.
void LogSession::drop_early() {
    bind_.there = false;
    if (!parse_.there) return;
    ask_parse(parse_.start, parse_.name, parse_.sql);
    parse_.there = false;
    complete(open_.start + parse_.took, parse_.end, '\0');
}

/// A Parse of long ago was an exchange of its own, unless it is of the unnamed statement: that goes with its execution.
void LogSession::part_from_parse(Timestamp start) {
    if (!parse_.there) return;
    constexpr std::int64_t kSecond = 1'000'000'000;
    const bool coarse = parse_.end.ns() % kSecond == 0;
    if (parse_.end + (coarse ? kSameExchangeCoarse : kSameExchange) >= start) return;
    if (parse_.name.empty()) {
        parse_.there = false;
        return;
    }
    const bool bound = bind_.there;
    drop_early();
    bind_.there = bound;
}

/// Fills in the Bind's values. False when the log lacks some of what was bound.
bool LogSession::fill_parameters(std::optional<BytesView> text, BytesView sql) {
    bind_message_.parameters.clear();
    if (!text) {
        if (!has_placeholder(sql)) return true;
        ++context_.counts.parameters_unknown;
        return false;
    }
    auto parameters = read_log_parameters(*text, context_.parameter_max_length);
    if (!parameters) {
        ++context_.counts.parameters_unknown;
        return false;
    }
    bind_message_.parameters = std::move(parameters->values);
    if (parameters->truncated) ++context_.counts.truncated_parameters;
    return !parameters->truncated;
}

void LogSession::emit_request(Timestamp time, bool unresolved) {
    ++context_.counts.statements;
    Request request;
    request.session = id_;
    request.ordinal = next_;
    request.time = time;
    request.seen.ordinal = next_;
    request.unresolved = unresolved;
    request.frames = frames_;
    frames_.clear();
    context_.out.push(time, std::move(request));
}

void LogSession::complete(Timestamp end, Timestamp known_by, char transaction_status) {
    if (!open_.extended) {
        const std::size_t count = statements_in(open_.sql);
        if (count == 0) open_.steps.back().outcome = StepOutcome::empty;
        for (std::size_t i = 1; i < count; ++i) open_.steps.push_back(step(StepKind::statement));
    }
    open_.steps.back().end = end;
    if (!end.known()) ++context_.counts.without_end;
    respond(forward(end.known() ? end : known_by), transaction_status);
}

void LogSession::fail(std::size_t failed, const LogEntry& entry) {
    ++context_.counts.errors;
    for (std::size_t i = failed + 1; i < open_.steps.size(); ++i) open_.steps[i].outcome = StepOutcome::skipped;
    StepResult& result = open_.steps[failed];
    result.outcome = StepOutcome::error;
    result.error = error_of(entry, context_);
    result.end = forward(entry.time);
    if (!open_.extended && statements_in(open_.sql) > 1) result.note = kWhichFailed;
    respond(last_, '\0');
}

void LogSession::respond(Timestamp ready, char transaction_status) {
    open_.there = false;
    Response response;
    response.session = id_;
    response.ordinal = next_;
    response.results = std::move(open_.steps);
    response.transaction_status = transaction_status;
    response.ready = ready;
    next_ = next_.next();
    context_.out.push(ready, std::move(response));
}

void LogSession::settle(Timestamp time, bool cut) {
    if (cut) drop_early();
    if (!open_.there) return;
    if (!cut) return complete({}, time, '\0');
    open_.steps.back().outcome = StepOutcome::unanswered;
    respond(forward(time), '\0');
}

/// After these a name may have to be prepared again.
void LogSession::forget_names(BytesView sql) {
    if (!begins_with_word(sql, "deallocate") && !begins_with_word(sql, "discard")) return;
    for (auto& [name, known] : names_) known.valid = false;
}

}  // namespace understudy::capture
