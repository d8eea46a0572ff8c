-- The schema of the example workspace. Everything below it is invented data: drop it whenever you like.

-- migrate:up
create schema if not exists examples;
comment on schema examples is 'Sample data behind the example dashboards. Invented; safe to drop.';

-- migrate:down
drop schema if exists examples;
