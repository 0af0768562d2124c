#include "capture/source/pcap_group.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <cerrno>
#include <cstring>
#include <limits>

namespace understudy::capture {
namespace {

class Collector final : public PacketHandler {
public:
    explicit Collector(PacketOrder& order) : order_(order) {}
    void on_packet(int link_type, BytesView packet, std::uint32_t original_length, Timestamp time) override {
        order_.add(link_type, packet, original_length, time);
    }

private:
    PacketOrder& order_;
};

PacketOrder::Handler handing_to(PacketHandler& handler) {
    return [&handler](int link_type, BytesView packet, std::uint32_t original_length, Timestamp time) {
        handler.on_packet(link_type, packet, original_length, time);
    };
}

}  // namespace

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
    Collector collector(order_);
    bool any = false;
    for (PcapSource& source : sources_) {
        UNDERSTUDY_TRY(const ReadStatus status, source.read_now(collector, max_packets));
        any = any || status == ReadStatus::packets;
    }
    const std::size_t released = order_.release(system_clock().now() + (Duration() - kHold), handing_to(handler));
    if (any || released > 0) return ReadStatus::packets;
    UNDERSTUDY_TRY(const ReadStatus status, wait());
    return order_.empty() ? status : ReadStatus::packets;
}

void PcapGroup::flush(PacketHandler& handler) {
    order_.release(Timestamp::from_ns(std::numeric_limits<std::int64_t>::max()), handing_to(handler));
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
