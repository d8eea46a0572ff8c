-- Sample rows of examples.birth_names: 41 names x 10 states x 51 years. Running it again gives the same rows: nothing here is
-- random(), every "accident" is a number made from the md5 of a text.

truncate table examples.birth_names;

-- A number from 0 (inclusive) to 1 (exclusive) that depends on nothing but `seed`.
create or replace function pg_temp.chance(seed text) returns double precision
language sql immutable
as $$ select ('x' || substr(md5(seed), 1, 8))::bit(32)::bigint / 4294967296.0 $$;

with names (name, gender, peak_year, years_in_fashion, peak_num, always) as (
    -- Fashion is a bell curve around the peak; `always` is the share of it that never goes out of fashion.
    values
    ('Amanda', 'girl', 1984, 7, 3100, 0.02),
    ('Amy', 'girl', 1975, 6, 2900, 0.03),
    ('Anna', 'girl', 1988, 22, 1150, 0.30),
    ('Ashley', 'girl', 1989, 6, 4300, 0.02),
    ('Ava', 'girl', 2011, 6, 2100, 0.01),
    ('Elizabeth', 'girl', 1984, 26, 1900, 0.35),
    ('Emily', 'girl', 1998, 9, 2700, 0.06),
    ('Emma', 'girl', 2010, 10, 2300, 0.05),
    ('Hannah', 'girl', 2000, 6, 2000, 0.03),
    ('Isabella', 'girl', 2009, 5, 2500, 0.01),
    ('Jennifer', 'girl', 1973, 7, 5600, 0.03),
    ('Jessica', 'girl', 1987, 8, 4900, 0.02),
    ('Laura', 'girl', 1969, 14, 1700, 0.08),
    ('Lisa', 'girl', 1966, 6, 5100, 0.02),
    ('Madison', 'girl', 2003, 6, 2200, 0.01),
    ('Mary', 'girl', 1958, 13, 4800, 0.10),
    ('Michelle', 'girl', 1969, 9, 3500, 0.05),
    ('Olivia', 'girl', 2013, 9, 2100, 0.03),
    ('Sarah', 'girl', 1983, 11, 2800, 0.06),
    ('Sophia', 'girl', 2012, 6, 2200, 0.02),
    ('Aiden', 'boy', 2010, 5, 1700, 0.01),
    ('Alexander', 'boy', 2001, 14, 1900, 0.10),
    ('Andrew', 'boy', 1988, 12, 2600, 0.08),
    ('Brandon', 'boy', 1990, 7, 2500, 0.03),
    ('Christopher', 'boy', 1984, 11, 4600, 0.05),
    ('Daniel', 'boy', 1985, 19, 2900, 0.15),
    ('David', 'boy', 1961, 17, 5400, 0.14),
    ('Ethan', 'boy', 2006, 7, 2100, 0.02),
    ('Jacob', 'boy', 1999, 9, 2900, 0.04),
    ('James', 'boy', 1956, 22, 4800, 0.20),
    ('Jason', 'boy', 1974, 6, 4700, 0.04),
    ('John', 'boy', 1957, 20, 5000, 0.16),
    ('Joshua', 'boy', 1988, 10, 3700, 0.04),
    ('Kevin', 'boy', 1969, 15, 2300, 0.12),
    ('Liam', 'boy', 2015, 7, 2000, 0.01),
    ('Mason', 'boy', 2011, 5, 1900, 0.01),
    ('Matthew', 'boy', 1986, 12, 3700, 0.05),
    ('Michael', 'boy', 1969, 18, 6300, 0.12),
    ('Noah', 'boy', 2014, 9, 2200, 0.02),
    ('Robert', 'boy', 1956, 18, 4900, 0.15),
    ('Tyler', 'boy', 1993, 6, 2500, 0.02)
),

states (state, share, yearly_growth) as (
    values
    ('CA', 0.215, 0.006), ('TX', 0.150, 0.011), ('NY', 0.145, -0.007), ('FL', 0.095, 0.012), ('IL', 0.093, -0.005),
    ('PA', 0.088, -0.008), ('OH', 0.082, -0.008), ('MI', 0.068, -0.010), ('NJ', 0.052, -0.004), ('GA', 0.050, 0.009)
)

insert into examples.birth_names (ds, year, gender, name, state, num)
select
    make_date(years.year, 1, 1),
    years.year,
    names.gender,
    names.name,
    states.state,
    greatest(5, round(
        names.peak_num
        * (names.always + (1 - names.always) * exp(-(((years.year - names.peak_year) / (names.years_in_fashion * 1.3)) ^ 2)))
        * states.share * exp(states.yearly_growth * (years.year - 1990))
        -- What a state likes lasts, what a year brings does not.
        * (0.75 + 0.5 * pg_temp.chance(names.name || states.state))
        * (0.95 + 0.1 * pg_temp.chance(names.name || states.state || years.year))
    ))
from names
cross join states
cross join generate_series(1965, 2015) as years (year);

analyze examples.birth_names;
