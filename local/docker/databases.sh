#!/bin/sh
# Run once, by the image's entry point, on an empty data folder: the roles and databases `hybrid local up` would make.
set -eu
export PGOPTIONS="-c client_min_messages=warning"
psql -X -q -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv owner WAREHOUSE_OWNER_PASSWORD
\getenv reader BI_READER_PASSWORD
\getenv metadata SUPERSET_METADATA_PASSWORD
create role warehouse_owner login createdb createrole password :'owner';
create role bi_reader login password :'reader';
create role superset login password :'metadata';
create database superset_dev owner superset;
create database warehouse_dev owner warehouse_owner;
revoke all on database warehouse_dev from public;
grant connect on database warehouse_dev to bi_reader;
\connect warehouse_dev
grant usage on schema public to bi_reader;
alter default privileges for role warehouse_owner grant usage on schemas to bi_reader;
alter default privileges for role warehouse_owner grant select on tables to bi_reader;
alter default privileges for role warehouse_owner grant select on sequences to bi_reader;
alter default privileges for role warehouse_owner grant execute on functions to bi_reader;
SQL
