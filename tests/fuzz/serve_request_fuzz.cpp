#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "app/service/cron.hpp"
#include "app/service/live_progress.hpp"
#include "app/service/routes.hpp"
#include "app/service/run_record.hpp"
#include "app/service/schedule.hpp"
#include "app/service/tokens.hpp"

namespace {

using namespace understudy;
using namespace understudy::app::service;

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

/// What visitors and files hand to the service: an address, a cron expression, a token file, a run's record, lines of
/// progress. Whatever it is, it is read or refused; a schedule comes after the time it is asked for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const std::size_t space = text.find(' ');
    if (const auto route =
            find_route(text.substr(0, space), space == std::string::npos ? text : text.substr(space + 1))) {
        for (const std::string& argument : route->arguments)
            require(argument != ".." && argument.find('/') == std::string::npos);
    }
    if (const auto cron = parse_cron(text)) {
        const Timestamp now = Timestamp() + Duration::seconds(1'790'000'000);
        const auto due = next_due(*cron, now, no_offset);
        require(due && *due > now && due->ns() % 60'000'000'000 == 0);
    }
    if (const auto tokens = parse_tokens(text)) {
        const auto again = parse_tokens(tokens_text(*tokens));
        require(again && *again == *tokens);
    }
    if (const auto run = parse_run(text)) {
        const auto again = parse_run(run_json(*run));
        require(again.has_value() && is_plain_name(again->id));
    }
    static_cast<void>(figures_of(text));
    static_cast<void>(parse_schedules(text));
    static_cast<void>(bearer_of(text));
    LiveProgress progress;
    progress.add(text);
    return 0;
}
