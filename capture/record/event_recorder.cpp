#include "capture/record/event_recorder.hpp"

#include <utility>

#include "core/store/chunk.hpp"

namespace understudy::capture {
namespace {

/// Of the queue: from here on no new exchange is recorded, and the rest is for those that have begun.
constexpr double kScarce = 0.7;
/// Past the queue's size, for what says who a session is and what was lost.
constexpr double kNone = 1.25;
/// Counters are written with each tick where a loss has grown, else so often.
constexpr Duration kCountersEvery = Duration::seconds(60);

/// Of a counter that only this thread changes, and others read.
void add_one(std::atomic<std::uint64_t>& counter) {
    counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

bool is_loss(const std::string& name) { return name.starts_with("loss."); }

}  // namespace

Result<std::unique_ptr<EventRecorder>> EventRecorder::start(const EventRecorderOptions& options,
                                                            const CaptureHeader& header) {
    UNDERSTUDY_TRY(auto output, CaptureOutput::open(options.output, header));
    std::unique_ptr<EventRecorder> recorder(new EventRecorder(options, std::move(output)));
    recorder->last_ = header.created;
    recorder->file_begun_ = header.created;
    recorder->writer_ = std::thread([self = recorder.get()] { self->write(); });
    return recorder;
}

EventRecorder::EventRecorder(const EventRecorderOptions& options, std::unique_ptr<CaptureOutput> output)
    : options_(options), output_(std::move(output)) {
    if (options_.may_drop || options_.output.rotating) states_.emplace();
    current_path_ = output_->current_path();
    file_size_ = total_size_ = output_->total_size();
    files_ = 1;
}

EventRecorder::~EventRecorder() {
    queue_.close();
    if (writer_.joinable()) writer_.join();
}

void EventRecorder::on_event(Event&& event) {
    const bool recorded = !options_.may_drop || admit(event);
    if (states_) states_->on_event(event);
    if (const auto* catalog = std::get_if<CatalogRecord>(&event); catalog != nullptr && options_.output.rotating) {
        catalog_ = *catalog;
    }
    if (!recorded) return;
    if (const auto* response = std::get_if<Response>(&event); response != nullptr && response->ready.known()) {
        add_one(exchanges_);
    }
    encode(event);
    if (chunk_.records.size() >= store::kChunkTarget) close_chunk();
}

/// Whether there is room for `event`. Before one that is recorded it is told what was left out of its session since the
/// last, and what state the session was left in.
bool EventRecorder::admit(const Event& event) {
    const bool admitted = admission_.admit(event, room());
    const SessionId session = store::event_session(event);
    const bool closes = std::holds_alternative<SessionClosed>(event);
    if (!admitted) {
        exchanges_dropped_ = admission_.exchanges_dropped();
        records_dropped_ = admission_.records_dropped();
    } else if (const std::uint64_t dropped = admission_.take_dropped(session); dropped > 0) {
        encode(Gap{session, last_, false, 0, dropped});
        if (auto state = states_->state_of(session, last_); state && !closes) encode(std::move(*state));
    }
    if (closes) admission_.forget(session);
    return admitted;
}

void EventRecorder::encode(const Event& event) {
    const Timestamp time = store::event_time(event);
    if (chunk_.count == 0) {
        chunk_.base = time.known() ? time : last_;
        codec_.begin_chunk(chunk_.base);
    }
    if (!codec_.append(chunk_.records, event)) {
        ++too_large_;
        return;
    }
    if (time > last_) last_ = time;
    ++chunk_.count;
    add_one(records_);
}

void EventRecorder::close_chunk() {
    if (chunk_.count == 0) return;
    chunk_.last = last_;
    if (!options_.may_drop) queue_.wait_below(options_.queue_bytes);
    queue_.push(std::exchange(chunk_, PlainChunk{queue_.buffer(), 0, {}, {}, false}));
}

Room EventRecorder::room() const {
    const auto waiting = static_cast<double>(queue_.bytes() + chunk_.records.size());
    const auto limit = static_cast<double>(options_.queue_bytes);
    if (waiting < limit * kScarce) return Room::ample;
    if (waiting < limit) return Room::scarce;
    return waiting < limit * kNone ? Room::exhausted : Room::none;
}

void EventRecorder::tick(Timestamp now, const Counters& totals) {
    if (rotation_due(now)) {
        write_counters(totals);
        begin_next_file(now);
        totals_before_ = totals.values;
    }
    bool lost_more = false;
    for (const auto& [name, value] : totals.values) {
        std::uint64_t& written = losses_written_[name];
        if (is_loss(name) && std::exchange(written, value) != value) lost_more = true;
    }
    if (lost_more || now - counters_written_ >= kCountersEvery) {
        write_counters(totals);
        counters_written_ = now;
    }
    close_chunk();
}

bool EventRecorder::rotation_due(Timestamp now) const {
    if (!options_.output.rotating || failed_) return false;
    if (rotation_requested_) return true;
    if (options_.rotate_every.count_ns() > 0 && now - file_begun_ >= options_.rotate_every) return true;
    return options_.rotate_size > 0 && file_size_ >= options_.rotate_size;
}

/// Whatever comes now stands in a file that must not need the one before it.
void EventRecorder::begin_next_file(Timestamp now) {
    close_chunk();
    PlainChunk mark;
    mark.new_file = true;
    mark.base = now;
    queue_.push(std::move(mark));
    rotation_requested_ = false;
    file_begun_ = now;
    file_size_ = 0;  // until the writer knows better
    if (catalog_) encode(*catalog_);
    for (SessionState& state : states_->states(now)) {
        encode(std::move(state));
        if (chunk_.records.size() >= store::kChunkTarget) close_chunk();
    }
}

/// Counters of a file are those of the time since it began.
void EventRecorder::write_counters(const Counters& totals) {
    Counters of_file;
    for (const auto& [name, value] : totals.values) {
        const auto before = totals_before_.find(name);
        const std::uint64_t start = before == totals_before_.end() ? 0 : before->second;
        of_file.values[name] = value - std::min(start, value);
    }
    encode(of_file);
}

Result<void> EventRecorder::finish(const Counters& totals) {
    write_counters(totals);
    close_chunk();
    queue_.close();
    writer_.join();
    const std::lock_guard lock(mutex_);
    if (failure_) return *failure_;
    auto finished = output_->finish();
    file_size_ = output_->file_size();
    total_size_ = output_->total_size();
    return finished;
}

/// The writing thread.
void EventRecorder::write() {
    while (auto chunk = queue_.pop()) {
        Result<void> written;
        if (failed_) {
            records_after_failure_ += chunk->count;
        } else if (chunk->new_file) {
            written = output_->rotate(chunk->base);
        } else {
            written = output_->append(chunk->records, chunk->count, chunk->base, chunk->last);
        }
        {
            const std::lock_guard lock(mutex_);
            if (!written) {
                failure_ = written.error();
                failed_ = true;
            }
            if (chunk->new_file) current_path_ = output_->current_path();
        }
        file_size_ = output_->file_size();
        total_size_ = output_->total_size();
        files_ = output_->files();
        queue_.done(std::move(*chunk));
    }
}

std::optional<Error> EventRecorder::failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
}

bool EventRecorder::full() const { return options_.max_size > 0 && total_size_ >= options_.max_size; }

std::string EventRecorder::current_path() const {
    const std::lock_guard lock(mutex_);
    return current_path_;
}

EventRecorder::Stats EventRecorder::stats() const {
    Stats stats;
    stats.records = records_;
    stats.bytes_written = total_size_;
    stats.bytes_waiting = queue_.bytes();
    stats.exchanges_dropped = exchanges_dropped_;
    stats.exchanges = exchanges_;
    stats.records_dropped = records_dropped_ + records_after_failure_;
    stats.records_too_large = too_large_;
    stats.files = files_;
    return stats;
}

void EventRecorder::add_counters(Counters& counters) const {
    const Stats now = stats();
    counters.values["loss.writer_exchanges"] = now.exchanges_dropped;
    counters.values["loss.writer_records"] = now.records_dropped;
    counters.values["loss.records_too_large"] = now.records_too_large;
}

}  // namespace understudy::capture
