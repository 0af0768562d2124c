#pragma once

#include <string>

#include "tools/shop_workload/client.hpp"

namespace understudy::shop {

/// Most clients that find customers and products of their own in tools/shop/data.sql.
constexpr int max_clients = 24;

/// Who is at work: the number of the client, its chance, and how far it is. Keeps every client on rows of its
/// own, so that what it reads does not depend on how fast the others are.
struct Visitor {
    int number;  ///< 0 .. max_clients - 1
    int seed;
    Dice& dice;
    int round = 0;  ///< counts over all sessions of this client

    int own_customer() { return number * 100 + dice.between(1, 100); }
    int own_product() { return number * 20 + dice.between(1, 20); }
    /// Read by all, written by nobody.
    int shared_customer() { return dice.between(2401, 3000); }
    int shared_product() { return dice.between(481, 600); }
    /// A mark that no other client, round or seed has: "1-3-17".
    [[nodiscard]] std::string mark() const {
        return std::to_string(seed) + "-" + std::to_string(number) + "-" + std::to_string(round);
    }
};

/// A part in the play. A session is: `greet` once, then `act` again and again.
struct Role {
    const char* name;
    int rounds_per_session;  ///< 0: one session for the whole run
    int pause_ms;            ///< average pause between two rounds
    void (*greet)(Client&, Visitor&);
    void (*act)(Client&, Visitor&);
};

extern const Role web_role;        ///< pages: simple and extended protocol, short sessions
extern const Role checkout_role;   ///< orders in transactions
extern const Role catalogue_role;  ///< browsing: named prepared statements, text and binary results
extern const Role reporting_role;  ///< aggregates, the views, cursors
extern const Role import_role;     ///< COPY in and out
extern const Role pipeline_role;   ///< several statements before a Sync
extern const Role mistake_role;    ///< errors on purpose, short sessions

}  // namespace understudy::shop
