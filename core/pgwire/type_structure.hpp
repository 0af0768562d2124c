#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace understudy::pgwire {

/// How a type is made of others, as far as its values' formats depend on it.
struct TypeStructure {
    enum class Kind : std::uint8_t {
        plain,           ///< of itself: a scalar, or a type of which nothing is known
        array,           ///< of `of`
        range,           ///< over `of`, its subtype
        multirange,      ///< of `of`, its range type
        composite,       ///< a row of `attributes`
        domain,          ///< over `of`
        text,            ///< binary as in text: enums, citext
        versioned_text,  ///< binary with a version byte before the text: ltree, lquery, ltxtquery
        hstore,
    };
    Kind kind = Kind::plain;
    std::uint32_t of = 0;
    /// A composite's, without dropped ones; empty: not known. Binary rows name their types themselves.
    std::vector<std::uint32_t> attributes{};
    friend bool operator==(const TypeStructure&, const TypeStructure&) = default;
};

/// The structures of one server's user types by OID: what a catalogue says and the wire does not.
class UserTypes {
public:
    static constexpr std::uint32_t kFirstOid = 16384;  ///< FirstNormalObjectId: lower ones are PostgreSQL's own
    static constexpr std::size_t kMaxTypes = 200'000;

    /// An OID that stands for two different types (of two databases) is not known. More than kMaxTypes are left out.
    void add(std::uint32_t oid, TypeStructure structure);
    /// `newer`, of the same databases at a later time, joins these and takes the place of those with the same OID.
    void update(const UserTypes& newer);
    /// nullptr: not known. Valid until the next add().
    [[nodiscard]] const TypeStructure* find(std::uint32_t oid) const;
    [[nodiscard]] bool empty() const { return types_.empty(); }

private:
    std::unordered_map<std::uint32_t, TypeStructure> types_;
};

/// The structure of a type: PostgreSQL's own, or of `user` (which may be nullptr). Valid as long as `user` unchanged.
const TypeStructure& structure_of(std::uint32_t type_oid, const UserTypes* user);

/// Whether every value of the type has had one and the same digest ever since there are digests, whatever its format
/// and whether a catalogue was known: the scalars of the first form and arrays of those that are printed in one way.
bool has_settled_digest(std::uint32_t type_oid);

/// Whether the first form of digests took the binary format of the type by its value; else by its bytes.
bool was_read_in_first_form(std::uint32_t type_oid);

}  // namespace understudy::pgwire
