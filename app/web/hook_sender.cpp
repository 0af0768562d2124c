#include "app/web/hook_sender.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <list>
#include <nlohmann/json.hpp>
#include <thread>

#include "app/compare/report_files.hpp"
#include "app/compare/rules_file.hpp"
#include "app/service/hook_address.hpp"
#include "app/web/audit_file.hpp"
#include "app/web/hook_post.hpp"
#include "app/web/service.hpp"
#include "app/web/wall_clock.hpp"

namespace understudy::app {
namespace {

namespace asio = boost::asio;
using service::Hook;
using service::HookAnswer;
using service::HookEvent;
using service::RunRecord;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr auto kHookFarewell = std::chrono::seconds(2);
constexpr std::size_t kMaxSecret = 4096;
constexpr const char* kBook = "hooks.json";

/// The one line of a file that holds a secret; it goes into a header, so it is printable.
Result<std::string> secret_in(const std::string& path) {
    if (path.empty()) return std::string();
    UNDERSTUDY_TRY(std::string text, read_text_file(path));
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
    const auto is_wrong = [](char c) { return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f; };
    if (text.empty() || text.size() > kMaxSecret || std::any_of(text.begin(), text.end(), is_wrong))
        return make_error(Errc::malformed, path + ": one line of printable ASCII is wanted");
    return text;
}

struct HookSecrets {
    std::string url;
    std::string secret;
};

Result<HookSecrets> secrets_of(const Hook& hook) {
    HookSecrets secrets;
    if (hook.url_file.empty()) {
        secrets.url = hook.url;
    } else {
        UNDERSTUDY_TRY(secrets.url, secret_in(hook.url_file));
    }
    const auto address = service::parse_hook_url(secrets.url);
    if (!address) return make_error(Errc::malformed, "its address: " + address.error().message);
    UNDERSTUDY_TRY(secrets.secret, secret_in(hook.secret_file));
    return secrets;
}

struct HookItem {
    HookEvent event = HookEvent::began;
    RunRecord run;
};

/// One hook, and what it is still to hear.
struct HookLine {
    HookLine(const Hook& told, asio::io_context& context) : hook(told), wake(context) {}
    const Hook& hook;
    std::deque<HookItem> waiting;
    asio::steady_timer wake;
};

enum class HookOutcome : std::uint8_t { taken, given_up, superseded, interrupted };

nlohmann::json book_of(const RunStore& store, const std::string& run) {
    const auto text = read_text_file(store.file(run, kBook));
    auto json = text ? nlohmann::json::parse(*text, nullptr, false) : nlohmann::json();
    return json.is_object() ? json : nlohmann::json::object();
}

}  // namespace

struct HookSender::Working {
    Working(const service::ServeConfig& served, RunStore kept, service::ServiceCounters& counted)
        : config(served), store(std::move(kept)), counters(counted), audit(audit_path(served)), farewell(context) {
        for (const Hook& hook : config.hooks) lines.emplace_back(hook, context);
    }

    void add(HookLine& line, HookItem item) {
        ++counters.hooks_waiting;
        if (line.waiting.size() == service::kMaxHookWaiting) {
            line.waiting.pop_front();
            ++counters.hooks_dropped;
            --counters.hooks_waiting;
        }
        line.waiting.push_back(std::move(item));
        line.wake.cancel();
    }

    void write_down(const HookLine& line, const HookItem& item, bool taken) const {
        auto book = book_of(store, item.run.id);
        book[line.hook.name] = taken ? "taken" : "given up";
        const auto written = write_private_file(store.file(item.run.id, kBook), book.dump() + "\n");
        if (!written) fmt::print(stderr, "understudy: {}\n", written.error().message);
    }

    void say_failure(const HookLine& line, const HookItem& item, const HookAnswer& answer) {
        const std::string what = fmt::format("hook {} {} {}", line.hook.name, to_string(item.event), item.run.id);
        fmt::print(stderr, "understudy: {}: given up: {}\n", what, answer.why);
        const auto written = audit.append({"", "", "", what, answer.status, "given up: " + answer.why}, wall_now());
        if (written) return;
        ++counters.audit_failures;
        fmt::print(stderr, "understudy: {}\n", written.error().message);
    }

    [[nodiscard]] static bool is_over_meanwhile(const HookLine& line, const HookItem& item) {
        const auto is_end = [&](const HookItem& other) { return other.event == HookEvent::ended && other.run.id == item.run.id; };
        return item.event == HookEvent::began && std::any_of(line.waiting.begin(), line.waiting.end(), is_end);
    }

    /// Waits for the time or the service's end.
    asio::awaitable<void> pause_for(Duration pause) {
        const auto until = std::chrono::nanoseconds(pause.count_ns());
        asio::steady_timer timer(context, until);
        pauses.push_back(&timer);
        if (!ending) co_await timer.async_wait(kAwait);
        std::erase(pauses, &timer);
    }

    asio::awaitable<HookAnswer> attempt(const HookLine& line, const HookItem& item, std::size_t index, bool& any) {
        const auto secrets = secrets_of(line.hook);
        if (!secrets) co_return HookAnswer{0, std::nullopt, {}, secrets.error().message};
        const std::string page = config.address.empty() ? std::string() : config.address + "/runs/" + item.run.id;
        auto requests = service::hook_requests(line.hook, secrets->url, secrets->secret, item.event, item.run, page);
        any = index < requests.size();
        if (!any) co_return HookAnswer{200, std::nullopt, {}, {}};
        try {
            co_return co_await make_hook_request(std::move(requests[index]), line.hook.ca_file);
        } catch (const std::exception& error) {
            co_return HookAnswer{0, std::nullopt, {}, error.what()};
        }
    }

    /// One of an event's requests, until it is taken or given up. `any`: false where the event has no such request.
    asio::awaitable<HookOutcome> send(HookLine& line, const HookItem& item, std::size_t index, bool& any) {
        Duration waited;
        for (unsigned attempts = 1;; ++attempts) {
            const HookAnswer answer = co_await attempt(line, item, index, any);
            const auto next = service::next_attempt(answer, attempts, waited, line.hook.patience);
            if (next.delivered) co_return HookOutcome::taken;
            if (!next.pause) {
                say_failure(line, item, answer);
                co_return HookOutcome::given_up;
            }
            if (is_over_meanwhile(line, item)) co_return HookOutcome::superseded;
            co_await pause_for(*next.pause);
            if (ending) co_return HookOutcome::interrupted;
            if (is_over_meanwhile(line, item)) co_return HookOutcome::superseded;
            waited = waited + *next.pause;
            ++counters.hook_retries;
        }
    }

    /// Tells all of an event. False where the service ends before that.
    asio::awaitable<bool> deliver(HookLine& line, const HookItem& item) {
        bool failed = false;
        bool any = true;
        bool wanted = false;
        for (std::size_t index = 0; any && index < kMostRequests; ++index) {
            const HookOutcome outcome = co_await send(line, item, index, any);
            wanted = wanted || any;
            if (outcome == HookOutcome::interrupted) co_return false;
            if (outcome == HookOutcome::superseded) {
                ++counters.hooks_superseded;
                co_return true;
            }
            failed = failed || outcome == HookOutcome::given_up;
        }
        if (wanted) ++(failed ? counters.hooks_failed : counters.hooks_sent);
        if (item.event == HookEvent::ended) write_down(line, item, !failed);
        co_return true;
    }

    asio::awaitable<void> work(HookLine& line) {
        while (true) {
            while (line.waiting.empty()) {
                if (ending) co_return;
                line.wake.expires_at(asio::steady_timer::time_point::max());
                co_await line.wake.async_wait(kAwait);
            }
            const HookItem item = std::move(line.waiting.front());
            line.waiting.pop_front();
            if (!co_await deliver(line, item)) co_return;
            --counters.hooks_waiting;
        }
    }

    static constexpr std::size_t kMostRequests = 2;  // of an event: a status and a comment

    const service::ServeConfig& config;
    const RunStore store;
    service::ServiceCounters& counters;
    AuditFile audit;
    asio::io_context context{1};
    asio::steady_timer farewell;
    std::list<HookLine> lines;
    std::vector<asio::steady_timer*> pauses;
    std::size_t at_work = 0;
    bool ending = false;
    asio::executor_work_guard<asio::io_context::executor_type> guard{context.get_executor()};
    std::thread thread;
};

HookSender::HookSender(std::unique_ptr<Working> working) : working_(std::move(working)) {
    Working& all = *working_;
    all.at_work = all.lines.size();
    for (HookLine& line : all.lines) {
        asio::co_spawn(all.context, all.work(line), [&all, &line](const std::exception_ptr& failure) {
            if (failure) fmt::print(stderr, "understudy: hook {} is told nothing more until the next start\n", line.hook.name);
            if (--all.at_work == 0) all.farewell.cancel();
        });
    }
    all.thread = std::thread([&all] { all.context.run(); });
}

HookSender::~HookSender() {
    asio::post(working_->context, [working = working_.get()] {
        working->ending = true;
        working->guard.reset();
        for (HookLine& line : working->lines) line.wake.cancel();
        for (asio::steady_timer* timer : working->pauses) timer->cancel();
        if (working->at_work == 0) return;
        working->farewell.expires_after(kHookFarewell);
        working->farewell.async_wait([working](const boost::system::error_code& error) {
            if (!error) working->context.stop();
        });
    });
    working_->thread.join();
}

Result<std::unique_ptr<HookSender>> HookSender::open(const service::ServeConfig& config, const RunStore& store,
                                                     service::ServiceCounters& counters) {
    for (const Hook& hook : config.hooks) {
        const auto secrets = secrets_of(hook);
        if (!secrets) return make_error(secrets.error().code, fmt::format("hook {}: {}", hook.name, secrets.error().message));
        if (hook.ca_file.empty()) continue;
        const auto read = read_text_file(hook.ca_file);
        if (!read) return make_error(read.error().code, fmt::format("hook {}: {}", hook.name, read.error().message));
    }
    return std::unique_ptr<HookSender>(new HookSender(std::make_unique<Working>(config, store, counters)));
}

void HookSender::tell(HookEvent event, const RunRecord& run) {
    if (run.hooks.empty()) return;
    asio::post(working_->context, [working = working_.get(), event, run] {
        for (HookLine& line : working->lines) {
            if (std::find(run.hooks.begin(), run.hooks.end(), line.hook.name) != run.hooks.end())
                working->add(line, {event, run});
        }
    });
}

void HookSender::tell_owed(const std::vector<RunRecord>& runs) {
    for (const RunRecord& run : runs) {
        if (run.hooks.empty() || !is_over(run.state)) continue;
        const auto book = book_of(working_->store, run.id);
        RunRecord owed = run;
        std::erase_if(owed.hooks, [&](const std::string& name) { return book.contains(name); });
        tell(HookEvent::ended, owed);
    }
}

}  // namespace understudy::app
