#pragma once

#include <libpq-fe.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tools/shop_workload/dice.hpp"

namespace understudy::shop {

/// What all clients together did; printed at the end.
struct Totals {
    std::atomic<std::uint64_t> sessions{0};
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> rows{0};
    std::atomic<std::uint64_t> intended_errors{0};
};

/// The server answered something that the shop does not expect: the workload or the schema is wrong.
class Surprise : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A parameter value: text with the type left to the server, a binary int4, or NULL.
struct Param {
    Param(const char* value) : bytes(value) {}             // NOLINT(google-explicit-constructor)
    Param(std::string value) : bytes(std::move(value)) {}  // NOLINT(google-explicit-constructor)
    Param(int value) : bytes(std::to_string(value)) {}     // NOLINT(google-explicit-constructor)
    static Param null();
    static Param binary_int4(int value);

    std::string bytes;
    Oid type = 0;
    bool is_null = false;
    bool is_binary = false;
};
using Params = std::vector<Param>;

enum class Format { text = 0, binary = 1 };

/// A result of libpq, owned. Views into it live as long as it does.
class Rows {
public:
    explicit Rows(PGresult* result) : result_(result, &PQclear) {}
    [[nodiscard]] int count() const { return PQntuples(result_.get()); }
    /// The value as the server sent it; empty when it is NULL or not there.
    [[nodiscard]] std::string_view value(int row, int column = 0) const;
    [[nodiscard]] std::string text(int row = 0, int column = 0) const { return std::string(value(row, column)); }
    [[nodiscard]] ExecStatusType status() const { return PQresultStatus(result_.get()); }
    [[nodiscard]] std::string sql_state() const;
    [[nodiscard]] const PGresult* get() const { return result_.get(); }

private:
    std::unique_ptr<PGresult, decltype(&PQclear)> result_;
};

/// One connection of the shop's application. Every call pauses for the few milliseconds that an application
/// spends between two statements. Calls throw Surprise when the answer is not the kind that was asked for;
/// `must_fail` is the way to make a mistake on purpose. One thread only.
class Client {
public:
    /// Connects as `application` (shown in pg_stat_activity).
    Client(const std::string& conninfo, const std::string& application, Dice& dice, Totals& totals);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// Simple protocol; with several statements, the last one's result.
    Rows simple(const std::string& sql);
    /// Extended protocol, unnamed statement.
    Rows query(const std::string& sql, const Params& params = {}, Format results = Format::text);
    /// Named prepared statement.
    void prepare(const std::string& name, const std::string& sql);
    void describe(const std::string& name);
    Rows execute(const std::string& name, const Params& params = {}, Format results = Format::text);
    /// Simple protocol; the statement must fail with this SQLSTATE.
    void must_fail(const std::string& sql_state, const std::string& sql);
    /// Extended protocol; as above.
    void query_must_fail(const std::string& sql_state, const std::string& sql, const Params& params);

    enum class Protocol { simple, extended };
    /// COPY ... FROM STDIN. With `give_up` set, the client ends with CopyFail instead of CopyDone.
    void copy_in(Protocol protocol, const std::string& sql, const std::vector<std::string>& lines,
                 const std::string& expected_sql_state = "", const char* give_up = nullptr);
    /// COPY ... TO STDOUT; returns the number of lines.
    int copy_out(const std::string& sql);

    /// Pipeline mode: send any number, `sync`, then read one result for each `send` and `end_of_batch`.
    void begin_pipeline();
    void send(const std::string& sql, const Params& params = {});
    void send_prepared(const std::string& name, const Params& params);
    void flush();
    void sync();
    /// The result of the next sent statement, whatever it is (also PGRES_PIPELINE_ABORTED).
    Rows next_result();
    void end_of_batch();
    void end_pipeline();

    /// The customer thinks, or the application has nothing to do, about this long (half to one and a half).
    void think(int milliseconds);

private:
    Rows checked(PGresult* result, const std::string& sql);
    Rows failed(PGresult* result, const std::string& sql_state, const std::string& sql);
    void start_request();
    void must(bool ok, const std::string& what);

    PGconn* connection_;
    Dice& dice_;
    Totals& totals_;
};

}  // namespace understudy::shop
