#include "tests/fidelity/workload/session.hpp"

#include <chrono>
#include <thread>

namespace understudy::hostile {
namespace {

constexpr Oid int8_type = 20;
constexpr Oid int4_type = 23;
constexpr Oid uuid_type = 2950;
constexpr Oid int4_array_type = 1007;

void ignore_notice(void* /*unused*/, const PGresult* /*unused*/) {}

void put_big_endian(std::string& out, std::uint64_t number, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>((number >> (8 * i)) & 0xff));
}

Value binary(std::string bytes, Oid type) {
    Value value(std::move(bytes));
    value.type = type;
    value.is_binary = true;
    return value;
}

}  // namespace

Value Value::int4(int number) {
    std::string bytes;
    put_big_endian(bytes, static_cast<std::uint32_t>(number), 4);
    return binary(std::move(bytes), int4_type);
}

Value Value::int8(std::int64_t number) {
    std::string bytes;
    put_big_endian(bytes, static_cast<std::uint64_t>(number), 8);
    return binary(std::move(bytes), int8_type);
}

Value Value::uuid(const std::string& text) {
    std::string bytes;
    std::string digits;
    for (const char c : text) {
        if (c != '-') digits.push_back(c);
    }
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        bytes.push_back(static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
    }
    return binary(std::move(bytes), uuid_type);
}

Value Value::int4s(const std::vector<std::string>& numbers) {
    std::string bytes;
    put_big_endian(bytes, 1, 4);  // dimensions
    put_big_endian(bytes, 0, 4);  // no NULLs
    put_big_endian(bytes, int4_type, 4);
    put_big_endian(bytes, numbers.size(), 4);
    put_big_endian(bytes, 1, 4);  // lower bound
    for (const std::string& number : numbers) {
        put_big_endian(bytes, 4, 4);
        put_big_endian(bytes, static_cast<std::uint32_t>(std::stoi(number)), 4);
    }
    return binary(std::move(bytes), int4_array_type);
}

Arrays::Arrays(const Values& values) {
    for (const Value& value : values) {
        types.push_back(value.type);
        pointers.push_back(value.bytes.data());
        lengths.push_back(static_cast<int>(value.bytes.size()));
        formats.push_back(value.is_binary ? 1 : 0);
    }
}

std::string Answer::text(int row, int column) const {
    if (row >= rows() || column >= PQnfields(result_.get())) return {};
    return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::string Answer::sql_state() const {
    const char* state = PQresultErrorField(result_.get(), PG_DIAG_SQLSTATE);
    return state != nullptr ? state : "";
}

Session::Session(std::string conninfo, std::string name, int think_us, Dice& dice, Totals& totals)
    : conninfo_(std::move(conninfo)), name_(std::move(name)), think_us_(think_us), dice_(dice), totals_(totals) {
    connect();
}

Session::~Session() { PQfinish(connection_); }

void Session::connect() {
    connection_ = PQconnectdb((conninfo_ + " application_name=" + name_).c_str());
    if (PQstatus(connection_) != CONNECTION_OK) throw Surprise(std::string("connect: ") + PQerrorMessage(connection_));
    PQsetNoticeReceiver(connection_, &ignore_notice, nullptr);
    prepared_.clear();
    ++totals_.connections;
}

void Session::reconnect() {
    PQfinish(connection_);
    connection_ = nullptr;
    connect();
}

void Session::give_up() {
    if (PQpipelineStatus(connection_) != PQ_PIPELINE_OFF) {
        if (syncs_awaited_ == 0) sync();
        while (syncs_awaited_ > 0) {  // what is left of the batches, up to their ends
            const Answer rest(PQgetResult(connection_));
            must(PQstatus(connection_) == CONNECTION_OK, "giving a pipeline up");
            if (rest.get() != nullptr && rest.status() == PGRES_PIPELINE_SYNC) --syncs_awaited_;
        }
        end_pipeline();
    }
    if (PQtransactionStatus(connection_) != PQTRANS_IDLE) simple("rollback");
}

void Session::must(bool ok, const std::string& what) {
    if (!ok) throw Surprise(what + ": " + PQerrorMessage(connection_));
}

void Session::start_request() {
    ++totals_.requests;
    ++requests_;
    const int usual = dice_.between(think_us_ / 2, think_us_ * 3 / 2);
    std::this_thread::sleep_for(std::chrono::microseconds(dice_.one_in(12) ? usual * 10 : usual));
}

void Session::refused(const std::string& sql_state, const std::string& what) {
    static const std::set<std::string> of_others = {"40001", "40P01", "23503", "23505"};
    if (sql_state == "40P01") ++totals_.deadlocks;
    if (of_others.count(sql_state) == 0) throw Surprise(what + ": " + sql_state + " " + PQerrorMessage(connection_));
    ++totals_.conflicts;
    throw Conflict(sql_state);
}

Answer Session::checked(PGresult* result, const std::string& sql) {
    Answer answer(result);
    const ExecStatusType status = answer.status();
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) refused(answer.sql_state(), sql);
    return answer;
}

Answer Session::simple(const std::string& sql) {
    start_request();
    return checked(PQexec(connection_, sql.c_str()), sql);
}

Answer Session::ask(const std::string& sql, const Values& values, bool binary_result) {
    start_request();
    const Arrays a(values);
    return checked(PQexecParams(connection_, sql.c_str(), a.count(), a.types.data(), a.pointers.data(),
                                a.lengths.data(), a.formats.data(), binary_result ? 1 : 0),
                   sql);
}

Answer Session::prepared(const std::string& statement, const std::string& sql, const Values& values) {
    const Arrays a(values);
    if (prepared_.insert(statement).second) {
        start_request();
        checked(PQprepare(connection_, statement.c_str(), sql.c_str(), a.count(), a.types.data()), sql);
    }
    start_request();
    return checked(PQexecPrepared(connection_, statement.c_str(), a.count(), a.pointers.data(), a.lengths.data(),
                                  a.formats.data(), 0),
                   sql);
}

void Session::fails(const std::string& sql_state, const std::string& sql, const Values& values) {
    start_request();
    const Arrays a(values);
    const Answer answer(PQexecParams(connection_, sql.c_str(), a.count(), a.types.data(), a.pointers.data(),
                                     a.lengths.data(), a.formats.data(), 0));
    if (answer.sql_state() != sql_state) {
        throw Surprise(sql + ": expected SQLSTATE " + sql_state + ", got '" + answer.sql_state() + "'");
    }
    ++totals_.intended_errors;
}

}  // namespace understudy::hostile
