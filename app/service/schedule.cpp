#include "app/service/schedule.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/service/tokens.hpp"

namespace understudy::app::service {
namespace {

constexpr std::size_t kMaxSchedules = 1000;

std::optional<DueStart> due_of(const Schedule& schedule, Timestamp now, const ZoneOffset& zone) {
    const auto cron = parse_cron(schedule.cron);
    if (!cron) return std::nullopt;
    const auto due = next_due(*cron, schedule.handled, zone);
    if (!due || *due > now) return std::nullopt;
    DueStart start{schedule.rehearsal, *due, 0};
    auto later = next_due(*cron, *due, zone);
    while (later && *later <= now && start.missed < kMaxMissed) {
        ++start.missed;
        later = next_due(*cron, *later, zone);
    }
    return start;
}

}  // namespace

std::vector<DueStart> due_starts(const std::vector<Schedule>& schedules, Timestamp now, const ZoneOffset& zone,
                                 const std::map<std::string, std::string>& targets,
                                 std::set<std::string> busy_targets) {
    std::vector<DueStart> due;
    for (const Schedule& schedule : schedules) {
        if (targets.count(schedule.rehearsal) == 0) continue;
        if (auto start = due_of(schedule, now, zone)) due.push_back(std::move(*start));
    }
    std::stable_sort(due.begin(), due.end(), [](const DueStart& a, const DueStart& b) { return a.due < b.due; });
    std::erase_if(due, [&](const DueStart& start) { return !busy_targets.insert(targets.at(start.rehearsal)).second; });
    return due;
}

Result<std::vector<Schedule>> parse_schedules(const std::string& json) {
    const auto bad = [] { return make_error(Errc::malformed, "no list of schedules"); };
    const auto root = nlohmann::json::parse(json, nullptr, false);
    if (!root.is_array() || root.size() > kMaxSchedules) return bad();
    std::vector<Schedule> schedules;
    for (const auto& entry : root) {
        const auto text = [&](const char* key) {
            return entry.is_object() && entry.contains(key) && entry[key].is_string() ? entry[key].get<std::string>()
                                                                                      : std::string();
        };
        const bool timed = entry.is_object() && entry.contains("handled_ns") && entry["handled_ns"].is_number_integer();
        Schedule schedule{text("rehearsal"), text("cron"), {}, text("set_by")};
        if (!timed || !is_plain_name(schedule.rehearsal)) return bad();
        UNDERSTUDY_CHECK(parse_cron(schedule.cron));
        schedule.handled = Timestamp::from_ns(entry["handled_ns"].get<std::int64_t>());
        schedules.push_back(std::move(schedule));
    }
    return schedules;
}

std::string schedules_json(const std::vector<Schedule>& schedules) {
    auto root = nlohmann::json::array();
    for (const Schedule& schedule : schedules) {
        root.push_back({{"rehearsal", schedule.rehearsal},
                        {"cron", schedule.cron},
                        {"handled_ns", schedule.handled.ns()},
                        {"set_by", schedule.set_by}});
    }
    return root.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace understudy::app::service
