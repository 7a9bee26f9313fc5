#include "lab/smoltbot_schema.hpp"

namespace doctor::lab {

const std::vector<SchemaFile>& smoltbot_migrations() {
  static const std::vector<SchemaFile> files{
      {"000_base_schema.sql", R"(CREATE TABLE agents (
  id text PRIMARY KEY,
  agent_hash text UNIQUE NOT NULL,
  last_seen timestamptz,
  aip_enforcement_mode text NOT NULL DEFAULT 'observe',
  org_card_exempt boolean NOT NULL DEFAULT false,
  auto_containment_threshold integer DEFAULT 3,
  containment_status text NOT NULL DEFAULT 'active',
  contained_at timestamptz,
  contained_by text,
  containment_reason text
);
CREATE TABLE alignment_cards (
  id text PRIMARY KEY,
  agent_id text NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
  card_json jsonb NOT NULL DEFAULT '{}',
  is_active boolean NOT NULL DEFAULT true
);
CREATE TABLE integrity_checkpoints (checkpoint_id text PRIMARY KEY, agent_id text NOT NULL, verdict text NOT NULL);
CREATE TABLE enforcement_nudges (id text PRIMARY KEY, agent_id text NOT NULL, status text NOT NULL DEFAULT 'pending');
CREATE TABLE metering_events (event_id text PRIMARY KEY, agent_id text, event_type text NOT NULL);
CREATE TABLE traces (trace_id text PRIMARY KEY, agent_id text, created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE billing_accounts (account_id text PRIMARY KEY, status text NOT NULL DEFAULT 'active');
CREATE FUNCTION get_quota_context_for_agent(p_agent_id text) RETURNS jsonb LANGUAGE sql STABLE
  AS $$ SELECT jsonb_build_object('account_status', coalesce((SELECT status FROM billing_accounts LIMIT 1), 'active')) $$;
)"},
      {"001_add_nudge_strategy.sql", R"(ALTER TABLE agents ADD COLUMN nudge_strategy text NOT NULL DEFAULT 'always'
  CHECK (nudge_strategy IN ('always', 'sampling', 'threshold', 'off'));
)"}};
  return files;
}

std::string migrations_table() {
  return "CREATE TABLE IF NOT EXISTS _schema_migrations (filename text PRIMARY KEY, applied_at timestamptz NOT NULL "
         "DEFAULT "
         "now());\n";
}

std::string migration_row(const std::string& file) {
  return "INSERT INTO _schema_migrations (filename) VALUES ('" + file + "');\n";
}

}  // namespace doctor::lab
