#include "tests/support/server_model.hpp"

#include <sstream>

namespace understudy::testing {
namespace {

using pgwire::Ending;

struct Statement {
    std::string word;
    std::size_t number = 0;
};

Statement read_statement(const std::string& sql) {
    Statement statement;
    std::istringstream(sql) >> statement.word >> statement.number;
    return statement;
}

bool returns_rows(const std::string& sql) { return sql.rfind("rows", 0) == 0; }

template <class Message>
Message decode(const Bytes& frame) {
    return std::get<Message>(*pgwire::decode_frontend(view_frame(frame)));
}

}  // namespace

void ServerModel::put(Bytes frame) {
    if (dice_() % 16 == 0) {
        buffer_.push_back(dice_() % 2 == 0 ? be::notice("n") : be::parameter("TimeZone", "UTC"));
        ++written_;
    }
    buffer_.push_back(std::move(frame));
    ++written_;
    if (dice_() % 8 == 0) outbox_.insert(outbox_.end(), buffer_.begin(), buffer_.end()), buffer_.clear();
}

void ServerModel::end(Ending ending, Bytes last_frame) {
    put(std::move(last_frame));
    ended.push_back({owner_, statement_++, ending, written_ - 1});
}

void ServerModel::fail() {
    end(Ending::error, be::error("XX000"));
    ignore_till_sync_ = !in_query_;
    copy_.reset();
    query_.clear();
    outbox_.insert(outbox_.end(), buffer_.begin(), buffer_.end());
    buffer_.clear();
    if (in_query_) ready();
}

void ServerModel::ready() {
    in_query_ = false;
    portals_.clear();
    put(be::ready());
    exchanges.push_back({owner_, 'I'});
    outbox_.insert(outbox_.end(), buffer_.begin(), buffer_.end());
    buffer_.clear();
}

std::optional<Bytes> ServerModel::send() {
    if (outbox_.empty()) return std::nullopt;
    Bytes frame = std::move(outbox_.front());
    outbox_.pop_front();
    return frame;
}

bool ServerModel::step() {
    if (inbox_.empty()) return false;
    const Bytes frame = std::move(inbox_.front());
    inbox_.pop_front();
    process(frame);
    ++current_;
    return true;
}

void ServerModel::process(const Bytes& frame) {
    const char tag = frame[0];
    if (copy_) return on_copy_frame(tag);
    if (tag == 'd' || tag == 'c' || tag == 'f') return;
    if (tag == 'H') {
        if (!ignore_till_sync_) outbox_.insert(outbox_.end(), buffer_.begin(), buffer_.end()), buffer_.clear();
        return;
    }
    owner_ = current_;
    statement_ = 0;
    if (tag == 'S') {
        ignore_till_sync_ = false;
        if (std::exchange(deferred_, false)) end(Ending::error, be::error("23503"));
        return ready();
    }
    if (ignore_till_sync_) {
        ended.push_back({current_, 0, Ending::skipped, kNone});
        if (tag == 'Q' || tag == 'F') exchanges.push_back({current_, 0});
        return;
    }
    switch (tag) {
        case 'P': return parse(frame);
        case 'B': return bind(frame);
        case 'D': return describe(frame);
        case 'E': return execute(frame);
        case 'C': return end(Ending::complete, be::close_complete());
        case 'F': return function_call(frame);
        default: break;
    }
    in_query_ = true;
    std::istringstream statements(decode<pgwire::Query>(frame).sql);
    for (std::string sql; std::getline(statements, sql, ';');) query_.push_back(sql);
    if (query_.empty()) end(Ending::empty, be::empty_query());
    go_on_with_query();
}

void ServerModel::go_on_with_query() {
    while (!query_.empty()) {
        const std::string sql = query_.front();
        query_.pop_front();
        if (returns_rows(sql)) put(be::row_description({{"a"}}));
        run(sql, 0, 0);
        if (copy_ || !in_query_) return;
    }
    ready();
}

void ServerModel::run(const std::string& sql, std::size_t first_row, std::size_t max_rows) {
    const Statement statement = read_statement(sql);
    if (statement.word.rfind("copy", 0) == 0) return begin_copy(sql, !in_query_);
    if (statement.word == "error" || statement.word == "bad" || (statement.word == "deferred" && in_query_))
        return fail();
    if (statement.word == "deferred") deferred_ = true;
    if (statement.word.empty() || statement.word == "empty") return end(Ending::empty, be::empty_query());
    if (statement.word == "out" || statement.word == "outerror") {
        put(be::copy_out());
        for (std::size_t i = 0; i < statement.number + 1; ++i) put(be::copy_data("x"));
        if (statement.word == "outerror") return fail();
        put(be::copy_done());
    }
    if (statement.word == "rows") {
        for (std::size_t i = first_row; i < statement.number; ++i) {
            if (max_rows != 0 && i - first_row == max_rows) return end(Ending::suspended, be::portal_suspended());
            put(be::row({"x"}));
        }
    }
    end(Ending::complete, be::complete(sql));
}

void ServerModel::begin_copy(const std::string& sql, bool extended) {
    const Statement statement = read_statement(sql);
    copy_ = Copy{statement.word, statement.number, extended};
    put(be::copy_in());
    outbox_.insert(outbox_.end(), buffer_.begin(), buffer_.end());
    buffer_.clear();
}

void ServerModel::on_copy_frame(char tag) {
    if (tag == 'S' || tag == 'H') return;
    if (tag == 'd') {
        if (copy_->kind == "copyerror" && copy_->left-- <= 1) fail();
        return;
    }
    if (tag != 'c' || copy_->kind == "copyend") return fail();
    copy_.reset();
    end(Ending::complete, be::complete("COPY"));
    if (in_query_) go_on_with_query();
}

void ServerModel::parse(const Bytes& frame) {
    const auto message = decode<pgwire::Parse>(frame);
    if (message.sql == "bad") return fail();
    statements_[message.statement] = message.sql;
    end(Ending::complete, be::parse_complete());
}

void ServerModel::bind(const Bytes& frame) {
    const auto message = decode<pgwire::Bind>(frame);
    const auto found = statements_.find(message.statement);
    if (found == statements_.end()) return fail();
    portals_[message.portal] = {found->second, 0};
    end(Ending::complete, be::bind_complete());
}

void ServerModel::describe(const Bytes& frame) {
    const auto message = decode<pgwire::Describe>(frame);
    std::string sql;
    if (message.target == pgwire::Target::statement) {
        const auto found = statements_.find(message.name);
        if (found == statements_.end()) return fail();
        sql = found->second;
        put(be::parameter_description({}));
    } else {
        const auto found = portals_.find(message.name);
        if (found == portals_.end()) return fail();
        sql = found->second.sql;
    }
    end(Ending::complete, returns_rows(sql) ? be::row_description({{"a"}}) : be::no_data());
}

void ServerModel::execute(const Bytes& frame) {
    const auto message = decode<pgwire::Execute>(frame);
    const auto found = portals_.find(message.portal);
    if (found == portals_.end()) return fail();
    Portal& portal = found->second;
    const std::size_t first = portal.sent;
    portal.sent = message.max_rows == 0 ? SIZE_MAX / 2 : portal.sent + message.max_rows;
    run(portal.sql, first, message.max_rows);
}

void ServerModel::function_call(const Bytes& frame) {
    const auto oid = decode<pgwire::FunctionCall>(frame).function_oid;
    in_query_ = true;  // fails like a Query: ReadyForQuery follows at once
    if (oid == 2) return fail();
    put(be::function_result("v"));
    if (oid == 3) return fail();
    ended.push_back({owner_, 0, Ending::complete, kNone});
    ready();
}

}  // namespace understudy::testing
