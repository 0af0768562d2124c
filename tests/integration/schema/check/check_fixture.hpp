#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/store/capture_reader.hpp"
#include "core/store/capture_writer.hpp"
#include "schema/check/check_report.hpp"
#include "schema/check/collector.hpp"
#include "tests/support/frames.hpp"
#include "tests/support/throwaway_cluster.hpp"
#include "tests/unit/schema/check/events.hpp"

namespace understudy::schema {

/// Writes a capture of one session's Parses and Queries.
class CaptureScript {
public:
    explicit CaptureScript(std::string path) : path_(std::move(path)) {
        CaptureHeader header;
        header.source = "packets";
        header.created = kStart;
        file_ = store::CaptureFile::create(path_, header).value();
        writer_ = std::make_unique<store::EventWriter>(*file_);
    }
    void open(Bytes user, std::vector<std::pair<Bytes, Bytes>> startup = {}) {
        ordinal_ = 0;
        writer_->on_event(opened(++session_, std::move(user), std::move(startup)));
    }
    void query(BytesView sql) { send(testing::fe::query(sql)); }
    void extended(BytesView sql, std::vector<std::uint32_t> types = {}) {
        send(testing::fe::parse("", sql, std::move(types)) + testing::fe::bind("", "") + testing::fe::execute() +
             testing::fe::sync());
    }
    void add(Event event) { writer_->on_event(std::move(event)); }
    [[nodiscard]] std::uint64_t session() const { return session_; }
    [[nodiscard]] std::uint32_t next_ordinal() const { return ordinal_; }
    const std::string& finish() {
        writer_->flush();
        EXPECT_FALSE(writer_->failure());
        EXPECT_TRUE(file_->finish());
        return path_;
    }

private:
    void send(Bytes frames) {
        const std::uint32_t ordinal = ordinal_++;
        writer_->on_event(request(session_, ordinal, std::move(frames), ordinal));
    }

    std::string path_;
    std::unique_ptr<store::CaptureFile> file_;
    std::unique_ptr<store::EventWriter> writer_;
    std::uint64_t session_ = 0;
    std::uint32_t ordinal_ = 0;
};

inline RecordedStatements collect(const std::string& path) {
    StatementCollector collector;
    const auto reader = store::CaptureReader::open(path).value();
    while (const auto event = reader->next().value()) collector.on_event(*event);
    return collector.take();
}

/// Two databases of one schema on one server, the second of them changed.
class CheckTest : public ::testing::Test {
protected:
    static testing::ThrowawayCluster& cluster() { return testing::ThrowawayCluster::shared(); }

    CheckTest() : baseline_(cluster().create_database("old")), candidate_(cluster().create_database("new")) {
        // Other OIDs for the same types on the other side.
        cluster().psql("create type shift as enum ('x'); drop type shift; create table shift (); drop table shift",
                       candidate_);
        const std::string schema = R"(
            create type mood as enum ('sad', 'happy');
            create table customer (id serial primary key, name varchar(20) not null, feeling mood, code int);
            create table orders (id bigint primary key, customer int references customer, note text, total numeric(10,2));
            create function net(total numeric) returns numeric language sql as 'select total / 1.19';
        )";
        cluster().psql(schema, baseline_);
        cluster().psql(schema, candidate_);
    }

    void migrate(const std::string& sql) { cluster().psql(sql, candidate_); }

    CheckReport check(const RecordedStatements& recorded, double min_coverage = 0.9) {
        const CheckPlan plan = make_plan(recorded);
        const auto answers =
            describe_on_both(net::parse_conninfo(cluster().conninfo(baseline_)).value(),
                             net::parse_conninfo(cluster().conninfo(candidate_)).value(), recorded, plan);
        if (!answers) throw std::runtime_error(answers.error().message);
        return build_report(recorded, plan, answers->first, answers->second, min_coverage);
    }
    CheckReport check(CaptureScript& script, double min_coverage = 0.9) {
        return check(collect(script.finish()), min_coverage);
    }

    testing::TemporaryDirectory directory_;
    std::string baseline_;
    std::string candidate_;
};

}  // namespace understudy::schema
