// The parts of a session beyond one question, one answer: COPY, pipelines, and portals that are read in parts.
#include <poll.h>
#include <sys/socket.h>

#include <array>

#include "tests/fidelity/workload/session.hpp"

namespace understudy::hostile {
namespace {

/// A message of the protocol: tag, length, body (PostgreSQL documentation, "Message Formats").
std::string message(char tag, const std::string& body) {
    std::string out(1, tag);
    const auto length = static_cast<std::uint32_t>(body.size() + 4);
    for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<char>((length >> shift) & 0xff));
    return out + body;
}

std::string text(const std::string& value) { return value + '\0'; }

}  // namespace

void Session::copy_in(const std::string& sql, const std::vector<std::string>& lines) {
    start_request();
    const Answer answer(PQexec(connection_, sql.c_str()));
    must(answer.status() == PGRES_COPY_IN, sql);
    for (const std::string& line : lines) {
        must(PQputCopyData(connection_, line.data(), static_cast<int>(line.size())) == 1, sql);
    }
    must(PQputCopyEnd(connection_, nullptr) == 1, sql);
    Answer done(PQgetResult(connection_));
    while (PQgetResult(connection_) != nullptr) {  // the end of the results
    }
    if (done.status() != PGRES_COMMAND_OK) refused(done.sql_state(), sql);
}

void Session::begin_pipeline() { must(PQenterPipelineMode(connection_) == 1, "pipeline mode"); }

void Session::send(const std::string& sql, const Values& values) {
    start_request();
    const Arrays a(values);
    must(PQsendQueryParams(connection_, sql.c_str(), a.count(), a.types.data(), a.pointers.data(), a.lengths.data(),
                           a.formats.data(), 0) == 1,
         sql);
}

void Session::flush() { must(PQsendFlushRequest(connection_) == 1 && PQflush(connection_) == 0, "flush"); }

void Session::sync() {
    must(PQpipelineSync(connection_) == 1, "sync");
    ++syncs_awaited_;
}

Answer Session::next() {
    Answer answer(PQgetResult(connection_));
    must(answer.get() != nullptr, "a result in the pipeline");
    must(PQgetResult(connection_) == nullptr, "the end of a statement's results");
    if (answer.status() == PGRES_FATAL_ERROR) refused(answer.sql_state(), "pipeline");
    must(answer.status() == PGRES_TUPLES_OK || answer.status() == PGRES_COMMAND_OK, "a result in the pipeline");
    return answer;
}

void Session::synced() {
    const Answer answer(PQgetResult(connection_));
    must(answer.get() != nullptr && answer.status() == PGRES_PIPELINE_SYNC, "the end of a batch");
    --syncs_awaited_;
}

void Session::end_pipeline() { must(PQexitPipelineMode(connection_) == 1, "leaving pipeline mode"); }

void Session::write_raw(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::send(PQsocket(connection_), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        must(n > 0, "sending");
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

char Session::read_raw(std::string_view until, int& rows) {
    while (true) {
        while (unread_.size() >= 5) {
            std::size_t length = 0;
            for (std::size_t i = 1; i < 5; ++i) length = length << 8U | static_cast<unsigned char>(unread_[i]);
            if (unread_.size() < length + 1) break;
            const char tag = unread_[0];
            unread_.erase(0, length + 1);
            rows += tag == 'D' ? 1 : 0;
            must(tag != 'E', "an error in a portal");
            if (until.find(tag) != std::string_view::npos) return tag;
        }
        pollfd ready{PQsocket(connection_), POLLIN, 0};
        ::poll(&ready, 1, 10000);
        std::array<char, 16384> buffer{};
        const ssize_t n = ::recv(PQsocket(connection_), buffer.data(), buffer.size(), 0);
        must(n > 0, "reading a portal");
        unread_.append(buffer.data(), static_cast<std::size_t>(n));
    }
}

int Session::read_portal(const std::string& sql, int rows_at_once) {
    const std::string none(2, '\0');
    const std::string limit{'\0', '\0', '\0', static_cast<char>(rows_at_once)};
    const std::string portal = "p";
    const std::string execute = message('E', text(portal) + limit) + message('H', "");
    std::string opening = message('P', text("") + text(sql) + none);
    opening += message('B', text(portal) + text("") + none + none + none);
    opening += message('D', "P" + text(portal));
    int rows = 0;
    start_request();
    write_raw(opening + execute);
    while (read_raw("sC", rows) == 's') {
        start_request();
        write_raw(execute);
    }
    write_raw(message('C', "P" + text(portal)) + message('S', ""));
    read_raw("Z", rows);
    return rows;
}

}  // namespace understudy::hostile
