#include "replay/run/impersonation_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace understudy::replay {
namespace {

namespace asio = net::asio;

constexpr const char* kRoles = R"(
select r.rolname, r.rolsuper,
       exists (select from pg_catalog.pg_roles s where s.rolsuper and pg_catalog.pg_has_role(r.oid, s.oid, 'MEMBER')),
       r.rolname = session_user
from pg_catalog.pg_roles r)";

constexpr const char* kSettings = R"(
select r.rolname, coalesce(d.datname, ''), setting
from pg_catalog.pg_db_role_setting s join pg_catalog.pg_roles r on r.oid = s.setrole
     left join pg_catalog.pg_database d on d.oid = s.setdatabase, unnest(s.setconfig) setting
where s.setdatabase = 0 or d.oid is not null)";

bool is_true(const std::optional<Bytes>& cell) { return cell && *cell == "t"; }

}  // namespace

asio::awaitable<Result<ImpersonationPlan>> ImpersonationPlan::read(net::PgStream& stream) {
    ImpersonationPlan plan;
    const auto roles = co_await stream.query(kRoles);
    if (!roles) co_return roles.error();
    for (const net::TextRow& row : *roles) {
        if (row.size() != 4 || !row[0]) continue;
        Facts& facts = plan.roles_[*row[0]];
        facts.superuser = is_true(row[1]);
        facts.may_be_superuser = is_true(row[2]);
        if (is_true(row[3])) plan.login_ = *row[0];
    }
    if (!plan.roles_[plan.login_].superuser) {
        co_return make_error(Errc::refused,
                             fmt::format("--impersonate needs a superuser to log in with, since only one "
                                         "may take on other roles; {} is none",
                                         plan.login_));
    }
    const auto settings = co_await stream.query(kSettings);
    if (!settings) co_return settings.error();
    for (const net::TextRow& row : *settings) {
        if (row.size() != 3 || !row[0] || !row[1] || !row[2]) continue;
        const std::size_t equals = row[2]->find('=');
        if (equals == Bytes::npos) continue;
        plan.roles_[*row[0]].settings[*row[1]].emplace_back(row[2]->substr(0, equals), row[2]->substr(equals + 1));
    }
    co_return plan;
}

Result<ImpersonatedRole> ImpersonationPlan::role(const Bytes& name, const Bytes& database) const {
    const auto found = roles_.find(name);
    if (found == roles_.end()) {
        return make_error(Errc::auth, fmt::format("role \"{}\" does not exist on the target (--user-map maps it to one "
                                                  "that does)",
                                                  name));
    }
    ImpersonatedRole role{name, login_, found->second.superuser, found->second.may_be_superuser, {}};
    for (const Bytes& scope : {Bytes(), database}) {  // what is said later counts
        const auto settings = found->second.settings.find(scope);
        if (settings == found->second.settings.end()) continue;
        role.settings.insert(role.settings.end(), settings->second.begin(), settings->second.end());
    }
    return role;
}

std::vector<Bytes> ImpersonationPlan::settings_of_login() const {
    std::vector<Bytes> names;
    for (const auto& [database, settings] : roles_.at(login_).settings) {
        for (const auto& setting : settings) names.push_back(setting.first);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

}  // namespace understudy::replay
