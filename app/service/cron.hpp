#pragma once

#include <bitset>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "core/base/time.hpp"

namespace understudy::app::service {

inline constexpr std::size_t kMaxCronText = 256;
inline constexpr std::size_t kMaxCronList = 64;  ///< entries of one field

/// When something comes round, as crontab has it (POSIX crontab, "The crontab command"): minute, hour, day of the
/// month, month, day of the week; lists, ranges, steps (*/15), names (jan, mon), 7 for Sunday; and @hourly, @daily,
/// @midnight,
/// @weekly, @monthly, @yearly, @annually. Where both days are restricted, either will do.
struct CronExpression {
    std::bitset<60> minutes;
    std::bitset<24> hours;
    std::bitset<32> days;     ///< from 1
    std::bitset<13> months;   ///< from 1
    std::bitset<7> weekdays;  ///< from Sunday
    bool any_day = true;      ///< the field is *
    bool any_weekday = true;
};

/// Errors: Errc::malformed, saying which field is wrong and what it may hold; also for a day that never comes.
Result<CronExpression> parse_cron(std::string_view text);

/// How far local time is ahead of UTC at an instant.
using ZoneOffset = std::function<Duration(Timestamp)>;
/// UTC itself.
Duration no_offset(Timestamp instant);

/// The first time after `after` that it names, by the local time of `zone`. A time that is skipped when clocks go
/// forward comes as much later as they went (02:30 becomes 03:30); one that comes twice when they go back counts the
/// first time only, so what is hourly has a pause of two hours then. Nothing if it does not come within eight years.
std::optional<Timestamp> next_due(const CronExpression& cron, Timestamp after, const ZoneOffset& zone);

}  // namespace understudy::app::service
