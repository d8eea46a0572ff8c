-- migrate:up
create table examples.fact_sales (
    order_id bigint not null,
    order_date date not null,
    customer_id text not null,
    region text not null,
    brand text not null,
    category text not null,
    channel text not null,
    quantity bigint not null,
    unit_price numeric(10, 2) not null,
    discount numeric(4, 3) not null,
    revenue numeric(12, 2) not null,
    cost numeric(12, 2) not null,
    constraint fact_sales_pkey primary key (order_id),
    constraint fact_sales_customer_id_fkey foreign key (customer_id) references examples.customers (customer_id),
    constraint fact_sales_quantity_check check (quantity > 0),
    constraint fact_sales_discount_check check (discount >= 0 and discount < 1)
);

create index fact_sales_order_date_idx on examples.fact_sales (order_date);
create index fact_sales_customer_id_idx on examples.fact_sales (customer_id);

comment on table examples.fact_sales is 'One row per order of outdoor gear, 2023 to 2025. Invented data.';
comment on column examples.fact_sales.customer_id is 'Who bought: the column that row-level security and guest tokens filter by.';
comment on column examples.fact_sales.region is 'Region of the customer, repeated here so that most charts need no join.';
comment on column examples.fact_sales.discount is 'Share of the list price that was waived: 0.1 is ten per cent.';
comment on column examples.fact_sales.revenue is 'USD: quantity x unit_price, less the discount.';
comment on column examples.fact_sales.cost is 'USD: what the goods cost us.';

-- migrate:down
drop table if exists examples.fact_sales;
