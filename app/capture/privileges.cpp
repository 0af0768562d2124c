#include "app/capture/privileges.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace understudy::app {

Result<void> become_user(const std::string& name) {
    errno = 0;
    const passwd* user = ::getpwnam(name.c_str());
    if (user == nullptr) return make_error(Errc::usage, fmt::format("--user: there is no user named \"{}\"", name));
    if (::geteuid() == user->pw_uid && ::getuid() == user->pw_uid) return {};
    if (::geteuid() != 0) {
        return make_error(Errc::usage,
                          fmt::format("--user {} needs a start as root; leave it out to run as you are, or "
                                      "see tools/systemd for a service",
                                      name));
    }
    const uid_t uid = user->pw_uid;
    const gid_t gid = user->pw_gid;
    // The order matters: groups can only be changed while still root. Leaving uid 0 clears all capabilities
    // (capabilities(7), "Effect of user ID changes on capabilities").
    if (::initgroups(name.c_str(), gid) != 0 || ::setgid(gid) != 0 || ::setuid(uid) != 0) {
        return make_error(Errc::io, fmt::format("cannot become {}: {}", name, std::strerror(errno)));
    }
    if (uid != 0 && ::setuid(0) == 0) return make_error(Errc::io, fmt::format("{} can become root again", name));
    ::prctl(PR_SET_DUMPABLE, 0);
    return {};
}

}  // namespace understudy::app
