#include "schema/fidelity/setting_classes.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace understudy::schema::fidelity {
namespace {

struct Class {
    SettingClass what;
    BytesView names;  ///< with a space between
};

// PostgreSQL 13 to 18, lower case.
constexpr std::array kClasses{
    Class{
        SettingClass::result,
        "array_nulls backslash_quote bytea_output check_function_bodies createrole_self_grant datestyle "
        "default_table_access_method default_text_search_config default_transaction_deferrable "
        "default_transaction_isolation default_transaction_read_only default_with_oids escape_string_warning "
        "event_triggers exit_on_error extra_float_digits gin_fuzzy_search_limit icu_validation_level "
        "ignore_checksum_failure ignore_invalid_pages ignore_system_indexes intervalstyle lc_messages lc_monetary "
        "lc_numeric lc_time lo_compat_privileges max_function_args max_identifier_length max_index_keys "
        "max_prepared_transactions operator_precedence_warning quote_all_identifiers restrict_nonsystem_relation_kind "
        "row_security search_path session_replication_role standard_conforming_strings synchronize_seqscans timezone "
        "timezone_abbreviations transform_null_equals xmlbinary xmloption zero_damaged_pages "
        "allow_system_table_mods allow_in_place_tablespaces"},
    Class{
        SettingClass::timeout,
        "authentication_timeout client_connection_check_interval deadlock_timeout idle_in_transaction_session_timeout "
        "idle_replication_slot_timeout idle_session_timeout lock_timeout max_standby_archive_delay "
        "max_standby_streaming_delay old_snapshot_threshold statement_timeout tcp_keepalives_count "
        "tcp_keepalives_idle tcp_keepalives_interval tcp_user_timeout transaction_timeout wal_receiver_timeout "
        "wal_sender_timeout"},
    Class{SettingClass::replication,
          "archive_mode hot_standby hot_standby_feedback max_logical_replication_workers max_replication_slots "
          "max_slot_wal_keep_size max_wal_senders recovery_min_apply_delay synchronized_standby_slots "
          "synchronous_standby_names sync_replication_slots track_commit_timestamp vacuum_defer_cleanup_age "
          "wal_keep_size wal_level"},
    Class{SettingClass::limit,
          "max_connections max_files_per_process max_locks_per_transaction max_pred_locks_per_page "
          "max_pred_locks_per_relation max_pred_locks_per_transaction max_stack_depth max_notify_queue_pages "
          "reserved_connections superuser_reserved_connections temp_file_limit"},
    Class{SettingClass::module,
          "jit_provider local_preload_libraries session_preload_libraries shared_preload_libraries"},
    Class{
        SettingClass::speed,
        "autovacuum autovacuum_analyze_scale_factor autovacuum_analyze_threshold autovacuum_freeze_max_age "
        "autovacuum_max_workers autovacuum_multixact_freeze_max_age autovacuum_naptime autovacuum_vacuum_cost_delay "
        "autovacuum_vacuum_cost_limit autovacuum_vacuum_insert_scale_factor autovacuum_vacuum_insert_threshold "
        "autovacuum_vacuum_max_threshold autovacuum_vacuum_scale_factor autovacuum_vacuum_threshold "
        "autovacuum_work_mem backend_flush_after bgwriter_delay bgwriter_flush_after bgwriter_lru_maxpages "
        "bgwriter_lru_multiplier block_size checkpoint_completion_target checkpoint_flush_after checkpoint_timeout "
        "commit_delay commit_siblings compute_query_id constraint_exclusion cpu_index_tuple_cost cpu_operator_cost "
        "cpu_tuple_cost cursor_tuple_fraction data_checksums debug_discard_caches debug_parallel_query "
        "default_statistics_target default_tablespace default_toast_compression dynamic_shared_memory_type "
        "effective_cache_size effective_io_concurrency enable_async_append enable_bitmapscan "
        "enable_distinct_reordering "
        "enable_gathermerge enable_group_by_reordering enable_hashagg enable_hashjoin enable_incremental_sort "
        "enable_indexonlyscan enable_indexscan enable_material enable_memoize enable_mergejoin enable_nestloop "
        "enable_parallel_append enable_parallel_hash enable_partition_pruning enable_partitionwise_aggregate "
        "enable_partitionwise_join enable_presorted_aggregate enable_self_join_elimination enable_seqscan enable_sort "
        "enable_tidscan file_extend_method force_parallel_mode from_collapse_limit fsync full_page_writes geqo "
        "geqo_effort "
        "geqo_generations geqo_pool_size geqo_seed geqo_selection_bias geqo_threshold hash_mem_multiplier "
        "huge_page_size "
        "huge_pages io_combine_limit io_max_combine_limit io_max_concurrency io_method io_workers jit jit_above_cost "
        "jit_expressions jit_inline_above_cost jit_optimize_above_cost jit_tuple_deforming join_collapse_limit "
        "logical_decoding_work_mem maintenance_io_concurrency maintenance_work_mem max_parallel_maintenance_workers "
        "max_parallel_workers max_parallel_workers_per_gather max_wal_size max_worker_processes "
        "min_dynamic_shared_memory "
        "min_parallel_index_scan_size min_parallel_table_scan_size min_wal_size multixact_member_buffers "
        "multixact_offset_buffers notify_buffers parallel_leader_participation parallel_setup_cost parallel_tuple_cost "
        "plan_cache_mode random_page_cost recursive_worktable_factor segment_size seq_page_cost serializable_buffers "
        "shared_buffers shared_memory_type subtransaction_buffers synchronous_commit temp_buffers temp_tablespaces "
        "track_activities track_counts track_functions track_io_timing track_wal_io_timing transaction_buffers "
        "vacuum_buffer_usage_limit vacuum_cost_delay vacuum_cost_limit vacuum_cost_page_dirty vacuum_cost_page_hit "
        "vacuum_cost_page_miss vacuum_failsafe_age vacuum_freeze_min_age vacuum_freeze_table_age "
        "vacuum_max_eager_freeze_failure_rate vacuum_multixact_failsafe_age vacuum_multixact_freeze_min_age "
        "vacuum_multixact_freeze_table_age vacuum_truncate wal_block_size wal_buffers wal_compression wal_init_zero "
        "wal_log_hints wal_recycle wal_segment_size wal_skip_threshold wal_sync_method wal_writer_delay "
        "wal_writer_flush_after work_mem"},
    Class{SettingClass::ignored,
          "application_name client_encoding client_min_messages cluster_name event_source password_encryption port "
          "listen_addresses update_process_title track_activity_query_size role session_authorization is_superuser "
          "allow_alter_system extension_control_path server_encoding server_version server_version_num lc_collate "
          "lc_ctype in_hot_standby debug_pretty_print "
          "debug_print_parse debug_print_plan debug_print_rewritten md5_password_warnings"},
};

/// Extensions whose parameters choose what is observed, not what is answered.
constexpr std::array<BytesView, 6> kObservers{"pg_stat_statements.", "auto_explain.", "pg_stat_kcache.",
                                              "pg_wait_sampling.",   "pgaudit.",      "pg_prewarm."};

Bytes folded(BytesView name) {
    Bytes lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return lower;
}

using Entry = std::pair<BytesView, SettingClass>;

/// Sorted by name.
const std::vector<Entry>& entries() {
    static const std::vector<Entry> all = [] {
        std::vector<Entry> made;
        for (const Class& one : kClasses) {
            BytesView rest = one.names;
            while (!rest.empty()) {
                const std::size_t end = std::min(rest.find(' '), rest.size());
                made.emplace_back(rest.substr(0, end), one.what);
                rest.remove_prefix(std::min(end + 1, rest.size()));
            }
        }
        std::sort(made.begin(), made.end());
        return made;
    }();
    return all;
}

}  // namespace

SettingClass class_of_setting(BytesView name) {
    const Bytes lower = folded(name);
    if (lower.find('.') != Bytes::npos) {
        const bool observes = std::any_of(kObservers.begin(), kObservers.end(),
                                          [&](BytesView prefix) { return lower.starts_with(prefix); });
        return observes ? SettingClass::ignored : SettingClass::result;
    }
    const auto& all = entries();
    const auto found = std::lower_bound(all.begin(), all.end(), BytesView(lower),
                                        [](const Entry& entry, BytesView wanted) { return entry.first < wanted; });
    if (found != all.end() && found->first == lower) return found->second;
    for (const BytesView prefix :
         {"log_", "ssl", "unix_socket_", "krb_", "gss_", "syslog_", "trace_", "debug_", "bonjour"}) {
        if (lower.starts_with(prefix)) return SettingClass::ignored;
    }
    return SettingClass::unknown;
}

std::vector<Bytes> known_settings() {
    std::vector<Bytes> names;
    for (const auto& [name, what] : entries()) {
        if (what != SettingClass::ignored) names.emplace_back(name);
    }
    return names;
}

}  // namespace understudy::schema::fidelity
