#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <vector>

#include "capture/proxy/session_tap.hpp"
#include "capture/redact/redaction.hpp"
#include "core/model/event.hpp"

namespace understudy::capture {

struct RecorderOptions {
    ResultsPolicy policy = ResultsPolicy::digest;
    RedactionMaker redaction;
    /// Asked now and then: whether the sink still takes events. While it does not, pieces are counted and dropped.
    std::function<bool()> sink_ok;
    /// Called about once a second and once at the end, after the events so far, with the counters: the place to write
    /// them, to flush and to rotate. On the recorder's thread, as the sink is.
    std::function<void(const Counters&)> on_tick;
};

/// The thread that turns relayed pieces into events. Takes them from the rings in order of time, naps when there are
/// none: nobody wakes it, so that relaying costs no system call more.
class Recorder {
public:
    /// The references must outlive the recorder. `writers` are the rings' writing ends.
    Recorder(RecorderOptions options, const Digester& digester, EventSink& sink,
             std::vector<std::unique_ptr<RingWriter>>& writers, ProxyCounts& counts);
    ~Recorder();
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    /// Once nobody writes any more: handles what is left, ends the sessions that are open, ticks, joins the thread.
    void finish();
    /// All counters by name, as the file has them. From any thread; waits for the sink when that is slow.
    [[nodiscard]] Counters counters() const;

private:
    class GuardedSink final : public EventSink {
    public:
        GuardedSink(EventSink& sink, ProxyCounts& counts) : sink_(sink), counts_(counts) {}
        void on_event(Event&& event) override;

    private:
        EventSink& sink_;
        ProxyCounts& counts_;
    };

    void run();
    /// Handles items up to `until`, at most a batch; false when there were none.
    bool drain(Timestamp until);
    void handle(const RecordItem& item, BytesView bytes);
    void end_session(TappedSession* session, CloseReason reason, Timestamp time);
    void tick();

    RecorderOptions options_;
    GuardedSink sink_;
    std::vector<std::unique_ptr<RingWriter>>& writers_;
    ProxyCounts& counts_;
    mutable std::mutex context_mutex_;  // of context_, which counters() reads
    DecodeContext context_;
    std::unique_ptr<Redaction> redaction_;
    std::unordered_set<TappedSession*> sessions_;
    bool sink_ok_ = true;
    std::mutex stop_mutex_;
    std::condition_variable stop_wakes_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace understudy::capture
