-- One row per figure that changed since the last review: new, gone, risen, fallen, changed (its state), and, apart from
-- that, restated: what was shown then would be different today. No rows before the first frozen review.
-- before: what was shown then. now: today's figure; for restated, the figure of that same month as it is today, which is
-- empty where that month has none any more.
with ours as (
    select strftime(m.as_of, '%Y-%m') as month, max(r.month) as last_month
    from meta m
    join review r on r.month < strftime(m.as_of, '%Y-%m')
    group by m.as_of
),
shown as (
    select f.*
    from shown_figure f
    join ours o on f.month = o.last_month
),
pairs as (
    -- Today beside then; and the month of then, as it is today, beside what was shown of it.
    select
        true as again,
        b.topic,
        b.id,
        b.product,
        coalesce(n.name_en, b.name_en) as name_en,
        coalesce(n.name_ja, b.name_ja) as name_ja,
        b,
        n
    from shown b
    join ours o on true
    left join figure n
        on n.topic = b.topic
        and n.id = b.id
        and n.product is not distinct from b.product
        and n.month = case when b.of_month then o.last_month else o.month end
    where b.of_month or n.topic is not null -- a figure of the day that is not there is gone, and nothing else
    union all
    select
        false as again,
        coalesce(n.topic, b.topic) as topic,
        coalesce(n.id, b.id) as id,
        coalesce(n.product, b.product) as product,
        coalesce(n.name_en, b.name_en) as name_en,
        coalesce(n.name_ja, b.name_ja) as name_ja,
        b,
        n
    from shown b
    full join (select f.* from figure f join ours o on f.month = o.month) n
        on n.topic = b.topic
        and n.id = b.id
        and n.product is not distinct from b.product
    where (select count(*) from ours) > 0
),
judged as (
    select
        *,
        b.value is distinct from n.value
            and not coalesce(abs(b.value - n.value) <= 1e-9 * greatest(abs(b.value), abs(n.value)), false) as other_value,
        b.state is distinct from n.state as other_state,
        -- What an older review was frozen without is no reason.
        [
            part[1]
            for part in list_zip(
                ['target', 'correction', 'data', 'record', 'map', 'signal'],
                [b.by_target, b.by_correction, b.by_data, b.by_record, b.by_map, b.by_signal],
                [n.by_target, n.by_correction, n.by_data, n.by_record, n.by_map, n.by_signal]
            )
            if part[2] is not null and part[2] is distinct from part[3]
        ] as reasons,
        -- A figure of the day that moved although neither its record nor what it is measured on says so.
        not coalesce(b.of_month, n.of_month)
            and topic in ('risk', 'gap')
            and b.topic is not null
            and n.topic is not null
            and other_value
            and b.by_record is not distinct from n.by_record
            and b.by_data is not distinct from n.by_data as restated
    from pairs
)
select
    topic,
    case
        when again then 'restated'
        when b.topic is null then 'new'
        when n.topic is null then 'gone'
        when other_value and n.value > b.value then 'risen'
        when other_value and n.value < b.value then 'fallen'
        else 'changed'
    end as kind,
    id,
    product,
    name_en,
    name_ja,
    b.value as value_before,
    b.state as state_before,
    n.value as value_now,
    n.state as state_now,
    case
        when not again then null
        when n.topic is null then ['withdrawn']
        when len(reasons) = 0 then ['rules']
        else reasons
    end as reasons,
    coalesce(n.src_file, b.src_file) as src_file,
    coalesce(n.src_line, b.src_line) as src_line
from judged
where case
    when topic = 'policy' then again and other_value
    when topic = 'incident' then (again and other_value) or b.topic is null or n.topic is null
    when not coalesce(b.of_month, n.of_month) then
        case when again then restated else b.topic is null or n.topic is null or ((other_value or other_state) and not restated) end
    when again then other_value or other_state or n.topic is null
    else other_value or other_state or b.topic is null or n.topic is null
end
order by topic, kind, id, product
