#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/service/run_record.hpp"

namespace understudy::app::service {

inline constexpr std::size_t kMaxHooks = 32;
inline constexpr std::size_t kMaxHookWaiting = 1000;        ///< events that wait for one hook; the oldest goes
inline constexpr std::size_t kMaxHookAnswer = 8U << 20U;    ///< bytes that are read of an answer
inline constexpr std::size_t kMaxCommentPages = 10;         ///< of kCommentsAPage each, in which ours is looked for
inline constexpr std::size_t kCommentsAPage = 100;
inline constexpr std::uint64_t kMaxPullRequest = 999'999'999;

/// A place that is told of runs (serve.yaml, hooks).
struct Hook {
    enum class Kind : std::uint8_t { json, slack, github, gitlab };
    std::string name;  ///< is_plain_name()
    Kind kind = Kind::json;
    std::string url;          ///< json: where to; github, gitlab: the interface's base, https://api.github.com
    std::string url_file;     ///< holds the address instead, where that is a secret: slack
    std::string secret_file;  ///< json: the key that signs; github, gitlab: the access token
    std::string ca_file;      ///< certificates to trust, PEM; empty: those of the system
    std::string repository;   ///< github: OWNER/NAME; gitlab: the project's path or number
    std::vector<std::string> rehearsals;              ///< whose runs; empty: of all
    Duration patience = Duration::seconds(20 * 60);  ///< how long the pauses between attempts may be together
};
std::string_view to_string(Hook::Kind kind);
bool concerns(const Hook& hook, const std::string& rehearsal);

enum class HookEvent : std::uint8_t { began, ended };
std::string_view to_string(HookEvent event);  ///< "run.began"

/// Where a comment of ours may stand already: it is then changed instead of another one made.
struct CommentSearch {
    std::string list_url;  ///< "&page=N" goes behind
    std::string marker;    ///< a line that only ours has
    std::string edit_method;
    std::string edit_url;  ///< the comment's number goes behind
};

/// An HTTP request to be made.
struct HookRequest {
    std::string method;
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::optional<CommentSearch> search;
};

/// What a hook is sent of a run. Of the report only counts, the verdict and states, and of those only words that are known:
/// no title, no reason, no statement, no value, nothing that a server said. slack hears of ends only. github and gitlab: the
/// status of the run's commit, where it has one, and at the end a comment on its pull request, where it has one: one for each
/// rehearsal (GitHub REST, "Commit statuses", "Issue comments"; GitLab REST, "Commits", "Notes"). `url` and `secret`: what
/// the hook's files hold. `page`: the run's address in the service, or empty.
std::vector<HookRequest> hook_requests(const Hook& hook, const std::string& url, const std::string& secret, HookEvent event,
                                       const RunRecord& run, const std::string& page);

/// A page of comments as GitHub and GitLab list them. Errors: Errc::protocol.
struct CommentPage {
    std::size_t count = 0;
    std::optional<std::uint64_t> ours;
};
Result<CommentPage> comment_with(const std::string& json, const std::string& marker);

/// 40 or 64 lower-case hexadecimal digits: a commit of git.
bool is_commit(const std::string& text);

/// What a run is started for: the body of a start, {"commit": …, "pull_request": …}, both optional. Empty: neither. Errors:
/// Errc::malformed.
struct RunCause {
    std::string commit;
    std::uint64_t pull_request = 0;
};
Result<RunCause> parse_cause(const std::string& body);

}  // namespace understudy::app::service
