#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "capture/record/admission.hpp"
#include "capture/record/capture_output.hpp"
#include "capture/record/chunk_queue.hpp"
#include "core/exchange/session_states.hpp"
#include "core/model/event.hpp"
#include "core/store/capture_codec.hpp"

namespace understudy::capture {

struct EventRecorderOptions {
    OutputOptions output;
    /// Encoded records that may wait for the writer.
    std::size_t queue_bytes = std::size_t{64} << 20U;
    /// Where the writer falls behind: leave out whole exchanges (a live source), or wait for it (a file that is read).
    bool may_drop = true;
    std::uint64_t rotate_size = 0;  ///< bytes of a file; 0: not by size
    Duration rotate_every;          ///< 0: not by time
    std::uint64_t max_size = 0;     ///< bytes of all files of this run; 0: no limit
};

/// Records events: encodes them in the caller's thread, compresses and writes them in a thread of its own, so that the
/// caller never waits for a disk. When the queue between them is full, whole exchanges are left out, counted, and
/// marked by a Gap in their session, after which the session's state is written anew.
///
/// With rotation each file begins with the catalogue and the state of each open session, so that none needs another.
/// After a failure of the disk nothing more is written; what is asked to be recorded is counted. One thread calls it,
/// apart from stats(), failure(), full(), current_path() and request_rotation().
class EventRecorder final : public EventSink {
public:
    struct Stats {
        std::uint64_t records = 0;
        std::uint64_t exchanges = 0;          ///< that ended and were recorded
        std::uint64_t bytes_written = 0;      ///< of all files
        std::uint64_t bytes_waiting = 0;      ///< encoded, in the queue
        std::uint64_t exchanges_dropped = 0;  ///< because the writer was behind
        std::uint64_t records_dropped = 0;    ///< others, and what came after the writer had failed
        std::uint64_t records_too_large = 0;
        std::uint64_t files = 0;
    };

    static Result<std::unique_ptr<EventRecorder>> start(const EventRecorderOptions& options,
                                                        const CaptureHeader& header);
    ~EventRecorder() override;
    EventRecorder(const EventRecorder&) = delete;
    EventRecorder& operator=(const EventRecorder&) = delete;

    void on_event(Event&& event) override;
    /// Lets what was recorded so far be seen by a reader of the growing file, and rotates where that is due. Call it
    /// about once a second. `totals` are the counters of the whole run: each file gets its own part of them.
    void tick(Timestamp now, const Counters& totals);
    /// Rotates at the next tick (SIGHUP).
    void request_rotation() { rotation_requested_ = true; }
    /// Completes the file. Call it once.
    Result<void> finish(const Counters& totals);

    /// Why writing has stopped, if it has.
    [[nodiscard]] std::optional<Error> failure() const;
    /// max_size was reached.
    [[nodiscard]] bool full() const;
    [[nodiscard]] Stats stats() const;
    [[nodiscard]] std::string current_path() const;
    /// The counters of this recorder, to be added to those of its source.
    void add_counters(Counters& counters) const;

private:
    EventRecorder(const EventRecorderOptions& options, std::unique_ptr<CaptureOutput> output);

    bool admit(const Event& event);
    void encode(const Event& event);
    void close_chunk();
    void begin_next_file(Timestamp now);
    void write_counters(const Counters& totals);
    [[nodiscard]] Room room() const;
    [[nodiscard]] bool rotation_due(Timestamp now) const;
    void write();

    const EventRecorderOptions options_;
    std::unique_ptr<CaptureOutput> output_;  // of the writing thread, once it runs
    ChunkQueue queue_;
    Admission admission_;
    std::optional<SessionStates> states_;
    store::CaptureCodec codec_;
    PlainChunk chunk_;
    Timestamp last_;
    std::optional<CatalogRecord> catalog_;
    std::map<std::string, std::uint64_t> totals_before_;  // when the current file began
    std::map<std::string, std::uint64_t> losses_written_;
    Timestamp counters_written_;
    Timestamp file_begun_;
    std::atomic<bool> rotation_requested_ = false;
    std::atomic<std::uint64_t> records_ = 0;
    std::atomic<std::uint64_t> too_large_ = 0;
    std::atomic<std::uint64_t> exchanges_dropped_ = 0;
    std::atomic<std::uint64_t> records_dropped_ = 0;
    std::atomic<std::uint64_t> exchanges_ = 0;
    std::atomic<std::uint64_t> records_after_failure_ = 0;

    mutable std::mutex mutex_;  // of what follows, which the writing thread sets
    std::optional<Error> failure_;
    std::string current_path_;
    std::atomic<std::uint64_t> file_size_ = 0;
    std::atomic<std::uint64_t> total_size_ = 0;
    std::atomic<std::uint64_t> files_ = 0;
    std::atomic<bool> failed_ = false;
    std::thread writer_;
};

}  // namespace understudy::capture
