// What a replay's file says of its times, beside its source: how long answers took, how long it took from an answer to
// the next request, and for one at speed 1 how evenly it sent (without trusting its own counters). Microseconds.
//
// bench_replay_times SOURCE REPLAYED [paced]

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "core/store/capture_reader.hpp"

namespace {

using namespace understudy;  // NOLINT: a program of one file

using Times = std::unordered_map<ExchangeId, std::int64_t>;

/// When the first message of each exchange was sent, and when its answer ended. Files of a few million exchanges.
struct FileTimes {
    Times sent;
    Times answered;
};

FileTimes read(const char* path) {
    FileTimes times;
    auto reader = store::CaptureReader::open(path).value();
    while (auto event = reader->next().value()) {
        if (const auto* request = std::get_if<Request>(&*event)) {
            times.sent.try_emplace({request->session, request->ordinal}, request->time.ns());
        } else if (const auto* response = std::get_if<Response>(&*event)) {
            if (response->ready.known()) times.answered[{response->session, response->ordinal}] = response->ready.ns();
        }
    }
    return times;
}

void show(const char* name, std::vector<std::int64_t>& values) {
    std::sort(values.begin(), values.end());
    if (values.empty()) return;
    const auto at = [&](double q) {
        return static_cast<double>(values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))]) /
               1000.0;
    };
    fmt::print("{:28} p50 {:9.1f}  p99 {:9.1f}  max {:9.1f}\n", name, at(0.5), at(0.99), at(1));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3 && argc != 4) return 2;
    const FileTimes source = read(argv[1]);
    const FileTimes replayed = read(argv[2]);
    std::vector<std::int64_t> late;
    std::vector<std::int64_t> service;
    std::vector<std::int64_t> turnaround;
    for (const auto& [id, sent] : replayed.sent) {
        if (const auto recorded = source.sent.find(id); recorded != source.sent.end())
            late.push_back(sent - recorded->second);
        if (const auto end = replayed.answered.find(id); end != replayed.answered.end())
            service.push_back(end->second - sent);
        if (id.ordinal.value() == 0) continue;
        const auto before = replayed.answered.find({id.session, Ordinal(id.ordinal.value() - 1)});
        if (before != replayed.answered.end()) turnaround.push_back(sent - before->second);
    }
    if (!late.empty()) {
        const std::int64_t earliest = *std::min_element(late.begin(), late.end());
        for (std::int64_t& value : late) value -= earliest;
    }
    if (argc == 4) show("sent, beside the earliest", late);
    show("request to answer", service);
    show("answer to next request", turnaround);
    return 0;
}
