#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/capture/capture_options.hpp"
#include "app/capture/redaction_options.hpp"
#include "capture/record/event_recorder.hpp"
#include "core/exchange/result_digest.hpp"

namespace understudy::app {

/// What a source tells once a second.
struct SourceProgress {
    std::uint64_t sessions = 0;
    std::uint64_t open_sessions = 0;
    std::uint64_t bytes = 0;      ///< of the traffic
    std::uint64_t exchanges = 0;  ///< seen; 0 where the source does not count them
    Counters counters;            ///< of the source, without the recorder's
};

/// Where a capture goes, whatever its source: key, files, rotation, limits, status line.
class Recording {
public:
    /// `header` says what the source knows; the rest is filled in. A `live` source never waits for the writer.
    /// `catalog`, or nullptr, is for redaction. Nothing is written before open().
    static Result<std::unique_ptr<Recording>> prepare(const CaptureOptions& options, CaptureHeader header, bool live,
                                                      std::shared_ptr<const catalog::Catalog> catalog);
    /// Makes the file, or the directory, and the digest key. After it the recorder is there.
    Result<void> open();

    [[nodiscard]] const Digester& digester() const { return *digester_; }
    [[nodiscard]] ResultsPolicy policy() const { return policy_; }
    /// What the source redacts by; empty without --redact.
    [[nodiscard]] const capture::RedactionMaker& redaction() const { return redaction_; }
    [[nodiscard]] capture::EventRecorder& recorder() { return *recorder_; }

    /// For a live source: false when the capture is to end: a signal, the duration, the size.
    bool go_on(Timestamp now);
    /// To be called often, from the thread that records. About once a second it asks for the progress, shows it, makes
    /// what was recorded readable, and rotates.
    void tick(Timestamp now, const std::function<SourceProgress()>& progress);
    /// Completes the file. `counters` are the source's.
    Result<void> finish(Counters counters);
    /// For people: how much was recorded, and why it ended unless that was a signal or the end of the source.
    [[nodiscard]] std::string outcome() const;

private:
    Recording() = default;
    void show(Timestamp now, const SourceProgress& progress);

    std::optional<Digester> digester_;
    ResultsPolicy policy_ = ResultsPolicy::digest;
    capture::RedactionMaker redaction_;
    capture::EventRecorderOptions recorder_options_;
    CaptureHeader header_;
    std::optional<DigestKey> key_;
    std::string save_key_to_;
    std::unique_ptr<capture::EventRecorder> recorder_;
    Duration limit_;
    std::string reason_;  // empty for a signal
    bool rotating_ = false;
    bool quiet_ = false;
    bool terminal_ = false;
    Timestamp begun_;
    Timestamp ticked_;
    std::atomic<bool> tick_now_ = false;
    // of the line shown last
    Timestamp shown_;
    std::uint64_t shown_exchanges_ = 0;
    std::uint64_t shown_bytes_ = 0;
    std::uint64_t shown_loss_ = 0;
    bool failure_said_ = false;
};

/// What `capture` says about secrets when it begins, after "statements and bound values are stored as sent".
std::string how_stored(const CaptureOptions& options);

/// All losses of packets, bytes and exchanges, as one number for the status line.
std::uint64_t losses_in(const Counters& counters);

}  // namespace understudy::app
