-- Sample rows of examples.customers and examples.fact_sales: an invented wholesaler of outdoor gear, 2023 to 2025, about 22,000 orders.
-- Running it again gives the same rows: nothing here is random(), every "accident" is a number made from the md5 of a text.

truncate table examples.fact_sales, examples.customers;

-- A number from 0 (inclusive) to 1 (exclusive) that depends on nothing but `seed`.
create or replace function pg_temp.chance(seed text) returns double precision
language sql immutable
as $$ select ('x' || substr(md5(seed), 1, 8))::bit(32)::bigint / 4294967296.0 $$;

insert into examples.customers (customer_id, customer_name, segment, region, country, customer_since)
values
-- The first in the list buy most.
('alder-outfitters', 'Alder Outfitters', 'Chain', 'North America', 'United States', '2019-03-01'),
('nordwand-sport', 'Nordwand Sport', 'Chain', 'Europe', 'Germany', '2019-05-01'),
('ridgeline-supply', 'Ridgeline Supply', 'Chain', 'North America', 'United States', '2019-09-01'),
('sakura-outdoor', 'Sakura Outdoor', 'Chain', 'Asia Pacific', 'Japan', '2020-02-01'),
('cairn-and-co', 'Cairn & Co', 'Specialist', 'Europe', 'United Kingdom', '2020-04-01'),
('maple-trail', 'Maple Trail', 'Chain', 'North America', 'Canada', '2020-06-01'),
('campo-base', 'Campo Base', 'Specialist', 'Europe', 'Italy', '2020-07-01'),
('bluegum-adventure', 'Bluegum Adventure', 'Chain', 'Asia Pacific', 'Australia', '2020-10-01'),
('pack-and-paddle', 'Pack & Paddle', 'Specialist', 'North America', 'United States', '2021-01-01'),
('fjellbutikken', 'Fjellbutikken', 'Specialist', 'Europe', 'Norway', '2021-02-01'),
('gearbay', 'Gearbay', 'Marketplace seller', 'North America', 'United States', '2021-03-01'),
('sierra-viva', 'Sierra Viva', 'Chain', 'Latin America', 'Mexico', '2021-05-01'),
('les-deux-sommets', 'Les Deux Sommets', 'Specialist', 'Europe', 'France', '2021-06-01'),
('kiwi-basecamp', 'Kiwi Basecamp', 'Specialist', 'Asia Pacific', 'New Zealand', '2021-08-01'),
('stadt-und-berg', 'Stadt und Berg', 'Specialist', 'Europe', 'Austria', '2021-11-01'),
('mata-verde', 'Mata Verde', 'Chain', 'Latin America', 'Brazil', '2022-01-01'),
('tentmarkt', 'Tentmarkt', 'Marketplace seller', 'Europe', 'Netherlands', '2022-03-01'),
('hanok-outdoor', 'Hanok Outdoor', 'Chain', 'Asia Pacific', 'South Korea', '2022-05-01'),
('prairie-post', 'Prairie Post', 'Specialist', 'North America', 'Canada', '2022-08-01'),
('andes-directo', 'Andes Directo', 'Marketplace seller', 'Latin America', 'Chile', '2022-11-01'),
('lakeside-gear', 'Lakeside Gear', 'Specialist', 'North America', 'United States', '2023-02-01'),
('skog-sjo', 'Skog & Sjö', 'Specialist', 'Europe', 'Sweden', '2023-04-01'),
('monsoon-trek', 'Monsoon Trek', 'Marketplace seller', 'Asia Pacific', 'India', '2023-06-01'),
('cumbre-sur', 'Cumbre Sur', 'Specialist', 'Latin America', 'Argentina', '2023-09-01'),
('granite-peak', 'Granite Peak', 'Specialist', 'North America', 'United States', '2024-01-01'),
('hiker-house', 'Hiker House', 'Marketplace seller', 'Europe', 'Poland', '2024-03-01'),
('island-trails', 'Island Trails', 'Specialist', 'Asia Pacific', 'Singapore', '2024-05-01'),
('desert-line', 'Desert Line', 'Marketplace seller', 'North America', 'United States', '2024-09-01'),
('sendero-libre', 'Sendero Libre', 'Specialist', 'Latin America', 'Colombia', '2025-01-01'),
('highland-store', 'Highland Store', 'Specialist', 'Europe', 'United Kingdom', '2025-03-01');

with brands (brand, category, unit_price, popularity, yearly_growth, season_peak, season_strength) as (
    -- season_peak: the day of the year on which most is sold; season_strength: 0 = all year alike, 1 = nothing half a year later.
    values
    ('Northlight', 'Jackets', 149.00, 1.15, 0.10, 318, 0.60),
    ('Fernhill', 'Footwear', 104.00, 1.35, 0.04, 262, 0.22),
    ('Tarn', 'Tents', 219.00, 0.72, 0.12, 158, 0.68),
    ('Cinder', 'Cooking', 58.00, 0.85, 0.02, 165, 0.42),
    ('Kestrel', 'Backpacks', 124.00, 1.05, 0.07, 190, 0.32),
    ('Halyard', 'Water sports', 189.00, 0.48, 0.26, 182, 0.78),
    ('Mossback', 'Clothing', 62.00, 1.30, -0.03, 340, 0.25),
    ('Glimmer', 'Lighting', 39.00, 0.80, -0.10, 345, 0.48)
),

customers as (
    select
        customer_id, region, segment, customer_since,
        row_number() over (order by customer_since, customer_id) as place
    from examples.customers
),

days as (
    select
        day::date as day,
        extract(doy from day) as day_of_year,
        (day::date - date '2023-01-01') / 365.25 as years,
        (select count(*) from customers where customers.customer_since <= day) as customers,
        round(
            15.5
            * exp(0.16 * (day::date - date '2023-01-01') / 365.25)
            -- More in early summer and before Christmas, less in February; a peak in the last week of November.
            * (1 + 0.10 * cos(2 * pi() * (extract(doy from day) - 170) / 365) + 0.16 * cos(4 * pi() * (extract(doy from day) - 154) / 365))
            * case when extract(month from day) = 11 and extract(day from day) between 22 and 30 then 1.6 else 1 end
            * (array[0.55, 1.15, 1.20, 1.15, 1.10, 1.05, 0.75])[extract(dow from day)::integer + 1]
            * (0.8 + 0.4 * pg_temp.chance('day' || to_char(day, 'YYYY-MM-DD')))
        )::integer as orders
    from generate_series(date '2023-01-01', date '2025-12-31', interval '1 day') as day
),

orders as (
    select
        row_number() over (order by days.day, nth) as order_id,
        days.*,
        to_char(days.day, 'YYYY-MM-DD') || '#' || nth as seed
    from days
    cross join lateral generate_series(1, days.orders) as nth
),

filled as (
    select
        orders.order_id, orders.day, orders.years, orders.seed,
        customers.customer_id, customers.region, customers.segment,
        brand.brand, brand.category, brand.unit_price,
        -- Shops move from the telephone to the web shop.
        case
            when customers.segment = 'Marketplace seller' and pg_temp.chance(orders.seed || 'channel') < 0.75 then 'Marketplace'
            when pg_temp.chance(orders.seed || 'channel') < 0.28 + 0.09 * orders.years then 'Web shop'
            when pg_temp.chance(orders.seed || 'channel') < 0.62 + 0.05 * orders.years then 'Sales team'
            when pg_temp.chance(orders.seed || 'channel') < 0.90 then 'Trade fair'
            else 'Marketplace'
        end as channel,
        ceil(
            case customers.segment when 'Chain' then 15 when 'Specialist' then 9 else 6 end
            * (0.35 - ln(1 - pg_temp.chance(orders.seed || 'quantity')))
        )::bigint as quantity,
        case
            when extract(month from orders.day) = 11 and extract(day from orders.day) between 22 and 30 then 0.20
            when pg_temp.chance(orders.seed || 'discount') < 0.55 then 0
            when pg_temp.chance(orders.seed || 'discount') < 0.85 then 0.05
            when pg_temp.chance(orders.seed || 'discount') < 0.96 then 0.10
            else 0.15
        end as discount
    from orders
    -- Old customers first, and far more often than new ones.
    inner join customers on customers.place = 1 + floor(orders.customers * pg_temp.chance(orders.seed || 'customer') ^ 1.9)
    cross join lateral (
        -- A weighted draw: of all brands the one with the smallest -ln(chance) / weight.
        select brands.*
        from brands
        order by
            -ln(1 - pg_temp.chance(orders.seed || brands.brand))
            / (
                brands.popularity * exp(brands.yearly_growth * orders.years)
                * (1 + brands.season_strength * cos(2 * pi() * (orders.day_of_year - brands.season_peak) / 365))
            )
        limit 1
    ) as brand
)

insert into examples.fact_sales (
    order_id, order_date, customer_id, region, brand, category, channel, quantity, unit_price, discount, revenue, cost
)
select
    order_id, day, customer_id, region, brand, category, channel, quantity, unit_price, discount,
    round(quantity * unit_price * (1 - discount), 2),
    -- Goods got cheaper to make, by about a point a year.
    round((quantity * unit_price * (0.60 - 0.012 * years + 0.06 * pg_temp.chance(seed || 'cost')))::numeric, 2)
from filled;

analyze examples.customers, examples.fact_sales;
