#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"

namespace understudy::app {

// How a scratch database is known as one of ours, so that what an interrupted run left behind can be found and nothing
// else is ever dropped. Three marks, of which `understudy clean` needs the name and one of the others:
//
// - the name, understudy_PURPOSE_ and 16 hexadecimal digits of chance;
// - the tag, a line of its own at the end of the database's comment, which says who made it when and of what;
// - while it is being made, before it can have a comment: connections are not allowed, and the connection limit is a
//   checksum of the name. CREATE DATABASE sets both at once, so a run that is killed meanwhile leaves a database that
//   is known, too.
//
// Whether its maker still runs is told by an advisory lock, whose key is the chance in the name. Everything here is
// pure.

/// The parts of a scratch database's name.
struct CopyName {
    std::string purpose;       ///< a to z, up to 16: "check", "baseline"
    std::uint64_t chance = 0;  ///< tells copies apart; the key of the maker's advisory lock
    friend bool operator==(const CopyName&, const CopyName&) = default;
};
std::string to_text(const CopyName& name);
/// Nothing for a name of another form.
std::optional<CopyName> parse_copy_name(BytesView name);
/// Whether `purpose` may stand in a name.
bool is_purpose(BytesView purpose);

/// What the tag says.
struct CopyTag {
    Timestamp created;
    std::string purpose;
    Bytes source;          ///< the database that it is a copy of
    Bytes host;            ///< where its maker ran
    std::int64_t pid = 0;  ///< of its maker, there
    friend bool operator==(const CopyTag&, const CopyTag&) = default;
};
/// The comment with the tag as its last line.
Bytes comment_with_tag(BytesView comment, const CopyTag& tag);
/// The tag that ends a comment. Nothing for none, and for one that is not exactly of the form above.
std::optional<CopyTag> tag_of_comment(BytesView comment);

/// The comment as the source has it: without tags, also those of copies of copies.
Bytes comment_without_tags(BytesView comment);

/// The connection limit that a database of this name has while it is being made.
std::int32_t unfinished_limit(BytesView name);

/// What a server says of one of its databases, as far as it matters for knowing it.
struct DatabaseMarks {
    Bytes name;
    Bytes comment;
    bool allows_connections = true;
    std::int32_t connection_limit = -1;
};
enum class Origin {
    foreign,     ///< not ours: never touched
    doubtful,    ///< named like one of ours and without the other marks: not touched, but worth a word
    unfinished,  ///< ours, from a run that was killed while making it
    tagged,      ///< ours
};
Origin origin_of(const DatabaseMarks& marks);

}  // namespace understudy::app
