#pragma once

#include <string>
#include <vector>

#include "capture/source/pcap_source.hpp"
#include "capture/stream/packet_order.hpp"

namespace understudy::capture {

/// Several live interfaces read as one, in order of time: packets are held for kHold until those of the others must
/// have come. A single source is read as it is.
class PcapGroup {
public:
    /// `options.interface` is replaced by each of `interfaces`.
    static Result<PcapGroup> open_live(const std::vector<std::string>& interfaces, LiveOptions options);
    static PcapGroup of(PcapSource source);

    /// The kernel may collect packets of an interface for kLiveTimeoutMs before it shows them.
    static constexpr Duration kHold = Duration::milliseconds(2 * kLiveTimeoutMs);

    /// As PcapSource::read, `max_packets` of each. `idle` when none of them has had a packet for kLiveTimeoutMs and
    /// none is held.
    Result<ReadStatus> read(PacketHandler& handler, int max_packets);
    /// Hands over what is held, at the end.
    void flush(PacketHandler& handler);
    /// Added up.
    Result<PcapStats> stats();

private:
    explicit PcapGroup(std::vector<PcapSource> sources) : sources_(std::move(sources)) {}
    Result<ReadStatus> wait();

    std::vector<PcapSource> sources_;
    PacketOrder order_;
};

}  // namespace understudy::capture
