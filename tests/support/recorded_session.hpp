#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/exchange/transcriber.hpp"
#include "core/model/event.hpp"
#include "core/store/capture_writer.hpp"
#include "tests/support/frames.hpp"

namespace understudy::testing {

class RecordedSession;

/// A capture file, with its digest key beside it, of sessions that a test plays against a real server: what
/// packets would show, without packets.
class Recording {
public:
    struct Options {
        std::uint64_t system_identifier = 1;  ///< of "production"; 0: not known
        ResultsPolicy policy = ResultsPolicy::full;
    };
    Recording(std::string path, const Options& options);
    explicit Recording(std::string path) : Recording(std::move(path), Options{}) {}
    ~Recording();

    /// Logs in and records the session's opening.
    RecordedSession& session(int port, const Bytes& database, const Bytes& user = "postgres",
                             std::vector<std::pair<Bytes, Bytes>> startup = {});
    /// Records an event that no server took part in.
    void add(Event event) { writer_->on_event(std::move(event)); }
    /// Closes what is open and completes the file.
    const std::string& finish();
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    friend class RecordedSession;
    std::string path_;
    std::unique_ptr<store::CaptureFile> file_;
    std::unique_ptr<store::EventWriter> writer_;
    std::unique_ptr<Digester> digester_;
    ResultsPolicy policy_ = ResultsPolicy::full;
    MessageCounts counts_;
    std::vector<std::unique_ptr<RecordedSession>> sessions_;
};

/// One connection of a Recording. Throws std::runtime_error when the server closes it, or is silent for 20
/// seconds.
class RecordedSession {
public:
    RecordedSession(Recording& recording, SessionId id, int port, SessionIdentity identity);
    ~RecordedSession();
    RecordedSession(const RecordedSession&) = delete;
    RecordedSession& operator=(const RecordedSession&) = delete;

    /// Sends frames in one piece.
    RecordedSession& send(BytesView frames);
    /// Reads until the server has sent so many messages of this kind.
    RecordedSession& read(char tag, int count = 1);
    /// Sends, and reads until ReadyForQuery.
    RecordedSession& ask(BytesView frames) { return send(frames).read('Z'); }
    RecordedSession& query(BytesView sql) { return ask(fe::query(sql)); }
    /// Asks the server to cancel what runs, over a connection of its own.
    RecordedSession& cancel();
    void close(SessionEnd end = SessionEnd::terminate);

    [[nodiscard]] SessionId id() const { return id_; }
    /// Bodies of the DataRows that came with the last read().
    [[nodiscard]] const std::vector<Bytes>& rows() const { return rows_; }

private:
    void login(const SessionIdentity& identity);
    Bytes receive();

    Recording& recording_;
    SessionId id_;
    int port_;
    int fd_ = -1;
    std::uint32_t process_id_ = 0;
    Bytes secret_key_;
    std::vector<std::pair<Bytes, Bytes>> settings_;
    std::unique_ptr<Transcriber> transcriber_;
    pgwire::FrameReader reader_;
    std::vector<Bytes> rows_;
};

}  // namespace understudy::testing
