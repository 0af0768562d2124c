#include "schema/check/answer_cache.hpp"

#include <algorithm>
#include <set>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"
#include "core/base/crc32c.hpp"
#include "core/catalog/snapshot/snapshot_hasher.hpp"
#include "schema/check/server_trouble.hpp"

namespace understudy::schema {
namespace {

constexpr BytesView kMagic = "understudy answers 1\n";

class Encoder {
public:
    explicit Encoder(Bytes& out) : writer_(out) {}
    void text(BytesView bytes) {
        writer_.u32(static_cast<std::uint32_t>(bytes.size()));
        writer_.bytes(bytes);
    }
    void refusal(const std::optional<Refusal>& refusal) {
        writer_.u8(refusal ? 1 : 0);
        if (!refusal) return;
        text(refusal->sqlstate);
        text(refusal->message);
        text(refusal->hint);
        writer_.u32(refusal->position);
    }
    void answer(const KeptAnswer& answer) {
        text(answer.path);
        writer_.u8(answer.assumed ? 1 : 0);
        refusal(answer.description.refusal);
        writer_.u32(static_cast<std::uint32_t>(answer.description.parameters.size()));
        for (const std::uint32_t oid : answer.description.parameters) writer_.u32(oid);
        writer_.u32(static_cast<std::uint32_t>(answer.description.columns.size()));
        for (const auto& column : answer.description.columns) {
            text(column.name);
            writer_.u32(column.type_oid);
            writer_.i32(column.type_modifier);
        }
        writer_.u32(static_cast<std::uint32_t>(answer.plans.size()));
        for (const auto& each : answer.plans) refusal(each);
        writer_.u32(static_cast<std::uint32_t>(answer.types.size()));
        for (const auto& [oid, name] : answer.types) {
            writer_.u32(oid);
            text(name);
        }
    }

private:
    ByteWriter writer_;
};

/// Counts are believed only as far as bytes are there, so nothing is reserved for them.
class Decoder {
public:
    explicit Decoder(BytesView bytes) : reader_(bytes) {}
    Bytes text() { return Bytes(reader_.bytes(reader_.u32())); }
    std::optional<Refusal> refusal() {
        if (reader_.u8() == 0) return std::nullopt;
        Refusal refusal{text(), text(), text(), 0};
        refusal.position = reader_.u32();
        return refusal;
    }
    KeptAnswer answer() {
        KeptAnswer answer;
        answer.path = text();
        answer.assumed = reader_.u8() != 0;
        answer.description.refusal = refusal();
        for (std::uint32_t n = reader_.u32(); n > 0 && ok(); --n) answer.description.parameters.push_back(reader_.u32());
        for (std::uint32_t n = reader_.u32(); n > 0 && ok(); --n) {
            auto& column = answer.description.columns.emplace_back();
            column.name = text();
            column.type_oid = reader_.u32();
            column.type_modifier = reader_.i32();
        }
        for (std::uint32_t n = reader_.u32(); n > 0 && ok(); --n) answer.plans.push_back(refusal());
        for (std::uint32_t n = reader_.u32(); n > 0 && ok(); --n) {
            const std::uint32_t oid = reader_.u32();
            answer.types.emplace_back(oid, text());
        }
        return answer;
    }
    [[nodiscard]] bool ok() const { return reader_.ok(); }
    [[nodiscard]] bool at_end() const { return reader_.at_end(); }

private:
    ByteReader reader_;
};

}  // namespace

Result<AnswerCache> AnswerCache::decode(BytesView bytes) {
    const auto damaged = [] { return make_error(Errc::malformed, "kept answers are damaged"); };
    if (!bytes.starts_with(kMagic) || bytes.size() > kMaxBytes || bytes.size() < kMagic.size() + 4) return damaged();
    const BytesView content = bytes.substr(kMagic.size(), bytes.size() - kMagic.size() - 4);
    ByteReader checksum(bytes.substr(bytes.size() - 4));
    if (checksum.u32() != crc32c(content)) return damaged();
    AnswerCache cache;
    Decoder decoder(content);
    while (decoder.ok() && !decoder.at_end() && cache.answers_.size() < kMaxAnswers) {
        std::string key = decoder.text();
        cache.answers_[std::move(key)].answer = decoder.answer();
    }
    if (!decoder.ok() || !decoder.at_end()) return damaged();
    return cache;
}

Bytes AnswerCache::encode() const {
    Bytes out(kMagic);
    Encoder encoder(out);
    std::size_t count = 0;
    for (const bool used : {true, false}) {
        for (const auto& [key, entry] : answers_) {
            if (entry.used != used || count >= kMaxAnswers || out.size() > kMaxBytes / 2) continue;
            encoder.text(key);
            encoder.answer(entry.answer);
            ++count;
        }
    }
    const std::uint32_t checksum = crc32c(BytesView(out).substr(kMagic.size()));
    ByteWriter(out).u32(checksum);
    return out;
}

const KeptAnswer* AnswerCache::find(const std::string& key) {
    const auto found = answers_.find(key);
    if (found == answers_.end()) return nullptr;
    found->second.used = true;
    return &found->second.answer;
}

void AnswerCache::add(const std::string& key, KeptAnswer answer) { answers_[key] = {std::move(answer), true}; }

std::string answer_key(const RecordedStatement& statement, const CheckPlan::Item& item,
                       const catalog::ObjectFingerprints& schema, const std::string& environment) {
    catalog::SnapshotHasher hasher;
    hasher.text(environment);
    hasher.text(item.sql);
    hasher.number(static_cast<std::uint64_t>(item.ask));
    hasher.text(statement.user);
    hasher.number(statement.search_path ? 1 : 0);
    hasher.text(statement.search_path.value_or(""));
    hasher.number(statement.parameter_types.size());
    for (const std::uint32_t type : statement.parameter_types) hasher.number(type);
    hasher.number(statement.temps.size());
    Bytes texts = item.sql;
    for (const Bytes& temp : statement.temps) {
        hasher.text(temp);
        texts += "\n" + temp;
    }
    hasher.number(statement.samples.size());
    for (const StatementSample& sample : statement.samples) {
        hasher.text(sample.sql);
        hasher.text(sample.bind);
        texts += "\n" + sample.sql;
    }
    hasher.text(schema.of_statement(texts));
    return hasher.hex();
}

SideCache::SideCache(AnswerCache& cache, const RecordedStatements& recorded, const CheckPlan& plan,
                     const catalog::ObjectFingerprints& schema, const std::string& environment)
    : cache_(cache), recorded_(recorded), plan_(plan) {
    for (const CheckPlan::Item& item : plan.items) {
        keys_.push_back(answer_key(recorded.statements[item.statement], item, schema, environment));
        const KeptAnswer* found = cache.find(keys_.back());
        known_.push_back(found != nullptr ? std::optional(*found) : std::nullopt);
        if (found == nullptr) asked_.items.push_back(item);
    }
}

KeptAnswer SideCache::kept(const ServerAnswers& answers, std::size_t item, bool assumed) {
    KeptAnswer kept{answers.paths[item], assumed, answers.descriptions[item], {}, {}};
    if (item < answers.plans.size()) kept.plans = answers.plans[item];
    std::set<std::uint32_t> oids(kept.description.parameters.begin(), kept.description.parameters.end());
    for (auto& column : kept.description.columns) {
        oids.insert(column.type_oid);
        column = {column.name, 0, 0, column.type_oid, 0, column.type_modifier, 0};
    }
    for (const std::uint32_t oid : oids) {
        const auto named = answers.types.find(oid);
        if (named != answers.types.end()) kept.types.emplace_back(oid, named->second);
    }
    return kept;
}

ServerAnswers SideCache::complete(ServerAnswers fresh) {
    /// OIDs of another database's types could mean others here.
    constexpr std::uint32_t kFirstMadeOid = 0xf0000000;
    ServerAnswers all;
    all.server_version = fresh.server_version;
    all.types = fresh.types;
    all.roles_not_assumed = fresh.roles_not_assumed;
    std::map<Bytes, std::uint32_t> made;
    std::size_t next = 0;
    for (std::size_t i = 0; i < plan_.items.size(); ++i) {
        const Bytes& user = recorded_.statements[plan_.items[i].statement].user;
        if (!known_[i]) {
            const bool assumed = fresh.roles_not_assumed.count(user) == 0;
            KeptAnswer answer = kept(fresh, next, assumed);
            all.paths.push_back(fresh.paths[next]);
            all.descriptions.push_back(std::move(fresh.descriptions[next]));
            all.plans.push_back(answer.plans);
            ++next;
            const bool trouble = is_trouble(answer.description.refusal) ||
                                 std::any_of(answer.plans.begin(), answer.plans.end(), is_trouble);
            if (!trouble) cache_.add(keys_[i], std::move(answer));
            continue;
        }
        KeptAnswer& answer = *known_[i];
        std::map<std::uint32_t, std::uint32_t> here;
        for (const auto& [oid, name] : answer.types) {
            const auto made_oid = kFirstMadeOid + static_cast<std::uint32_t>(made.size());
            const auto [at, added] = made.try_emplace(name, made_oid);
            here[oid] = at->second;
            all.types[at->second] = name;
        }
        const auto translate = [&](std::uint32_t& oid) {
            if (const auto found = here.find(oid); found != here.end()) oid = found->second;
        };
        for (std::uint32_t& oid : answer.description.parameters) translate(oid);
        for (auto& column : answer.description.columns) translate(column.type_oid);
        if (!answer.assumed && !user.empty()) all.roles_not_assumed.insert(user);
        all.paths.push_back(std::move(answer.path));
        all.descriptions.push_back(std::move(answer.description));
        all.plans.push_back(std::move(answer.plans));
    }
    return all;
}

}  // namespace understudy::schema
