#include "app/check/recorded_capture.hpp"

#include "app/capture_input.hpp"
#include "schema/check/collector.hpp"

namespace understudy::app {

Result<RecordedCapture> recorded_capture(const std::string& capture, const std::string& database, const Keys& keys) {
    schema::StatementCollector collector(database);
    RecordedCapture recorded;
    UNDERSTUDY_TRY(const auto files, input_files({capture}));
    for (const std::string& file : files) {
        UNDERSTUDY_TRY(const inspect::FileReport report,
                       read_capture(file, keys.ring, [&](Event&& event) { collector.on_event(event); }));
        if (recorded.system_identifier == 0) recorded.system_identifier = report.header.system_identifier;
    }
    recorded.statements = collector.take();
    return recorded;
}

}  // namespace understudy::app
