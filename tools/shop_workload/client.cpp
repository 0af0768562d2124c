#include "tools/shop_workload/client.hpp"

#include <chrono>
#include <thread>

namespace understudy::shop {
namespace {

constexpr Oid int4_type = 23;
constexpr int longest_gap_between_statements_ms = 5;

/// libpq's parallel arrays, borrowing from `params`.
struct ParamArrays {
    explicit ParamArrays(const Params& params) {
        for (const Param& param : params) {
            types.push_back(param.type);
            values.push_back(param.is_null ? nullptr : param.bytes.data());
            lengths.push_back(static_cast<int>(param.bytes.size()));
            formats.push_back(param.is_binary ? 1 : 0);
        }
    }
    [[nodiscard]] int count() const { return static_cast<int>(values.size()); }

    std::vector<Oid> types;
    std::vector<const char*> values;
    std::vector<int> lengths;
    std::vector<int> formats;
};

void ignore_notice(void* /*unused*/, const PGresult* /*unused*/) {}

}  // namespace

Param Param::null() {
    Param param("");
    param.is_null = true;
    return param;
}

Param Param::binary_int4(int value) {
    const auto bits = static_cast<std::uint32_t>(value);
    Param param("");
    for (const int shift : {24, 16, 8, 0}) param.bytes.push_back(static_cast<char>((bits >> shift) & 0xff));
    param.type = int4_type;
    param.is_binary = true;
    return param;
}

std::string_view Rows::value(int row, int column) const {
    if (row >= count() || column >= PQnfields(result_.get())) return {};
    return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::string Rows::sql_state() const {
    const char* state = PQresultErrorField(result_.get(), PG_DIAG_SQLSTATE);
    return state != nullptr ? state : "";
}

Client::Client(const std::string& conninfo, const std::string& application, Dice& dice, Totals& totals)
    : connection_(PQconnectdb((conninfo + " application_name=" + application).c_str())), dice_(dice), totals_(totals) {
    if (PQstatus(connection_) != CONNECTION_OK) {
        const std::string why = PQerrorMessage(connection_);
        PQfinish(connection_);
        throw Surprise("cannot connect: " + why);
    }
    PQsetNoticeReceiver(connection_, &ignore_notice, nullptr);
    ++totals_.sessions;
}

Client::~Client() { PQfinish(connection_); }

void Client::must(bool ok, const std::string& what) {
    if (!ok) throw Surprise(what + ": " + PQerrorMessage(connection_));
}

void Client::start_request() {
    ++totals_.requests;
    std::this_thread::sleep_for(std::chrono::milliseconds(dice_.between(1, longest_gap_between_statements_ms)));
}

void Client::think(int milliseconds) {
    const int percent = dice_.between(50, 150);
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds * percent / 100));
}

Rows Client::checked(PGresult* result, const std::string& sql) {
    Rows rows(result);
    const ExecStatusType status = rows.status();
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        throw Surprise(sql + ": " + PQerrorMessage(connection_) + PQresultErrorMessage(rows.get()));
    }
    totals_.rows += static_cast<std::uint64_t>(rows.count());
    return rows;
}

Rows Client::failed(PGresult* result, const std::string& sql_state, const std::string& sql) {
    Rows rows(result);
    if (rows.sql_state() != sql_state) {
        throw Surprise(sql + ": expected SQLSTATE " + sql_state + ", got '" + rows.sql_state() + "'");
    }
    ++totals_.intended_errors;
    return rows;
}

Rows Client::simple(const std::string& sql) {
    start_request();
    return checked(PQexec(connection_, sql.c_str()), sql);
}

Rows Client::query(const std::string& sql, const Params& params, Format results) {
    start_request();
    const ParamArrays p(params);
    return checked(PQexecParams(connection_, sql.c_str(), p.count(), p.types.data(), p.values.data(), p.lengths.data(),
                                p.formats.data(), static_cast<int>(results)),
                   sql);
}

void Client::prepare(const std::string& name, const std::string& sql) {
    start_request();
    checked(PQprepare(connection_, name.c_str(), sql.c_str(), 0, nullptr), sql);
}

void Client::describe(const std::string& name) {
    start_request();
    checked(PQdescribePrepared(connection_, name.c_str()), "describe " + name);
}

Rows Client::execute(const std::string& name, const Params& params, Format results) {
    start_request();
    const ParamArrays p(params);
    return checked(PQexecPrepared(connection_, name.c_str(), p.count(), p.values.data(), p.lengths.data(),
                                  p.formats.data(), static_cast<int>(results)),
                   name);
}

void Client::must_fail(const std::string& sql_state, const std::string& sql) {
    start_request();
    failed(PQexec(connection_, sql.c_str()), sql_state, sql);
}

void Client::query_must_fail(const std::string& sql_state, const std::string& sql, const Params& params) {
    start_request();
    const ParamArrays p(params);
    failed(PQexecParams(connection_, sql.c_str(), p.count(), p.types.data(), p.values.data(), p.lengths.data(),
                        p.formats.data(), 0),
           sql_state, sql);
}

}  // namespace understudy::shop
