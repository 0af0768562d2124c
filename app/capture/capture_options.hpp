#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/keys.hpp"

namespace understudy::app {

/// The options of `understudy capture`, as given.
struct CaptureOptions {
    // packets
    std::vector<std::string> interfaces;
    std::string pcap;
    std::vector<std::uint16_t> ports;
    std::string bpf;
    std::string identify;
    int snap_length = 262'144;
    int buffer_mb = 64;
    std::string user;
    // proxy
    std::vector<std::string> listen;
    std::string upstream;
    std::string tls_certificate;
    std::string tls_key;
    std::string upstream_sslmode = "prefer";
    std::string upstream_root_certificate;
    std::string upstream_certificate;
    std::string upstream_key;
    unsigned threads = 1;
    std::string grace = "10s";
    // logs
    std::vector<std::string> logs;
    std::string log_line_prefix;
    std::string log_format;
    int log_parameter_max_length = -1;
    // what is written
    std::string output;
    std::string results = "digest";
    std::string key;  ///< digest key file
    std::string encrypt_to;
    std::vector<std::string> redact;
    std::string duration;
    std::string max_size;
    std::string rotate_size;
    std::string rotate_every;
    std::size_t keep = 0;
    unsigned queue_mb = 64;
    bool quiet = false;

    [[nodiscard]] bool rotating() const { return !rotate_size.empty() || !rotate_every.empty(); }
};

}  // namespace understudy::app
