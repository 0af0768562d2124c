#pragma once

#include <optional>

#include "core/exchange/copy_fields.hpp"
#include "core/exchange/result_digest.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "replay/remap/statement_plan.hpp"
#include "replay/remap/value_map.hpp"

namespace understudy::replay {

/// Puts the target's values in place of recorded ones, in the form in which they are sent. For one session; what it
/// returns counts as sent.
class ValueRewriter {
public:
    ValueRewriter(SessionId session, const IdentityDomains& domains, const ValueMap& map, const Digester& digester,
                  RemapCounts& counts)
        : session_(session), domains_(domains), map_(map), digester_(digester), counts_(counts) {}

    // Each gives what is to be sent instead; nothing: the value stays as it is.

    /// A value in text format.
    [[nodiscard]] std::optional<Bytes> text(DomainId domain, BytesView value) const;
    /// A value in binary format. `type_oid` 0: not known, so that of the domain in the value's width.
    [[nodiscard]] std::optional<Bytes> binary(DomainId domain, std::uint32_t type_oid, BytesView value) const;
    /// An array, element by element: PostgreSQL docs, "Array Input and Output Syntax"; array_send in arrayfuncs.c.
    [[nodiscard]] std::optional<Bytes> array_text(DomainId domain, BytesView value) const;
    [[nodiscard]] std::optional<Bytes> array_binary(DomainId domain, BytesView value) const;
    /// A constant of a statement, as it is written there, with its sign.
    [[nodiscard]] std::optional<Bytes> literal(DomainId domain, bool array, BytesView source) const;

    /// Whether a parameter was changed. `types`: as declared in the Parse.
    bool bind(pgwire::Bind& message, const std::vector<MappedParameter>& parameters,
              const std::vector<std::uint32_t>& types) const;
    /// The text with its literals changed; nothing: none is. `prepared(name)` gives the parameters of what EXECUTE
    /// runs, or nullptr.
    [[nodiscard]] std::optional<Bytes> statement(
        const TextPlan& plan, const std::function<const std::vector<MappedParameter>*(const Bytes&)>& prepared) const;

private:
    [[nodiscard]] std::optional<Bytes> mapped(DomainId domain, const pgwire::CanonicalValue& value) const;

    SessionId session_;
    const IdentityDomains& domains_;
    const ValueMap& map_;
    const Digester& digester_;
    RemapCounts& counts_;
};

/// Maps the fields of COPY data.
class CopyMapper final : public CopyFieldRewriter {
public:
    CopyMapper(const ValueRewriter& values, const std::vector<DomainId>& fields) : values_(values), fields_(fields) {}

    [[nodiscard]] bool rewrites(std::size_t field) const override {
        return field < fields_.size() && fields_[field] != 0;
    }
    [[nodiscard]] std::optional<Bytes> text(std::size_t field, BytesView value) const override {
        return values_.text(fields_[field], value);
    }
    [[nodiscard]] std::optional<Bytes> binary(std::size_t field, BytesView value) const override {
        return values_.binary(fields_[field], 0, value);
    }
    void broken(BytesView data, Bytes& out) const override { out.append(data); }

private:
    const ValueRewriter& values_;
    const std::vector<DomainId>& fields_;
};

}  // namespace understudy::replay
