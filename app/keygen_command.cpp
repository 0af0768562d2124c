#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "app/command.hpp"
#include "core/store/byte_io.hpp"
#include "core/store/sealing.hpp"

namespace understudy::app {
namespace {

Result<int> run_keygen(const std::string& name) {
    const std::string secret_path = name + ".key";
    const std::string public_path = name + ".pub";
    if (::access(public_path.c_str(), F_OK) == 0) {
        return make_error(Errc::usage, fmt::format("{} is there already; choose another name", public_path));
    }
    const store::SecretKey key = store::SecretKey::generate();
    UNDERSTUDY_CHECK(key.save(secret_path));
    UNDERSTUDY_TRY(const auto file, store::create_file(public_path));
    UNDERSTUDY_CHECK(file->append(key.public_key().text() + "\n"));
    UNDERSTUDY_CHECK(file->sync());
    ::chmod(public_path.c_str(), 0644);  // for whoever captures
    fmt::print("{}  the public key: put it on the hosts that capture (--encrypt-to {})\n", public_path, public_path);
    fmt::print("{}  the secret key: keep it where captures are read (--key {}), and nowhere else\n", secret_path,
               secret_path);
    return kPassed;
}

}  // namespace

void add_keygen_command(CLI::App& app, int& exit_code) {
    auto name = std::make_shared<std::string>("understudy");
    CLI::App* command = app.add_subcommand("keygen", "Make a pair of keys for captures that only you can read");
    command->add_option("-o,--output", *name, "Writes NAME.pub and NAME.key")->capture_default_str();
    command->footer(
        "Examples:\n"
        "  understudy keygen --output nightly\n"
        "  understudy capture --interface eth0 --output prod.pgcap --encrypt-to nightly.pub\n"
        "  understudy inspect prod.pgcap --key nightly.key");
    command->callback([name, &exit_code] {
        const Result<int> result = run_keygen(*name);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app
