-- migrate:up
create view examples.sales_with_customers as
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

comment on view examples.sales_with_customers is 'Orders with what is known of the customer. The virtual dataset customer_orders reads it.';
comment on column examples.sales_with_customers.margin is 'USD: revenue less cost.';

-- migrate:down
drop view if exists examples.sales_with_customers;
