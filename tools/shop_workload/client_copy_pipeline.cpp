#include "tools/shop_workload/client.hpp"

namespace understudy::shop {

void Client::copy_in(Protocol protocol, const std::string& sql, const std::vector<std::string>& lines,
                     const std::string& expected_sql_state, const char* give_up) {
    start_request();
    const Rows answer(protocol == Protocol::simple
                          ? PQexec(connection_, sql.c_str())
                          : PQexecParams(connection_, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0));
    must(answer.status() == PGRES_COPY_IN, sql);
    for (const std::string& line : lines) {
        must(PQputCopyData(connection_, line.data(), static_cast<int>(line.size())) == 1, sql);
    }
    must(PQputCopyEnd(connection_, give_up) == 1, sql);
    PGresult* result = PQgetResult(connection_);
    if (expected_sql_state.empty()) {
        checked(result, sql);
    } else {
        failed(result, expected_sql_state, sql);
    }
    must(PQgetResult(connection_) == nullptr, sql);
}

int Client::copy_out(const std::string& sql) {
    start_request();
    const Rows answer(PQexec(connection_, sql.c_str()));
    must(answer.status() == PGRES_COPY_OUT, sql);
    int lines = 0;
    char* line = nullptr;
    while (PQgetCopyData(connection_, &line, 0) > 0) {
        PQfreemem(line);
        ++lines;
    }
    checked(PQgetResult(connection_), sql);
    must(PQgetResult(connection_) == nullptr, sql);
    return lines;
}

void Client::begin_pipeline() { must(PQenterPipelineMode(connection_) == 1, "pipeline mode"); }

void Client::send(const std::string& sql, const Params& params) {
    ++totals_.requests;
    std::vector<const char*> values;
    for (const Param& param : params) values.push_back(param.is_null ? nullptr : param.bytes.c_str());
    must(PQsendQueryParams(connection_, sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr,
                           nullptr, 0) == 1,
         sql);
}

void Client::send_prepared(const std::string& name, const Params& params) {
    ++totals_.requests;
    std::vector<const char*> values;
    for (const Param& param : params) values.push_back(param.is_null ? nullptr : param.bytes.c_str());
    must(PQsendQueryPrepared(connection_, name.c_str(), static_cast<int>(values.size()), values.data(), nullptr,
                             nullptr, 0) == 1,
         name);
}

void Client::flush() { must(PQsendFlushRequest(connection_) == 1 && PQflush(connection_) == 0, "flush"); }

void Client::sync() { must(PQpipelineSync(connection_) == 1, "sync"); }

Rows Client::next_result() {
    Rows rows(PQgetResult(connection_));
    must(rows.get() != nullptr, "a result in the pipeline");
    must(PQgetResult(connection_) == nullptr, "the end of a statement's results");
    if (rows.status() == PGRES_FATAL_ERROR) ++totals_.intended_errors;
    totals_.rows += static_cast<std::uint64_t>(rows.count());
    return rows;
}

void Client::end_of_batch() {
    const Rows rows(PQgetResult(connection_));
    must(rows.get() != nullptr && rows.status() == PGRES_PIPELINE_SYNC, "the end of a batch");
}

void Client::end_pipeline() { must(PQexitPipelineMode(connection_) == 1, "leaving pipeline mode"); }

}  // namespace understudy::shop
