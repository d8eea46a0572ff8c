-- migrate:up
create table examples.birth_names (
    ds date not null,
    -- squawk-ignore prefer-bigint-over-int
    year integer not null,
    gender text not null,
    name text not null,
    state text not null,
    num bigint not null,
    constraint birth_names_pkey primary key (year, state, gender, name),
    constraint birth_names_gender_check check (gender in ('boy', 'girl')),
    constraint birth_names_num_check check (num >= 0)
);

-- The two columns the dashboard filters by. A new table is empty, so the indexes need not be built concurrently.
create index birth_names_year_idx on examples.birth_names (year);
create index birth_names_state_idx on examples.birth_names (state);

comment on table examples.birth_names is 'How many newborns got a name, by year and state. Invented numbers with plausible curves.';
comment on column examples.birth_names.ds is 'First of January of the year: the time axis of charts.';
comment on column examples.birth_names.state is 'Two-letter code of the state.';
comment on column examples.birth_names.num is 'Newborns with this name in this year and state.';

-- migrate:down
drop table if exists examples.birth_names;
