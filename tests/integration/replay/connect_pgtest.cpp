#include <filesystem>

#include "tests/integration/replay/replay_fixture.hpp"
#include "tests/support/certificates.hpp"

namespace understudy::replay {
namespace {

using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::Recording;
using testing::ThrowawayCluster;
namespace fe = testing::fe;

constexpr const char* kSchema =
    "create table note (id int primary key, owner name default current_user, body text);"
    "insert into note select i, case i % 2 when 0 then 'ann' else 'bob' end, 'note ' || i from generate_series(1, 10) "
    "i;"
    "create table secret (id int); grant select, insert, update on note to ann, bob;"
    "alter table note enable row level security; create policy own on note using (owner = current_user);";

/// A target with TLS that asks ann for a SCRAM and bob for an md5 password, over TLS only.
class Connect : public ReplayTest {
protected:
    static void SetUpTestSuite() {
        const char* roles = "create role ann login; create role bob login; create role readers; grant readers to ann";
        static bool made = false;  // this runs for each suite, on one cluster
        if (!std::exchange(made, true)) cluster().psql(roles);
        certificates = std::make_unique<testing::Certificates>();
        std::ofstream(certificates->file("hba")) << "local all all trust\nhost all postgres all trust\n"
                                                 << "hostssl all ann all scram-sha-256\nhostssl all bob all md5\n";
        ThrowawayCluster::Options options;
        options.settings = certificates->server_settings();
        options.settings.push_back("hba_file = '" + certificates->file("hba") + "'");
        guarded = ThrowawayCluster::start(options);
        guarded->psql(roles);
        guarded->psql(
            "alter role ann password 'anns'; set password_encryption = 'md5'; alter role bob password 'bobs'");
    }
    static void TearDownTestSuite() {
        guarded.reset();
        certificates.reset();
    }

    /// What ann and bob do on a new database, recorded.
    void record() {
        shop_ = new_database(kSchema);
        copy_ = copy_of(shop_);
        Recording recording(file("prod"));
        for (const char* user : {"ann", "bob"}) {
            auto& session = recording.session(cluster().port(), shop_, user);
            session.query("select current_user, session_user");
            session.query("select * from note order by id");
            session.query("update note set body = body || '!' where id = 1");
            session.query("select count(*) from secret");
            session.ask(fe::parse("all", "select id from note order by id") + fe::bind("", "all") + fe::execute() +
                        fe::sync());
        }
        recording.finish();
    }
    std::string guarded_copy() const {
        const std::string name = guarded->create_database("shop");
        guarded->psql(kSchema, name);
        const auto marked = testing::run_command(UNDERSTUDY_BINARY " target --mark '" + guarded->conninfo(name) + "'");
        if (marked.exit_code != 0) throw std::runtime_error(marked.out);
        return guarded->conninfo(name) + " sslmode=verify-ca sslrootcert=" + certificates->file("ca.crt");
    }
    std::string credentials(const std::string& text, int mode = 0600) const {
        std::ofstream(file("credentials")) << text;
        std::filesystem::permissions(file("credentials"), std::filesystem::perms(mode));
        return "--speed max --ignore-start-state --credentials " + file("credentials");
    }
    std::size_t failed_sessions(const std::string& name = "out") const {
        std::size_t failed = 0;
        for (const SessionClosed& session : all<SessionClosed>(name))
            failed += session.end == SessionEnd::failed ? 1U : 0U;
        return failed;
    }

    static inline std::unique_ptr<testing::Certificates> certificates;
    static inline std::unique_ptr<ThrowawayCluster> guarded;
    std::string shop_;
    std::string copy_;
};

TEST_F(Connect, OverTlsWithAPasswordForEachRoleGivesThePlainReplaysAnswers) {
    record();
    ASSERT_EQ(replay(copy_, "prod", "plain").exit_code, 0);
    const auto played = replay_to(guarded_copy(), "prod", "out", credentials("*:*:*:ann:anns\n*:*:*:bob:bobs\n"));
    EXPECT_EQ(played.exit_code, 0) << played.out;
    EXPECT_EQ(failed_sessions(), 0U);
    const Verdict verdict = compare("plain", "out");
    EXPECT_EQ(verdict.exit_code, 0) << verdict.text;
    EXPECT_GE(verdict.json["compared"], 10);
}

TEST_F(Connect, OneRoleWithoutAPasswordIsOneFailedSession) {
    record();
    const auto played = replay_to(guarded_copy(), "prod", "out", credentials("*:*:*:ann:anns\n"));
    EXPECT_EQ(played.exit_code, 0) << played.out;
    EXPECT_EQ(failed_sessions(), 1U);
    std::string notes;
    for (const SessionClosed& session : all<SessionClosed>()) notes += session.note;
    EXPECT_THAT(notes, HasSubstr("\"bob\""));
    EXPECT_THAT(notes, HasSubstr("--credentials"));
}

TEST_F(Connect, CredentialsThatOthersCanReadAreRefused) {
    record();
    const auto played = replay(copy_, "prod", "out", credentials("*:*:*:ann:anns\n", 0644));
    EXPECT_EQ(played.exit_code, 2);
    EXPECT_THAT(played.out, HasSubstr("chmod 600"));
}

TEST_F(Connect, TheTargetsOwnPasswordMayBeAmongTheCredentials) {
    record();
    const auto played =
        replay_to(guarded_copy() + " user=ann", "prod", "out", credentials("*:*:*:ann:anns\n*:*:*:bob:bobs\n"));
    EXPECT_EQ(played.exit_code, 0) << played.out;
    EXPECT_EQ(failed_sessions(), 0U);
}

TEST_F(Connect, TheWrongAuthorityIsOneLine) {
    record();
    std::string target = guarded_copy();
    target.replace(target.find("ca.crt"), 6, "other_ca.crt");
    const auto played = replay_to(target, "prod", "never");
    EXPECT_EQ(played.exit_code, 4);
    EXPECT_EQ(lines(played.out), 1U) << played.out;
    EXPECT_THAT(played.out, HasSubstr("TLS"));
}

TEST_F(Connect, AServiceNamesTheTarget) {
    record();
    std::ofstream(file("services")) << "[staging]\nhost=127.0.0.1\nport=" << cluster().port() << "\nuser=postgres\n"
                                    << "dbname=" << copy_ << "\n";
    setenv("PGSERVICEFILE", file("services").c_str(), 1);
    const auto played = replay_to("service=staging", "prod", "out");
    const auto url = replay_to("postgresql:///?service=staging", "prod", "out2");
    unsetenv("PGSERVICEFILE");
    EXPECT_EQ(played.exit_code, 0) << played.out;
    EXPECT_EQ(url.exit_code, 0) << url.out;
    EXPECT_EQ(all<SessionOpened>()[0].identity.database, copy_);
}

TEST_F(Connect, CheckAsksOverTls) {
    record();
    const std::string target = guarded_copy();
    const auto checked =
        testing::run_command(UNDERSTUDY_BINARY " check " + file("prod") + " --baseline '" + target +
                             " user=ann password=anns' --candidate '" + target + " user=ann password=anns'");
    EXPECT_EQ(checked.exit_code, 0) << checked.out;
}

class Impersonate : public Connect {
protected:
    const std::string kAs = "--speed max --ignore-start-state --impersonate";
    std::vector<std::pair<std::string, std::uint64_t>> counters(const std::string& prefix) const {
        std::vector<std::pair<std::string, std::uint64_t>> found;
        for (const Counters& counters : all<Counters>()) {
            for (const auto& [name, value] : counters.values) {
                if (name.starts_with(prefix)) found.emplace_back(name, value);
            }
        }
        return found;
    }
    template <class Talk>
    testing::CommandOutput record_and_play(Talk talk, const std::string& sql = "") {
        shop_ = new_database(kSchema);
        if (!sql.empty()) cluster().psql(sql, shop_);
        copy_ = copy_of(shop_);
        Recording recording(file("prod"));
        talk(recording.session(cluster().port(), shop_, "ann"));
        recording.finish();
        return replay(copy_, "prod", "out", kAs);
    }
};

TEST_F(Impersonate, AnswersAreThoseOfTheRolesThemselves) {
    record();
    const std::string other = copy_of(copy_);  // as it was when the recording began
    ASSERT_EQ(replay(copy_, "prod", "as_roles").exit_code, 0);
    const auto played = replay(other, "prod", "out", kAs);
    EXPECT_EQ(played.exit_code, 0) << played.out;
    EXPECT_THAT(played.out, HasSubstr("2 sessions were impersonated"));
    EXPECT_EQ(counters("replay.impersonated")[0], std::pair(std::string("replay.impersonated"), std::uint64_t{2}));
    const Verdict verdict = compare("as_roles", "out");
    EXPECT_EQ(verdict.exit_code, 0) << verdict.text;
    EXPECT_GE(verdict.json["compared"], 10);
    EXPECT_THAT(verdict.text, HasSubstr("privileges are approximate"));
    const auto inspected = testing::run_command(UNDERSTUDY_BINARY " inspect " + file("out"));
    EXPECT_THAT(inspected.out, HasSubstr("privileges approximate"));
    EXPECT_EQ(all<SessionOpened>()[0].identity.user, "ann");
}

TEST_F(Impersonate, DiscardAllLeavesNoSuperuser) {
    const auto played = record_and_play([](testing::RecordedSession& s) {
        s.query("select count(*) from secret");
        s.query("discard all");
        s.query("select count(*) from secret");
        s.query("select current_user, session_user, current_setting('is_superuser')");
        s.query("begin");
        s.query("reset session authorization");
        s.query("select count(*) from note");
        s.query("rollback");
        s.query("select count(*) from note");
        s.ask(fe::parse("d", "discard all") + fe::bind("", "d") + fe::execute() + fe::sync());
        s.send(fe::query("discard all") + fe::query("select count(*) from secret")).read('Z', 2);
    });
    EXPECT_EQ(played.exit_code, 0) << played.out;
    EXPECT_EQ(failed_sessions(), 0U);
    EXPECT_EQ(counters("replay.impersonated_roles_set_again")[0].second, 4U);
    const Verdict verdict = compare();
    EXPECT_EQ(verdict.exit_code, 0) << verdict.text;
    EXPECT_THAT(verdict.json["not_compared"], IsEmpty()) << verdict.text;
}

TEST_F(Impersonate, TheRolesSettingsAreTheSessionsDefaults) {
    cluster().psql("alter role ann set work_mem = '7MB'; alter role ann set search_path = 'x y', public");
    const auto played = record_and_play([](testing::RecordedSession& s) {
        const char* settings =
            "select current_setting('work_mem'), current_setting('search_path'), "
            "current_setting('application_name')";
        s.query(settings);
        s.query("set work_mem = '9MB'; set search_path = public");
        s.query(settings);
        s.query("reset all");
        s.query(settings);
        s.query("set work_mem = '9MB'");
        s.query("discard all");
        s.query(settings);
    });
    cluster().psql("alter role ann reset all");
    EXPECT_EQ(played.exit_code, 0) << played.out;
    const Verdict verdict = compare();
    EXPECT_EQ(verdict.exit_code, 0) << verdict.text;
}

TEST_F(Impersonate, ASessionThatEscapesIsEnded) {
    const auto played = record_and_play(
        [](testing::RecordedSession& s) {
            s.query("select escape()");  // ann may not; the superuser that logged in for her may
            s.query("select count(*) from secret");
        },
        "create function escape() returns text language plpgsql as $$ begin "
        "return set_config('session_authorization', 'postgres', false); end $$");
    EXPECT_EQ(failed_sessions(), 1U);
    EXPECT_EQ(counters("replay.impersonated_sessions_ended")[0].second, 1U);
    EXPECT_THAT(played.out, HasSubstr("had become another role"));
    EXPECT_EQ(results(StepOutcome::not_sent).size(), 1U) << "nothing more runs as the superuser";
    EXPECT_THAT(all<SessionClosed>()[0].note, HasSubstr("postgres (superuser) instead of ann"));
}

TEST_F(Impersonate, OnlyASuperuserCan) {
    record();
    cluster().psql("alter database " + copy_ + " owner to ann");
    const auto played = replay_to(cluster().conninfo(copy_) + " user=ann", "prod", "never", kAs);
    EXPECT_EQ(played.exit_code, 4) << played.out;
    EXPECT_THAT(played.out, HasSubstr("ann is none"));
}

TEST_F(Impersonate, ARoleThatIsNotThereIsOneFailedSession) {
    record();
    const auto played = replay_to(cluster().conninfo(copy_), "prod", "out", kAs + " --user-map bob=nobody");
    EXPECT_EQ(played.exit_code, 0) << played.out;
    EXPECT_EQ(failed_sessions(), 1U);
    EXPECT_THAT(all<SessionClosed>(), Not(Each(Field(&SessionClosed::note, ""))));
}

}  // namespace
}  // namespace understudy::replay
