#include "capture/source/pcap_group.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <cerrno>
#include <cstring>

namespace understudy::capture {

Result<PcapGroup> PcapGroup::open_live(const std::vector<std::string>& interfaces, LiveOptions options) {
    std::vector<PcapSource> sources;
    for (const std::string& interface : interfaces) {
        options.interface = interface;
        UNDERSTUDY_TRY(PcapSource source, PcapSource::open_live(options));
        sources.push_back(std::move(source));
    }
    return PcapGroup(std::move(sources));
}

PcapGroup PcapGroup::of(PcapSource source) {
    std::vector<PcapSource> sources;
    sources.push_back(std::move(source));
    return PcapGroup(std::move(sources));
}

Result<ReadStatus> PcapGroup::read(PacketHandler& handler, int max_packets) {
    if (sources_.size() == 1) return sources_.front().read(handler, max_packets);
    bool any = false;
    for (PcapSource& source : sources_) {
        UNDERSTUDY_TRY(const ReadStatus status, source.read_now(handler, max_packets));
        any = any || status == ReadStatus::packets;
    }
    return any ? ReadStatus::packets : wait();
}

/// Until one of them has packets, or the timeout, or a signal.
Result<ReadStatus> PcapGroup::wait() {
    std::vector<pollfd> ready;
    for (const PcapSource& source : sources_) ready.push_back({source.descriptor(), POLLIN, 0});
    const int count = poll(ready.data(), ready.size(), kLiveTimeoutMs);
    if (count < 0 && errno != EINTR) {
        return make_error(Errc::io, fmt::format("waiting for packets: {}", std::strerror(errno)));
    }
    return count > 0 ? ReadStatus::packets : ReadStatus::idle;
}

Result<PcapStats> PcapGroup::stats() {
    PcapStats all;
    for (PcapSource& source : sources_) {
        UNDERSTUDY_TRY(const PcapStats one, source.stats());
        all.received += one.received;
        all.dropped_by_kernel += one.dropped_by_kernel;
        all.dropped_by_interface += one.dropped_by_interface;
    }
    return all;
}

}  // namespace understudy::capture
