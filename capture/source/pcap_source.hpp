#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/base/time.hpp"

struct pcap;

namespace understudy::capture {

/// Receives packets. Must not throw: libpcap's C code lies between it and the caller of read().
class PacketHandler {
public:
    virtual ~PacketHandler() = default;
    /// `packet` is valid during the call; `original_length` is its length on the wire. `time` has the
    /// precision of the file or device, at best nanoseconds, and is unknown (0) where a file gives an
    /// impossible one.
    virtual void on_packet(int link_type, BytesView packet, std::uint32_t original_length, Timestamp time) = 0;
};

struct LiveOptions {
    std::string interface;
    std::string filter;  ///< a BPF expression (pcap-filter(7)), applied in the kernel; empty takes everything
    /// Instead of `filter` where the interface's link type knows VLAN tags: those of the "any" interface do not.
    std::string filter_with_vlan;
    int snap_length = 262'144;
    int buffer_bytes = 64 << 20;  ///< the kernel's ring, which bridges the time until packets are read
};

/// How long read() waits for a packet on a live interface, and how long the kernel may collect packets.
inline constexpr int kLiveTimeoutMs = 100;

enum class ReadStatus : std::uint8_t {
    packets,  ///< packets were handed over, or are there now: read again
    idle,     ///< live only: none came for kLiveTimeoutMs
    end,      ///< the file ended, properly
};

/// Of a live interface, since it was opened.
struct PcapStats {
    std::uint64_t received = 0;              ///< on "lo" twice the packets handed over, see PcapSource
    std::uint64_t dropped_by_kernel = 0;     ///< the ring was full: this program was too slow
    std::uint64_t dropped_by_interface = 0;  ///< the network card or its driver lost them
};

/// Packets from a live interface or from a pcap or pcapng file, through libpcap. A shell: it decides nothing.
///
/// Drive it by read() until `end` or an error. Not thread-safe. Of a live interface it is passive: not
/// promiscuous, and it sends nothing. Linux gives packets of "lo" to a capture twice, going out and coming
/// in; libpcap drops the former.
class PcapSource {
public:
    /// A capture file, or "-" for standard input. Compressed files give an error that says so.
    static Result<PcapSource> open_file(const std::string& path, const std::string& filter = {});
    static Result<PcapSource> open_live(const LiveOptions& options);

    /// Hands over up to `max_packets`. A file that was cut gives its packets first, then Errc::end_of_file.
    Result<ReadStatus> read(PacketHandler& handler, int max_packets);
    /// The same without waiting: `idle` when there are none.
    Result<ReadStatus> read_now(PacketHandler& handler, int max_packets);
    /// Of a live interface: readable when packets are there. Stays the source's.
    [[nodiscard]] int descriptor() const;

    [[nodiscard]] int link_type() const { return link_type_; }
    /// For a file: `received` counts what was read.
    Result<PcapStats> stats();

private:
    struct Close {
        void operator()(pcap* handle) const;
    };
    using Handle = std::unique_ptr<pcap, Close>;

    PcapSource(Handle handle, std::string name, bool live);
    Result<ReadStatus> wait();

    Handle handle_;
    std::string name_;
    bool live_;
    int link_type_;
    Timestamp not_before_;  // live: when the filter was in place
    std::uint64_t packets_read_ = 0;
    PcapStats stats_;  // libpcap counts in 32 bits: the differences are added up here, from the values seen last
    std::uint32_t seen_received_ = 0;
    std::uint32_t seen_dropped_ = 0;
    std::uint32_t seen_interface_dropped_ = 0;
};

}  // namespace understudy::capture
