#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <string>

#include "capture/redact/session_redactor.hpp"
#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "tests/support/frames.hpp"

namespace understudy::capture {

inline DigestKey redaction_key() {
    std::array<unsigned char, DigestKey::kSize> bytes{};
    bytes.fill(9);
    return DigestKey(bytes);
}

inline RedactionRules rules_of(std::initializer_list<const char*> rules) {
    RedactionRules all;
    for (const char* rule : rules) EXPECT_TRUE(all.add(rule)) << rule;
    return all;
}

/// public.users (id int4, email text, ssn int8), with a hole where a column was dropped; a table and a view with an
/// email of their own.
inline catalog::Catalog users_catalog() {
    catalog::Catalog catalog;
    catalog.relations = {{100, "public", "users", 'r', "ann"},
                         {200, "public", "notes", 'r', "ann"},
                         {300, "public", "people", 'v', "ann"}};
    const auto column = [](std::uint32_t relation, std::int16_t number, const char* name, std::uint32_t type) {
        catalog::Attribute attribute;
        attribute.relation = relation;
        attribute.number = number;
        attribute.name = name;
        attribute.type_oid = type;
        return attribute;
    };
    catalog.attributes = {column(100, 1, "id", 23), column(100, 3, "email", 25), column(100, 4, "ssn", 20),
                          column(200, 1, "email", 25), column(300, 1, "email", 25)};
    catalog.sort();
    return catalog;
}

/// A session's redactor, and what it makes of frames.
class RedactionFixture : public ::testing::Test {
protected:
    explicit RedactionFixture(std::initializer_list<const char*> rules = {"users.email", "ssn"},
                              const catalog::Catalog* catalog = nullptr)
        : redaction_(rules_of(rules), redaction_key(), catalog, counters_), session_(redaction_) {}

    Bytes token(BytesView value) const { return redaction_.tokens().text(value); }

    /// Whole frames, each redacted; they have to be whole frames again.
    Bytes client(BytesView frames) {
        Bytes out;
        for (const Bytes& frame : testing::split_frames(frames)) {
            const Bytes kept(session_.frontend(testing::view_frame(frame), ordinal_, scratch_).whole);
            for (const Bytes& one : testing::split_frames(kept)) {
                EXPECT_TRUE(pgwire::decode_frontend(testing::view_frame(one))) << one;
            }
            out += kept;
        }
        return out;
    }
    Bytes server(BytesView frame, BytesView description = {}) {
        const Bytes whole(frame);
        return Bytes(session_.backend(testing::view_frame(whole), ordinal_, description, scratch_).whole);
    }
    Bytes sql(BytesView text) {
        ++ordinal_;
        const Bytes frame = client(testing::fe::query(text));
        return frame.substr(5, frame.size() - 6);
    }
    std::uint64_t counter(const char* name) { return counters_[name]; }

    std::map<std::string, std::uint64_t> counters_;
    Redaction redaction_;
    SessionRedactor session_;
    std::uint32_t ordinal_ = 0;
    Bytes scratch_;
};

}  // namespace understudy::capture
