-- migrate:up
create view examples.customer_orders as
select
    sale.order_id,
    sale.order_date,
    sale.customer_id,
    customer.customer_name,
    customer.segment,
    customer.country,
    sale.region,
    sale.brand,
    sale.channel,
    sale.revenue,
    sale.revenue - sale.cost as margin
from examples.fact_sales as sale
inner join examples.customers as customer on sale.customer_id = customer.customer_id;

comment on view examples.customer_orders is 'Orders with what is known of the customer. The virtual dataset customer_orders reads it.';
comment on column examples.customer_orders.margin is 'USD: revenue less cost.';

-- migrate:down
drop view if exists examples.customer_orders;
