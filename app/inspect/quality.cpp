#include "app/inspect/quality.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace understudy::app::inspect {
namespace {

constexpr std::uint64_t kSmallestExchange = 5;  // bytes: a Sync

struct Loss {
    std::string_view name;
    std::string_view meaning;
    bool hides;
};

constexpr std::array kLosses = {
    Loss{"kernel_drops", "packets that the kernel dropped: its buffer was full", true},
    Loss{"interface_drops", "packets that the interface dropped", true},
    Loss{"truncated_packets", "packets cut by the snap length", true},
    Loss{"malformed_packets", "packets that are not what they say", true},
    Loss{"ip_fragments", "IP fragments, which are not put together", true},
    Loss{"unsupported_link_packets", "packets of a link type that is not read", true},
    Loss{"gaps", "places inside sessions where bytes are missing", false},
    Loss{"gap_bytes", "bytes missing inside sessions", false},
    Loss{"sessions_not_entered", "sessions in which no message could be told from the bytes around it", true},
    Loss{"bytes_before_join", "bytes of sessions before they could be entered", false},
    Loss{"unparsed_bytes", "bytes at a session's end that are no whole message", false},
    Loss{"unexpected_messages", "messages that do not fit the protocol's state", false},
    Loss{"incomplete_steps", "steps whose answer is not whole", false},
    Loss{"writer_exchanges", "exchanges left out: the writer was behind", false},
    Loss{"writer_records", "records of sessions' beginnings and ends left out: the writer was behind or had failed",
         true},
    Loss{"records_too_large", "records longer than the format allows", true},
    Loss{"proxy_queue_bytes", "bytes relayed and not recorded: the queue was full", false},
    Loss{"proxy_queue_gaps", "places where the proxy's queue was full", false},
    Loss{"proxy_queue_sessions", "sessions hit by the proxy's full queue", false},
    Loss{"proxy_sink_bytes", "bytes relayed and not recorded: the file could not be written", true},
    Loss{"proxy_sink_failures", "writes of the file that failed", true},
};

const Loss* find(std::string_view name) {
    const auto found = std::find_if(kLosses.begin(), kLosses.end(), [&](const Loss& l) { return l.name == name; });
    return found == kLosses.end() ? nullptr : &*found;
}

}  // namespace

void Quality::estimate_lost() {
    const std::uint64_t average = recorded == 0 ? kSmallestExchange : request_bytes / recorded;
    const std::uint64_t each = std::max(kSmallestExchange, average);
    const std::uint64_t in_bytes = client_gap_bytes / each + (client_gap_bytes % each == 0 ? 0 : 1);
    lost = std::max(client_gaps, in_bytes);
}

void Quality::add(const Quality& other) {
    recorded += other.recorded;
    whole += other.whole;
    running += other.running;
    dropped += other.dropped;
    lost += other.lost;
    client_gaps += other.client_gaps;
    server_gaps += other.server_gaps;
    gap_bytes += other.gap_bytes;
    unknown_gaps += other.unknown_gaps;
    unresolved += other.unresolved;
    inferred += other.inferred;
    request_bytes += other.request_bytes;
    client_gap_bytes += other.client_gap_bytes;
}

double Quality::percent() const {
    return known() == 0 ? 100.0 : 100.0 * static_cast<double>(whole) / static_cast<double>(known());
}

double Quality::percent_floor() const { return std::floor(percent() * 1000) / 1000; }

Json to_json(const Quality& quality) {
    Json json;
    json["percent"] = quality.percent_floor();
    json["known"] = quality.known();
    json["whole"] = quality.whole;
    json["damaged"] = quality.recorded - quality.whole;
    json["dropped"] = quality.dropped;
    json["lost_estimate"] = quality.lost;
    json["running"] = quality.running;
    json["client_gaps"] = quality.client_gaps;
    json["server_gaps"] = quality.server_gaps;
    json["gap_bytes"] = quality.gap_bytes;
    json["gaps_of_unknown_length"] = quality.unknown_gaps;
    json["unresolved_requests"] = quality.unresolved;
    json["inferred_statements"] = quality.inferred;
    return json;
}

std::string_view loss_meaning(std::string_view name) {
    const Loss* loss = find(name);
    return loss == nullptr ? std::string_view() : loss->meaning;
}

bool hides_traffic(std::string_view name) {
    const Loss* loss = find(name);
    return loss == nullptr || loss->hides;  // of one that is not known nothing better can be said
}

}  // namespace understudy::app::inspect
