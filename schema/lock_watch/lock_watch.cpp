#include "schema/lock_watch/lock_watch.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "schema/lock_watch/lock_observer.hpp"
#include "schema/lock_watch/read_sample.hpp"

namespace understudy::schema::lock_watch {

struct LockWatch::Impl {
    Impl(catalog::ControlConnection opened, MigrationSelector selected, const WatchOptions& chosen)
        : connection(std::move(opened)), selector(std::move(selected)), options(chosen), observer(selector) {}

    /// One look. False once the connection is lost.
    bool look() {
        const auto sample = read_sample(connection, selector, before.has_wait_start);
        if (sample) {
            if (last.known()) cost = sample->time - last - pause;
            last = sample->time;
            observer.take(*sample);
            return true;
        }
        observer.failed_sample();
        if (connection.last_failure() != catalog::QueryFailure::connection) return true;
        failure = sample.error().message;
        return false;
    }
    /// The thread's: it alone uses the connection and the observer while it runs.
    void run() {
        constexpr double kBackoff = 3;
        std::unique_lock lock(mutex);
        while (!stopping) {
            pause = std::max(options.interval, cost.scaled(kBackoff));
            pause = std::min(pause, Duration::seconds(1));
            wake.wait_for(lock, std::chrono::nanoseconds(pause.count_ns()), [this] { return stopping; });
            if (stopping) return;
            lock.unlock();
            const bool alive = look();
            lock.lock();
            if (!alive) return;
        }
    }
    void join() {
        {
            const std::lock_guard lock(mutex);
            stopping = true;
        }
        wake.notify_all();
        if (thread.joinable()) thread.join();
    }

    catalog::ControlConnection connection;
    MigrationSelector selector;
    WatchOptions options;
    LockObserver observer;
    ServerTotals before;
    Timestamp last;
    Duration pause;
    Duration cost;
    std::string failure;

    std::mutex mutex;
    std::condition_variable wake;
    bool stopping = false;
    std::thread thread;
};

LockWatch::LockWatch(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LockWatch::~LockWatch() { impl_->join(); }

Result<std::unique_ptr<LockWatch>> LockWatch::start(const std::string& conninfo, MigrationSelector selector,
                                                    const WatchOptions& options) {
    UNDERSTUDY_TRY(auto connection, catalog::ControlConnection::open(conninfo));
    UNDERSTUDY_CHECK(prepare_session(connection));
    auto impl = std::make_unique<Impl>(std::move(connection), std::move(selector), options);
    UNDERSTUDY_TRY(impl->before, read_totals(impl->connection));
    if (!impl->look()) return make_error(Errc::io, impl->failure);
    impl->thread = std::thread([watch = impl.get()] { watch->run(); });
    return std::unique_ptr<LockWatch>(new LockWatch(std::move(impl)));
}

Result<MigrationObservation> LockWatch::stop() {
    impl_->join();
    if (impl_->failure.empty()) impl_->look();
    ServerTotals after;
    if (impl_->failure.empty()) {
        auto totals = read_totals(impl_->connection);
        if (totals) {
            after = std::move(*totals);
        } else {
            impl_->failure = totals.error().message;
        }
    }
    const bool ended = impl_->failure.empty();
    MigrationObservation seen = impl_->observer.finish(ended ? impl_->before : ServerTotals(), after);
    seen.failure = impl_->failure;
    return seen;
}

}  // namespace understudy::schema::lock_watch
