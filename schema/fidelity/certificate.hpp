#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "schema/fidelity/difference.hpp"
#include "schema/fidelity/interval.hpp"

namespace understudy::schema::fidelity {

/// Version of the certificate's JSON; docs/staging.md describes it.
inline constexpr int kCertificateFormat = 1;
inline constexpr std::size_t kMaxCertificateBytes = std::size_t{64} << 20U;
inline constexpr std::size_t kMaxStatementsShown = 200;

/// One of the two servers.
struct Side {
    Bytes database;
    Bytes version;      ///< "15.6"
    Bytes fingerprint;  ///< of its schema
    Timestamp taken;
    friend bool operator==(const Side&, const Side&) = default;
};

/// Something counted, by name.
struct Counted {
    Bytes name;
    std::uint64_t count = 0;
    friend bool operator==(const Counted&, const Counted&) = default;
};

/// How much of what passed the capture holds (docs/inspect.md, "Capture quality").
struct CaptureQuality {
    double percent = 0;  ///< of the exchanges known of: wholly recorded
    std::uint64_t exchanges = 0;
    std::uint64_t sessions = 0;
    std::vector<Bytes> doubts;  ///< why the percentage is an upper bound
    friend bool operator==(const CaptureQuality&, const CaptureQuality&) = default;
};

/// A recorded statement of which staging did not answer every call as production had.
struct NotCovered {
    Bytes fingerprint;
    Bytes statement;  ///< without constants
    std::uint64_t calls = 0;
    std::uint64_t same = 0;
    std::uint64_t differing = 0;
    std::uint64_t open = 0;  ///< the recording leaves open which answer was right
    Bytes why;               ///< of the first call that differs
    friend bool operator==(const NotCovered&, const NotCovered&) = default;
};

/// What of the recording staging answers as production did, with nothing changed. The rest is not covered by anything
/// that staging shows: it is never counted as passed.
struct Reproduced {
    Share calls;                  ///< of all recorded calls; its interval treats sessions as clusters
    Share table_calls;            ///< of those whose statement names a table
    Share fingerprints;           ///< of which every call was reproduced
    std::uint64_t differing = 0;  ///< calls
    std::uint64_t open = 0;
    std::uint64_t unjudged = 0;
    std::uint64_t prepared_otherwise = 0;
    std::uint64_t sessions = 0;
    double ambiguous_percent = 0;           ///< of the steps that can be, of the control replay's own marks
    double tainted_percent = 0;             ///< of the steps compared
    std::uint64_t mapped_values = 0;        ///< generated values that were sent as the target's
    std::uint64_t unmapped_values = 0;      ///< sent as recorded, for want of a counterpart
    std::vector<Counted> unjudged_reasons;  ///< steps that were not compared, by reason
    std::vector<NotCovered> not_covered;    ///< most calls first
    std::uint64_t not_covered_left_out = 0;
    friend bool operator==(const Reproduced&, const Reproduced&) = default;
};

/// A table, or a column of it, that the migration touches.
struct MigrationPlace {
    Bytes table;
    Bytes column;                    ///< empty: the table as a whole
    std::uint64_t fingerprints = 0;  ///< recorded statements that name it
    std::uint64_t calls = 0;
    std::uint64_t same = 0;  ///< of the calls those that staging reproduces; 0 without answers
    friend bool operator==(const MigrationPlace&, const MigrationPlace&) = default;
};

/// What has changed since another certificate.
struct Drift {
    Timestamp since;
    std::vector<Difference> come;  ///< new, or with other values
    std::vector<Difference> gone;
    std::optional<Share> calls_before;
    friend bool operator==(const Drift&, const Drift&) = default;
};

struct Certificate {
    Timestamp taken;
    Side production;
    Side staging;
    Comparison comparison;
    std::optional<CaptureQuality> capture;
    std::optional<Reproduced> reproduced;
    Bytes not_measured;  ///< why `reproduced` is not there, where it was asked for
    bool migration_given = false;
    std::vector<MigrationPlace> migration;
    std::uint64_t migration_unknown = 0;  ///< statements of it that the parser does not know
    std::vector<Counted> probe;           ///< of staging's storage, microseconds or KiB a second, as the name says
    std::optional<Drift> drift;

    /// No gate differs: verdicts of rehearsals on this staging may be believed, as far as the rest says.
    [[nodiscard]] bool holds() const { return comparison.count(DifferenceClass::gate) == 0; }
    friend bool operator==(const Certificate&, const Certificate&) = default;
};

/// What is other than in an earlier certificate: differences come and gone, by class, attribute, object and both
/// values.
Drift drift_since(const Certificate& earlier, const Certificate& now);

/// One sentence: how it stands.
std::string verdict_of(const Certificate& certificate);
/// "97.3 % (95.1 to 98.8 %) of 1,204".
std::string share_text(const Share& share);

/// For a terminal; nothing in it steers one.
std::string to_text(const Certificate& certificate);
/// As docs/staging.md has it; ends with a newline.
std::string to_json(const Certificate& certificate);
/// Errors: Errc::malformed, Errc::limit; Errc::unsupported for a newer format.
Result<Certificate> parse_certificate(BytesView json);

}  // namespace understudy::schema::fidelity
