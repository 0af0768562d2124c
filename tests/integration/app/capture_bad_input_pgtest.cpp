#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "tests/support/packet_builder.hpp"
#include "tests/support/throwaway_cluster.hpp"
#include "tests/unit/capture/session/session_fixture.hpp"

// Runs the program itself: exit codes and what it says are what scripts and people see. Needs no PostgreSQL.

namespace understudy::testing {
namespace {

namespace fs = std::filesystem;
namespace wire = capture::wire;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kUsage = 2;
constexpr int kInconclusive = 3;
constexpr int kEnvironment = 4;

std::size_t lines(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// Packets of a session with so many queries.
std::vector<TimedPacket> session_packets(int queries) {
    Conversation talk;
    talk.handshake();
    talk.client_sends(wire::startup());
    talk.server_sends(wire::logged_in());
    std::mt19937 random(1);
    for (int i = 0; i < queries; ++i) {
        Bytes sql = "select ";  // does not compress well
        for (int word = 0; word < 40; ++word) sql += std::to_string(random()) + ",";
        talk.client_sends(fe::query(sql + std::to_string(i)));
        talk.server_sends(be::complete("SELECT 1") + be::ready());
    }
    talk.client_sends(fe::terminate());
    talk.close();
    return talk.packets();
}

class CaptureBadInput : public ::testing::Test {
protected:
    static CommandOutput understudy(const std::string& arguments) {
        return run_command(UNDERSTUDY_BINARY " " + arguments);
    }
    std::string write(const std::string& name, BytesView bytes) {
        std::ofstream(directory.file(name), std::ios::binary) << bytes;
        return directory.file(name);
    }
    CommandOutput capture_file(const std::string& path, const std::string& more = "") {
        return understudy("capture --pcap " + path + " --output " + output + " " + more);
    }
    nlohmann::json inspect(const std::string& path) {
        const CommandOutput result = understudy("inspect --json " + path + " 2>/dev/null");
        EXPECT_TRUE(nlohmann::json::accept(result.out)) << result.out;
        return nlohmann::json::accept(result.out) ? nlohmann::json::parse(result.out) : nlohmann::json::object();
    }
    /// Nothing is left of a capture that could not begin.
    void expect_nothing_written() {
        EXPECT_FALSE(fs::exists(output));
        EXPECT_FALSE(fs::exists(output + ".key"));
    }

    TemporaryDirectory directory;
    std::string output = directory.file("out.pgcap");
};

TEST_F(CaptureBadInput, AMissingInterfaceIsSaidInOneLine) {
    const CommandOutput result = understudy("capture --interface nosuch0 --output " + output);
    EXPECT_EQ(result.exit_code, kEnvironment) << result.out;
    EXPECT_THAT(result.out, HasSubstr("nosuch0"));
    EXPECT_EQ(lines(result.out), 1U);
    expect_nothing_written();
}

TEST_F(CaptureBadInput, WithoutRightsTheCapabilityIsNamed) {
    ASSERT_EQ(geteuid(), 0U) << "this test must run as root, to become somebody without rights";
    const std::string program = directory.file("understudy");
    fs::copy_file(UNDERSTUDY_BINARY, program);
    fs::permissions(directory.path(), fs::perms::all);
    const CommandOutput result =
        run_command("setpriv --reuid nobody --regid nogroup --clear-groups --bounding-set -all " + program +
                    " capture --interface lo --output " + output);
    EXPECT_EQ(result.exit_code, kEnvironment) << result.out;
    EXPECT_THAT(result.out, AnyOf(HasSubstr("CAP_NET_RAW"), HasSubstr("cap_net_raw")));
    EXPECT_EQ(lines(result.out), 1U) << result.out;
    expect_nothing_written();
}

TEST_F(CaptureBadInput, WrongCallsAreUsage) {
    const std::string pcap = write("in.pcap", pcap_file(kLinkEthernet, session_packets(1)));
    for (const std::string& arguments :
         {std::string(), "--interface lo --pcap " + pcap, "--pcap " + pcap + " --results most",
          "--pcap " + pcap + " --duration long", "--pcap " + pcap + " --port 70000",
          std::string("--interface lo --bpf 'tcp prt 5432'")}) {
        const CommandOutput result = understudy("capture --output " + output + " " + arguments);
        EXPECT_EQ(result.exit_code, kUsage) << arguments << ": " << result.out;
        expect_nothing_written();
    }
    EXPECT_THAT(understudy("capture --interface lo --bpf 'tcp prt 5432' --output " + output).out,
                HasSubstr("tcp prt 5432"));
    EXPECT_EQ(understudy("capture --pcap " + pcap).exit_code, kUsage) << "no output";
}

TEST_F(CaptureBadInput, TheInputIsNotOverwritten) {
    const Bytes packets = pcap_file(kLinkEthernet, session_packets(1));
    const std::string pcap = write("in.pcap", packets);
    EXPECT_EQ(understudy("capture --pcap " + pcap + " --output " + pcap).exit_code, kUsage);
    EXPECT_EQ(fs::file_size(pcap), packets.size());
}

TEST_F(CaptureBadInput, WhatIsNoPcapIsSaidAndNothingIsWritten) {
    for (const std::string& path :
         {write("text", "this is not a capture of packets at all, is it?"), write("empty", ""),
          write("gzip", "\x1f\x8b\x08"), write("half", "\xd4\xc3\xb2\xa1\x02"), directory.file("missing")}) {
        const CommandOutput result = capture_file(path);
        EXPECT_EQ(result.exit_code, kEnvironment) << result.out;
        EXPECT_THAT(result.out, HasSubstr(path));
        EXPECT_EQ(lines(result.out), 1U) << result.out;
        expect_nothing_written();
    }
}

TEST_F(CaptureBadInput, OfATruncatedPcapAllThatCameBeforeIsKept) {
    const Bytes whole = pcap_file(kLinkEthernet, session_packets(20));
    const CommandOutput result = capture_file(write("cut.pcap", BytesView(whole).substr(0, whole.size() * 3 / 4)));
    EXPECT_EQ(result.exit_code, kEnvironment);
    EXPECT_THAT(result.out, HasSubstr("truncated"));
    EXPECT_THAT(result.out, HasSubstr("packets"));
    const auto summary = inspect(output);
    EXPECT_TRUE(summary["complete"].get<bool>()) << "the file itself is whole";
    EXPECT_GE(summary["exchanges"], 14);
    EXPECT_LE(summary["exchanges"], 16);
    EXPECT_EQ(summary["loss"].value("kernel_drops", 0), 0);
}

TEST_F(CaptureBadInput, AFileWithoutPostgresqlSaysWhatWasSeen) {
    Conversation http(endpoint("10.0.0.2", 40'000), endpoint("10.0.0.1", 80));
    http.handshake();
    http.client_sends("GET / HTTP/1.1\r\n\r\n");
    http.close();
    const CommandOutput result = capture_file(write("http.pcap", pcap_file(kLinkEthernet, http.packets())));
    EXPECT_EQ(result.exit_code, kInconclusive) << result.out;
    EXPECT_THAT(result.out, HasSubstr("no PostgreSQL session on port 5432"));
    EXPECT_THAT(result.out, HasSubstr("segments.not_watched 7"));
    const CommandOutput none = capture_file(write("none.pcap", pcap_file(kLinkEthernet, {})));
    EXPECT_EQ(none.exit_code, kInconclusive);
    EXPECT_THAT(none.out, HasSubstr("nothing"));
}

TEST_F(CaptureBadInput, OnlyEncryptedSessionsAreNoSuccess) {
    const Bytes hello("\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03", 10);
    for (const bool direct : {false, true}) {
        Conversation tls;
        tls.handshake();
        if (!direct) tls.client_sends(wire::ssl_request());
        if (!direct) tls.server_sends("S");
        tls.client_sends(hello);
        tls.server_sends(hello);
        tls.close();
        const CommandOutput result = capture_file(write("tls.pcap", pcap_file(kLinkEthernet, tls.packets())));
        EXPECT_EQ(result.exit_code, kInconclusive) << result.out;
        EXPECT_THAT(result.out, HasSubstr("1 session"));
        EXPECT_THAT(result.out, HasSubstr("encrypted"));
    }
}

TEST_F(CaptureBadInput, AnOutputThatCannotBeWrittenIsSaid) {
    const std::string pcap = write("in.pcap", pcap_file(kLinkEthernet, session_packets(1)));
    const CommandOutput result =
        understudy("capture --pcap " + pcap + " --output " + directory.file("missing/out.pgcap"));
    EXPECT_EQ(result.exit_code, kEnvironment) << result.out;
    EXPECT_THAT(result.out, HasSubstr("missing/out.pgcap"));
    EXPECT_EQ(lines(result.out), 1U) << result.out;
}

/// A small file system of its own.
class SmallDisk {
public:
    explicit SmallDisk(std::string path) : path_(std::move(path)) {
        fs::create_directory(path_);
        mounted = mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=1m") == 0;
    }
    ~SmallDisk() {
        if (mounted) umount(path_.c_str());
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    bool mounted = false;

private:
    std::string path_;
};

TEST_F(CaptureBadInput, AFullDiskEndsTheCaptureAndLeavesWholeChunks) {
    const SmallDisk disk(directory.file("disk"));
    ASSERT_TRUE(disk.mounted) << "this test must run as root, to mount a small file system";
    const std::string pcap = write("in.pcap", pcap_file(kLinkEthernet, session_packets(12'000)));
    const std::string full = directory.file("disk/out.pgcap");
    const CommandOutput result = understudy("capture --pcap " + pcap + " --output " + full);
    EXPECT_EQ(result.exit_code, kEnvironment) << result.out;
    EXPECT_THAT(result.out, HasSubstr("No space left on device"));
    EXPECT_THAT(result.out, HasSubstr(full));
    EXPECT_EQ(lines(result.out), 1U) << result.out;
    const auto summary = inspect(full);
    EXPECT_GT(summary["exchanges"], 100);
    EXPECT_LT(summary["exchanges"], 12'000);
    EXPECT_FALSE(summary["complete"].get<bool>());
    EXPECT_EQ(summary["files"][0].value("bytes_cut_off", 0), 0) << "nothing is half-written";
}

TEST_F(CaptureBadInput, ASignalLeavesAWholeFile) {
    for (const char* signal_name : {"TERM", "INT"}) {
        fs::remove(output);
        const CommandOutput result =
            run_command(UNDERSTUDY_BINARY " capture --interface lo --port 1 --output " + output + " 2> " +
                        directory.file("log") + " & for i in $(seq 300); do grep -q capturing " +
                        directory.file("log") + " && break; sleep 0.1; done; kill -" + signal_name + " $!; wait $!");
        EXPECT_EQ(result.exit_code, kInconclusive) << "nothing passed, and it ended by itself: " << result.out;
        EXPECT_TRUE(inspect(output)["complete"].get<bool>());
    }
}

TEST_F(CaptureBadInput, AKilledCaptureTellsItsLossesSoFar) {
    run_command(UNDERSTUDY_BINARY " capture --interface lo --port 1 --output " + output + " 2> " +
                directory.file("log") + " & for i in $(seq 300); do grep -q capturing " + directory.file("log") +
                " && break; sleep 0.1; done; sleep 3; kill -KILL $!");
    const auto summary = inspect(output);
    EXPECT_FALSE(summary["complete"].get<bool>());
    EXPECT_TRUE(summary["loss"].contains("kernel_drops") || summary["loss"].contains("loss.kernel_drops"))
        << summary["loss"];
}

}  // namespace
}  // namespace understudy::testing
