#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/catalog/snapshot/object_fingerprints.hpp"
#include "schema/check/describe_run.hpp"

namespace understudy::schema {

/// What one server said to one item of a plan, as another run can take it.
struct KeptAnswer {
    Bytes path;                                           ///< ServerAnswers::paths
    bool assumed = true;                                  ///< it was asked as the recorded user
    Description description;                              ///< of columns: name, type, modifier
    std::vector<std::optional<Refusal>> plans;            ///< ServerAnswers::plans
    std::vector<std::pair<std::uint32_t, Bytes>> types;   ///< names of the types in it that are not built in
    friend bool operator==(const KeptAnswer&, const KeptAnswer&) = default;
};

/// Answers by everything that they depend on: answer_key(). A value; where it is kept is the caller's.
class AnswerCache {
public:
    static constexpr std::size_t kMaxAnswers = 400'000;
    static constexpr std::size_t kMaxBytes = std::size_t{256} << 20U;

    AnswerCache() = default;
    /// Errors: Errc::malformed for bytes that encode() did not write.
    static Result<AnswerCache> decode(BytesView bytes);
    /// Those that were found or added since decode(), and as many of the others as kMaxAnswers lets.
    [[nodiscard]] Bytes encode() const;

    /// nullptr: none. Valid until the next add().
    const KeptAnswer* find(const std::string& key);
    void add(const std::string& key, KeptAnswer answer);
    [[nodiscard]] std::size_t size() const { return answers_.size(); }

private:
    struct Entry {
        KeptAnswer answer;
        bool used = false;
    };
    std::map<std::string, Entry> answers_;
};

/// SHA-256 of what an answer depends on: the item and its recorded values, what of the schema its text can depend on, and
/// `environment`: what else the caller knows of both servers and the program.
std::string answer_key(const RecordedStatement& statement, const CheckPlan::Item& item,
                       const catalog::ObjectFingerprints& schema, const std::string& environment);

/// One server's side of a plan, of which some answers are known.
class SideCache {
public:
    /// Borrows all but the environment.
    SideCache(AnswerCache& cache, const RecordedStatements& recorded, const CheckPlan& plan,
              const catalog::ObjectFingerprints& schema, const std::string& environment);

    /// The items that have to be asked about.
    [[nodiscard]] const CheckPlan& asked() const { return asked_; }
    /// Answers to all items, from those to asked(); keeps what may be kept: no time-outs and the like.
    ServerAnswers complete(ServerAnswers fresh);

private:
    static KeptAnswer kept(const ServerAnswers& answers, std::size_t item, bool assumed);

    AnswerCache& cache_;
    const RecordedStatements& recorded_;
    const CheckPlan& plan_;
    std::vector<std::string> keys_;
    std::vector<std::optional<KeptAnswer>> known_;
    CheckPlan asked_;
};

}  // namespace understudy::schema
