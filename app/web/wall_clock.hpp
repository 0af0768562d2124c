#pragma once

#include "app/service/cron.hpp"
#include "core/base/time.hpp"

namespace understudy::app {

/// The wall clock itself: a service that runs for months has to follow it through suspensions and corrections, which
/// system_clock() does not.
Timestamp wall_now();

/// How far the process's local time (TZ) is ahead of UTC at an instant.
Duration local_offset(Timestamp instant);

/// Makes a zone of the tz database the process's local time; before any thread starts. Errors: Errc::usage for one that
/// this machine does not have.
Result<void> set_time_zone(const std::string& name);

}  // namespace understudy::app
