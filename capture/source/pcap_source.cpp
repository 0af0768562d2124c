#include "capture/source/pcap_source.hpp"

#include <fmt/format.h>
#include <pcap/pcap.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>

namespace understudy::capture {
namespace {

/// Of the file; stdio's 4 KiB would mean a system call every few packets.
constexpr std::size_t kFileBufferBytes = std::size_t{1} << 18U;
constexpr int kGzipFirstByte = 0x1f;
/// Later times (after the year 2200) are nonsense, and would overflow when durations are added to them.
constexpr std::uint64_t kMaxSeconds = 7'300'000'000;

/// pcap_pkthdr's time: with nanosecond precision asked for, tv_usec holds nanoseconds.
Timestamp time_of(const pcap_pkthdr& header) {
    const auto seconds = static_cast<std::uint64_t>(header.ts.tv_sec);
    const auto nanoseconds = static_cast<std::uint64_t>(header.ts.tv_usec);
    if (seconds > kMaxSeconds || nanoseconds >= 1'000'000'000) return {};
    return Timestamp::from_ns(static_cast<std::int64_t>(seconds * 1'000'000'000 + nanoseconds));
}

struct Delivery {
    PacketHandler* handler;
    int link_type;
    bool nanoseconds;
    Timestamp not_before;
    std::uint64_t count = 0;
};

void deliver(u_char* context, const pcap_pkthdr* header, const u_char* bytes) {
    auto& delivery = *reinterpret_cast<Delivery*>(context);
    ++delivery.count;
    pcap_pkthdr precise = *header;
    if (!delivery.nanoseconds) precise.ts.tv_usec *= 1000;
    const Timestamp time = time_of(precise);
    if (time < delivery.not_before) return;
    delivery.handler->on_packet(delivery.link_type, BytesView(reinterpret_cast<const char*>(bytes), header->caplen),
                                header->len, time);
}

Error activation_error(const std::string& interface, int status, pcap* handle) {
    switch (status) {
        case PCAP_ERROR_NO_SUCH_DEVICE:
            return make_error(Errc::usage, fmt::format("no network interface named \"{}\" (`ip link` lists them, "
                                                       "\"any\" takes all)",
                                                       interface));
        case PCAP_ERROR_PERM_DENIED:
        case PCAP_ERROR_PROMISC_PERM_DENIED:
            return make_error(Errc::io, fmt::format("no permission to capture on \"{}\": run as root, or grant it: "
                                                    "setcap cap_net_raw+ep $(command -v understudy)",
                                                    interface));
        case PCAP_ERROR_IFACE_NOT_UP:
            return make_error(Errc::io, fmt::format("network interface \"{}\" is down", interface));
        default:
            return make_error(Errc::io, fmt::format("cannot capture on \"{}\": {}: {}", interface,
                                                    pcap_statustostr(status), pcap_geterr(handle)));
    }
}

Result<void> set_filter(pcap* handle, const std::string& expression) {
    bpf_program program{};
    if (pcap_compile(handle, &program, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0) {
        return make_error(Errc::usage, fmt::format("bad packet filter \"{}\": {} (syntax: man pcap-filter)", expression,
                                                   pcap_geterr(handle)));
    }
    const int status = pcap_setfilter(handle, &program);
    pcap_freecode(&program);
    if (status == 0) return {};
    return make_error(Errc::io, fmt::format("cannot set the packet filter: {}", pcap_geterr(handle)));
}

/// Adds what a 32-bit counter has counted since it was last looked at.
void add_difference(std::uint64_t& total, std::uint32_t& seen, std::uint32_t now) {
    total += now - seen;
    seen = now;
}

}  // namespace

void PcapSource::Close::operator()(pcap* handle) const { pcap_close(handle); }

PcapSource::PcapSource(Handle handle, std::string name, bool live)
    : handle_(std::move(handle)), name_(std::move(name)), live_(live), link_type_(pcap_datalink(handle_.get())) {}

Result<PcapSource> PcapSource::open_file(const std::string& path, const std::string& filter) {
    std::FILE* file = path == "-" ? stdin : std::fopen(path.c_str(), "rb");
    if (file == nullptr) {
        return make_error(Errc::io, fmt::format("cannot open {}: {}", path, std::strerror(errno)));
    }
    std::setvbuf(file, nullptr, _IOFBF, kFileBufferBytes);
    const int first = std::getc(file);
    if (first == kGzipFirstByte) {
        if (file != stdin) std::fclose(file);
        return make_error(Errc::unsupported,
                          fmt::format("{} is compressed; unpack it first: gunzip -k {}", path, path));
    }
    if (first != EOF) std::ungetc(first, file);
    std::array<char, PCAP_ERRBUF_SIZE> message{};
    Handle handle(pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, message.data()));
    if (!handle) {
        if (file != stdin) std::fclose(file);
        const bool cut = std::string_view(message.data()).find("truncated") != std::string_view::npos;
        return make_error(cut ? Errc::end_of_file : Errc::malformed,
                          fmt::format("{} is not a readable pcap or pcapng file: {}", path, message.data()));
    }
    if (!filter.empty()) UNDERSTUDY_CHECK(set_filter(handle.get(), filter));
    return PcapSource(std::move(handle), path, false);
}

Result<PcapSource> PcapSource::open_live(const LiveOptions& options) {
    std::array<char, PCAP_ERRBUF_SIZE> message{};
    Handle handle(pcap_create(options.interface.c_str(), message.data()));
    if (!handle) {
        return make_error(Errc::io, fmt::format("cannot capture on \"{}\": {}", options.interface, message.data()));
    }
    pcap_set_snaplen(handle.get(), options.snap_length);
    pcap_set_promisc(handle.get(), 0);
    pcap_set_timeout(handle.get(), kLiveTimeoutMs);
    pcap_set_buffer_size(handle.get(), options.buffer_bytes);
    pcap_set_tstamp_precision(handle.get(), PCAP_TSTAMP_PRECISION_NANO);  // else microseconds, see deliver()
    if (const int status = pcap_activate(handle.get()); status < 0) {
        return activation_error(options.interface, status, handle.get());
    }
    const bool knows_vlan = pcap_datalink(handle.get()) == DLT_EN10MB;
    const std::string& filter =
        knows_vlan && !options.filter_with_vlan.empty() ? options.filter_with_vlan : options.filter;
    if (!filter.empty()) UNDERSTUDY_CHECK(set_filter(handle.get(), filter));
    // A blocking read of a silent interface may never return (the ring wakes up its reader only for packets).
    if (pcap_setnonblock(handle.get(), 1, message.data()) != 0) {
        return make_error(Errc::io, fmt::format("cannot capture on \"{}\": {}", options.interface, message.data()));
    }
    PcapSource source(std::move(handle), options.interface, true);
    // Between activation and the filter libpcap lets packets through, of any kind, and then for a moment none at all: a
    // capture that began with them would begin with a hole.
    source.not_before_ = system_clock().now();
    return source;
}

int PcapSource::descriptor() const { return pcap_get_selectable_fd(handle_.get()); }

Result<ReadStatus> PcapSource::read(PacketHandler& handler, int max_packets) {
    UNDERSTUDY_TRY(const ReadStatus status, read_now(handler, max_packets));
    return status == ReadStatus::idle ? wait() : Result<ReadStatus>(status);
}

Result<ReadStatus> PcapSource::read_now(PacketHandler& handler, int max_packets) {
    Delivery delivery{&handler, link_type_, pcap_get_tstamp_precision(handle_.get()) == PCAP_TSTAMP_PRECISION_NANO,
                      not_before_};
    const int status = pcap_dispatch(handle_.get(), max_packets, deliver, reinterpret_cast<u_char*>(&delivery));
    packets_read_ += delivery.count;
    if (status >= 0) {
        if (delivery.count > 0) return ReadStatus::packets;
        return live_ ? ReadStatus::idle : ReadStatus::end;
    }
    const std::string_view message = pcap_geterr(handle_.get());
    if (live_) return make_error(Errc::io, fmt::format("capturing on \"{}\": {}", name_, message));
    const bool cut = message.find("truncated") != std::string_view::npos;
    return make_error(cut ? Errc::end_of_file : Errc::malformed,
                      fmt::format("{}: after {} packets: {}", name_, packets_read_, message));
}

/// Returns as soon as packets are there (`packets`: read again), or after the timeout, or a signal.
Result<ReadStatus> PcapSource::wait() {
    pollfd ready{descriptor(), POLLIN, 0};
    const int count = poll(&ready, 1, kLiveTimeoutMs);
    if (count < 0 && errno != EINTR) {
        return make_error(Errc::io, fmt::format("waiting for packets on \"{}\": {}", name_, std::strerror(errno)));
    }
    return count > 0 ? ReadStatus::packets : ReadStatus::idle;
}

Result<PcapStats> PcapSource::stats() {
    if (!live_) return PcapStats{packets_read_, 0, 0};
    pcap_stat now{};
    if (pcap_stats(handle_.get(), &now) != 0) {
        return make_error(Errc::io, fmt::format("no statistics of \"{}\": {}", name_, pcap_geterr(handle_.get())));
    }
    add_difference(stats_.received, seen_received_, now.ps_recv);
    add_difference(stats_.dropped_by_kernel, seen_dropped_, now.ps_drop);
    add_difference(stats_.dropped_by_interface, seen_interface_dropped_, now.ps_ifdrop);
    return stats_;
}

}  // namespace understudy::capture
