#pragma once

#include <string>
#include <vector>

#include "capture/source/pcap_source.hpp"

namespace understudy::capture {

/// Several live interfaces read as one. Packets of different interfaces may come out of order by the time that one of
/// them waits for its turn, some milliseconds; those of one interface do not.
class PcapGroup {
public:
    /// `options.interface` is replaced by each of `interfaces`.
    static Result<PcapGroup> open_live(const std::vector<std::string>& interfaces, LiveOptions options);
    static PcapGroup of(PcapSource source);

    /// As PcapSource::read, `max_packets` of each. `idle` when none of them has had a packet for kLiveTimeoutMs.
    Result<ReadStatus> read(PacketHandler& handler, int max_packets);
    /// Added up.
    Result<PcapStats> stats();

private:
    explicit PcapGroup(std::vector<PcapSource> sources) : sources_(std::move(sources)) {}
    Result<ReadStatus> wait();

    std::vector<PcapSource> sources_;
};

}  // namespace understudy::capture
