#pragma once

#include <memory>
#include <string>

#include "core/model/event.hpp"
#include "core/store/sealing.hpp"
#include "replay/plan/resume_points.hpp"

namespace understudy::app {

/// How far the interrupted replay got whose answers are at `path` (a file or a directory). Errors: Errc::usage where it
/// is no replay, or was not one with --read-only: what it had written when it ended would be written again, or not be
/// there; those of reading.
Result<std::shared_ptr<const replay::ResumePoints>> read_resume_points(const std::string& path,
                                                                       const store::KeyRing& keys);

/// Copies what is done from the earlier answers, so that the new file is whole by itself. The two must have one digest
/// key and results policy. Errors: Errc::usage where not; those of reading.
Result<void> copy_answers(const std::string& path, const store::KeyRing& keys, const replay::ResumePoints& done,
                          const CaptureHeader& header, EventSink& sink);

}  // namespace understudy::app
