-- migrate:up
create table examples.customers (
    customer_id text not null,
    customer_name text not null,
    segment text not null,
    region text not null,
    country text not null,
    customer_since date not null,
    constraint customers_pkey primary key (customer_id)
);

comment on table examples.customers is 'The shops that buy from us. One row is one tenant of embedded dashboards.';
comment on column examples.customers.customer_id is 'Tenant key: a readable slug, the same in every environment.';
comment on column examples.customers.segment is 'Chain, Specialist or Marketplace seller.';

-- migrate:down
drop table if exists examples.customers;
