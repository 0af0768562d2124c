#pragma once

#include <string>
#include <vector>

#include "tests/support/throwaway_cluster.hpp"

namespace understudy::testing {

/// An authority, ca.crt, and certificates that it signed (NAME.crt, NAME.key), made with the openssl program: of a
/// server, of a proxy, both for the host localhost, and of the client "certified". other_ca.crt is another authority.
class Certificates {
public:
    Certificates();
    [[nodiscard]] std::string file(const std::string& name) const { return directory_.file(name); }
    /// For a ThrowawayCluster that offers TLS and takes the authority's certificates from clients.
    [[nodiscard]] std::vector<std::string> server_settings() const;
    /// Runs a shell command among the files; throws with its output when it fails.
    void run(const std::string& command) const;

private:
    void make(const std::string& name) const;
    TemporaryDirectory directory_;
};

}  // namespace understudy::testing
