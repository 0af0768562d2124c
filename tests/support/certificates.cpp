#include "tests/support/certificates.hpp"

#include <filesystem>
#include <stdexcept>

namespace understudy::testing {

Certificates::Certificates() {
    std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
    for (const char* authority : {"ca", "other_ca"}) {
        run(std::string("openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=") + authority + " -keyout " +
            authority + ".key -out " + authority + ".crt");
    }
    for (const char* name : {"server", "proxy", "certified"}) make(name);
    std::filesystem::copy_file(file("server.key"), file("server-pg.key"));
    if (run_command("id -u").out == "0\n") run("chown postgres server-pg.key");
    run("chmod 600 server-pg.key");
}

std::vector<std::string> Certificates::server_settings() const {
    return {"ssl = on", "ssl_cert_file = '" + file("server.crt") + "'",
            "ssl_key_file = '" + file("server-pg.key") + "'", "ssl_ca_file = '" + file("ca.crt") + "'"};
}

void Certificates::run(const std::string& command) const {
    const CommandOutput output = run_command("cd " + directory_.path() + " && " + command);
    if (output.exit_code != 0) throw std::runtime_error(output.out);
}

void Certificates::make(const std::string& name) const {
    run("openssl req -newkey rsa:2048 -nodes -subj /CN=" + name + " -keyout " + name + ".key -out " + name + ".csr");
    run("printf 'subjectAltName=DNS:localhost' > " + name + ".ext");
    run("openssl x509 -req -days 30 -in " + name + ".csr -CA ca.crt -CAkey ca.key -CAcreateserial -extfile " + name +
        ".ext -out " + name + ".crt");
    run("chmod 600 " + name + ".key");
}

}  // namespace understudy::testing
