#pragma once

#include <libpq-fe.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tools/shop_workload/dice.hpp"

namespace understudy::hostile {

using shop::Dice;

/// What all sessions together did; printed at the end.
struct Totals {
    std::atomic<std::uint64_t> connections{0};
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> intended_errors{0};
    std::atomic<std::uint64_t> conflicts{
        0};  ///< transactions given up: 40001, 40P01, 23503 and 23505 that others caused
    std::atomic<std::uint64_t> deadlocks{0};  ///< 40P01 among them
};

/// The server answered something that the workload does not expect: it or the schema is wrong.
class Surprise : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Another session was faster: the application rolls back and goes on with something else.
class Conflict : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A parameter: text of a type that the server infers, or binary of a stated type.
struct Value {
    Value(const char* text) : bytes(text) {}              // NOLINT(google-explicit-constructor)
    Value(std::string text) : bytes(std::move(text)) {}   // NOLINT(google-explicit-constructor)
    Value(int number) : bytes(std::to_string(number)) {}  // NOLINT(google-explicit-constructor)
    static Value int4(int number);
    static Value int8(std::int64_t number);
    /// From the text form of a uuid.
    static Value uuid(const std::string& text);
    /// int4[] of text numbers.
    static Value int4s(const std::vector<std::string>& numbers);

    std::string bytes;
    Oid type = 0;
    bool is_binary = false;
};
using Values = std::vector<Value>;

/// libpq's parallel arrays, borrowing from `values`.
struct Arrays {
    explicit Arrays(const Values& values);
    [[nodiscard]] int count() const { return static_cast<int>(pointers.size()); }

    std::vector<Oid> types;
    std::vector<const char*> pointers;
    std::vector<int> lengths;
    std::vector<int> formats;
};

/// A result of libpq, owned.
class Answer {
public:
    explicit Answer(PGresult* result) : result_(result, &PQclear) {}
    [[nodiscard]] int rows() const { return PQntuples(result_.get()); }
    /// Empty when it is NULL or not there.
    [[nodiscard]] std::string text(int row = 0, int column = 0) const;
    [[nodiscard]] ExecStatusType status() const { return PQresultStatus(result_.get()); }
    [[nodiscard]] std::string sql_state() const;
    [[nodiscard]] const PGresult* get() const { return result_.get(); }

private:
    std::unique_ptr<PGresult, decltype(&PQclear)> result_;
};

/// One connection of the application. Each call first pauses as long as an application works between two statements.
/// Calls throw Conflict when another session is the reason for a failure, and Surprise for anything else that was not
/// expected. One thread only.
class Session {
public:
    /// `think_us`: the usual pause before a request, in microseconds; some are ten times as long.
    Session(std::string conninfo, std::string name, int think_us, Dice& dice, Totals& totals);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] int requests() const { return requests_; }
    /// Ends the connection and makes another one.
    void reconnect();
    /// After a Conflict: back to a session outside transactions.
    void give_up();

    /// Simple protocol; with several statements the last one's result.
    Answer simple(const std::string& sql);
    /// Extended protocol, unnamed statement; the result in binary when `binary_result`.
    Answer ask(const std::string& sql, const Values& values = {}, bool binary_result = false);
    /// Extended protocol, a named statement, which is prepared when the connection has not got it.
    Answer prepared(const std::string& statement, const std::string& sql, const Values& values = {});
    /// Extended protocol; it must fail with this SQLSTATE.
    void fails(const std::string& sql_state, const std::string& sql, const Values& values = {});

    /// COPY ... FROM STDIN in the simple protocol.
    void copy_in(const std::string& sql, const std::vector<std::string>& lines);

    /// Pipeline mode: send any number, `flush` or `sync`, then one `next` for each `send`, and `synced` for each sync.
    void begin_pipeline();
    void send(const std::string& sql, const Values& values = {});
    void flush();
    void sync();
    Answer next();
    void synced();
    void end_pipeline();

    /// Reads all rows of a query through one portal, `rows_at_once` at a time, with Flush in between and one Sync at
    /// the end (libpq has no call for it). Returns how many rows came.
    int read_portal(const std::string& sql, int rows_at_once);

private:
    void connect();
    void start_request();
    Answer checked(PGresult* result, const std::string& sql);
    void refused(const std::string& sql_state, const std::string& what);
    void must(bool ok, const std::string& what);
    void write_raw(std::string_view bytes);
    /// Reads messages until one of these tags has come; counts DataRows.
    char read_raw(std::string_view until, int& rows);

    std::string conninfo_;
    std::string name_;
    int think_us_;
    Dice& dice_;
    Totals& totals_;
    PGconn* connection_ = nullptr;
    int requests_ = 0;
    int syncs_awaited_ = 0;
    std::set<std::string> prepared_;
    std::string unread_;  ///< of a raw exchange
};

}  // namespace understudy::hostile
