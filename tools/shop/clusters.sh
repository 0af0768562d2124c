# shellcheck shell=bash
# For tools/demo: its two throwaway PostgreSQL clusters. Everything of theirs is in $work; nobody is asked for
# a password, but they listen on 127.0.0.1 and in $work/socket only. The script that reads this file sets:
: "${understudy:?}" "${work?}" "${pg_bin?}"

clusters=()
production_port=
staging_port=

server_bin() {
    local version
    for version in 15 16 17 18 14 13; do
        if [ -x "/usr/lib/postgresql/$version/bin/initdb" ]; then
            echo "/usr/lib/postgresql/$version/bin"
            return
        fi
    done
    die "no PostgreSQL server below /usr/lib/postgresql; install postgresql-15"
}

as_server_user=(setpriv --reuid postgres --regid postgres --clear-groups)

free_port() {
    local port
    for _ in $(seq 50); do
        port=$((20000 + RANDOM % 10000))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
    die "no free port found on 127.0.0.1"
}

port_of() { if [ "$1" = production ]; then echo "$production_port"; else echo "$staging_port"; fi; }

# The superuser over the unix socket: what the demo itself does is not among the captured packets.
admin() { echo "host=$work/socket port=$(port_of "$1") user=postgres dbname=$2"; }
# The superuser over TCP.
tcp() { echo "host=127.0.0.1 port=$(port_of "$1") user=postgres dbname=$2"; }

# sql CLUSTER DATABASE psql-arguments...
sql() {
    local target
    target=$(admin "$1" "$2")
    shift 2
    run env PGOPTIONS='-c client_min_messages=warning' "$pg_bin/psql" -X -q \
        -v ON_ERROR_STOP=1 -d "$target" -o /dev/null "$@"
}

start_cluster() {
    local name=$1 port=$2 data=$work/$1
    mkdir "$data"
    chown postgres "$data"
    clusters+=("$name")
    logged "initdb-$name" "${as_server_user[@]}" "$pg_bin/initdb" -D "$data" -U postgres -A trust -E UTF8 \
        --locale=C.UTF-8 --no-sync
    cat >>"$data/postgresql.conf" <<END
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$work/socket'
timezone = 'UTC'
fsync = off
synchronous_commit = off
full_page_writes = off
END
    logged "start-$name" "${as_server_user[@]}" "$pg_bin/pg_ctl" -D "$data" -l "$data/server.log" -w -t 60 \
        start
}

stop_clusters() {
    local name
    for name in "${clusters[@]}"; do
        "${as_server_user[@]}" "$pg_bin/pg_ctl" -D "$work/$name" -m immediate -w stop >/dev/null 2>&1 || true
    done
}

# A fresh copy of production's snapshot on staging, marked as a replay target, with statistics as production
# has them.
restore() {
    sql staging postgres -c "drop database if exists $1" -c "create database $1"
    sql staging "$1" -f "$work/snapshot.sql" -c analyze
    logged "mark-$1" "$understudy" target --mark "$(tcp staging "$1")"
}

migrate() {
    sql staging "$1" -f "$2" || die "$2 cannot be applied to the shop"
}
