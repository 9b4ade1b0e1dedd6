-- One row per item of the review's agenda: why it is here, its figures, its owner, and what was decided last.
with today as (
    select
        as_of,
        strftime(as_of, '%Y-%m') as month,
        date_trunc('month', as_of)::date as first,
        strftime(date_trunc('month', as_of) - interval 1 day, '%Y-%m') as month_before
    from meta
),
limits as (
    select
        max(value) filter (where name = 'quiet_days')::int as quiet_days,
        max(value) filter (where name = 'decision_days')::int as decision_days
    from policy
),
last_change as (
    select c.id, c.product
    from change c
    cross join (select value as share from policy where name = 'risen_share') g
    where c.topic = 'risk' and c.kind = 'risen' and c.value_now > c.value_before * (1 + g.share)
),
told as (
    -- What was decided and is late, has no day and grew old, or ended without a word; and what ended this month.
    select
        'follow_up' as section,
        'decision' as kind,
        d.id,
        coalesce(d.product, s.product, r.products[1]) as product,
        coalesce(s.name_en, r.title_en, p.name_en) as name_en,
        coalesce(s.name_ja, r.title_ja, p.name_ja) as name_ja,
        [
            case
                when d.state <> 'open' and d.result_en is null then 'no_result'
                when d.state <> 'open' then 'ended'
                when d.due < t.as_of then 'late'
                when d.until < t.as_of then 'run_out'
                else 'old'
            end
        ] as whys,
        d.closed_on is not null and d.result_en is not null as good_news,
        null::double as minutes,
        null::double as share,
        coalesce(d.closed_on, d.due, d.until, d.decided_on) as day,
        coalesce(d.result_en, d.reason_en) as text_en,
        coalesce(d.result_ja, d.reason_ja) as text_ja,
        coalesce(d.owner, d.decided_by) as owner,
        null::varchar[] as who,
        coalesce(d.slo, d.risk, d.practice) as about,
        d.src_file,
        d.src_line,
        case when d.state = 'open' then datediff('day', coalesce(d.due, d.until, d.decided_on), t.as_of) else -1 end as weight
    from decision d
    cross join today t
    cross join limits l
    left join slo s on s.id = d.slo
    left join risk r on r.id = d.risk
    left join practice p on p.id = d.practice
    where d.decided_on <= t.as_of
        and case
            when d.state <> 'open' then d.closed_on between t.first and t.as_of or d.result_en is null
            else coalesce(d.due, d.until, d.decided_on + l.decision_days) < t.as_of
        end
    union all by name
    select
        'budgets' as section,
        'slo' as kind,
        m.slo as id,
        m.product,
        s.name_en,
        s.name_ja,
        [m.state] as whys,
        false as good_news,
        m.left_minutes as minutes,
        m.consumed as share,
        m.state_since as day,
        a.action_en as text_en,
        a.action_ja as text_ja,
        s.owner,
        null as who,
        m.slo as about,
        s.src_file,
        s.src_line,
        -a.position + 1 - 1 / (1 + coalesce(m.consumed, 0)) as weight
    from slo_month m
    join today t using (month)
    join slo s on s.id = m.slo
    left join policy_action a on a.state = m.state
    where m.in_trouble
    union all by name
    select
        'regressions' as section,
        'practice' as kind,
        r.practice as id,
        r.product,
        p.name_en,
        p.name_ja,
        [r.cause, case when r.mature then 'mature' end, case when r.gate_broken then 'gate_broken' end,
            case when r.must then 'must' end] as whys,
        false as good_news,
        g.bad_minutes_per_year as minutes,
        g.budget_share as share,
        r.fell_on as day,
        r.after_note as text_en,
        r.after_note as text_ja,
        coalesce(r.after_assessor, r.before_assessor) as owner,
        null as who,
        r.practice as about,
        coalesce(r.after_file, r.before_file, p.src_file) as src_file,
        coalesce(r.after_line, r.before_line, p.src_line) as src_line,
        -r.position as weight
    from regression r
    join today t using (month)
    join practice p on p.id = r.practice
    left join practice_gap g on g.product = r.product and g.practice = r.practice
    where r.alert and r.recovered_on is null
    union all by name
    select
        'risks' as section,
        'risk' as kind,
        r.id,
        s.product,
        r.title_en as name_en,
        r.title_ja as name_ja,
        [case when r.detected_at >= t.first then 'new' end, case when s.risen then 'risen' end,
            case when s.must_discuss then 'must_discuss' end] || coalesce(c.checks, []) as whys,
        false as good_news,
        s.minutes,
        s.share,
        coalesce(r.next_action_due, c.since, r.detected_at) as day,
        r.next_action_text_en as text_en,
        r.next_action_text_ja as text_ja,
        coalesce(r.next_action_owner, r.owner, r.team) as owner,
        null as who,
        r.id as about,
        r.src_file,
        r.src_line,
        coalesce(s.minutes, 0) as weight
    from (
        select
            k.risk,
            arg_max(k.product, coalesce(k.order_share, 0)) as product,
            max(k.bad_minutes_per_year) as minutes,
            max(k.budget_share) as share,
            bool_or(k.must_discuss) as must_discuss,
            bool_or(h.id is not null) as risen
        from risk_score k
        left join last_change h on h.id = k.risk and h.product = k.product
        where k.is_open
        group by k.risk
    ) s
    join risk r on r.id = s.risk
    cross join today t
    left join (
        select risk, list(name order by position) as checks, min(since) as since
        from risk_check
        where name in (
            'action_overdue', 'review_overdue', 'buried', 'acceptance_expired', 'acceptance_ends', 'acceptance_overtaken',
            'no_owner', 'no_next_action'
        )
        group by risk
    ) c on c.risk = r.id
    where r.detected_at >= t.first or s.risen or s.must_discuss or c.risk is not null
    union all by name
    select
        'over_provided' as section,
        'slo' as kind,
        a.slo as id,
        s.product,
        s.name_en,
        s.name_ja,
        ['over_provided'] as whys,
        false as good_news,
        a.free_minutes as minutes,
        a.budget_used as share,
        a.freed_per_month,
        a.currency,
        a.last as day,
        null as text_en,
        null as text_ja,
        s.owner,
        null as who,
        a.slo as about,
        s.src_file,
        s.src_line,
        coalesce(a.freed_per_month, 0) + 1 - coalesce(a.budget_used, 0) as weight
    from slo_advice a
    join slo s on s.id = a.slo
    where a.verdict = 'over_provided'
    union all by name
    select
        'spreading' as section,
        'practice' as kind,
        n.practice as id,
        null as product,
        any_value(p.name_en) as name_en,
        any_value(p.name_ja) as name_ja,
        list_sort(list(distinct case when w.practice is null then 'adopted' else 'won_back' end)) as whys,
        true as good_news,
        null as minutes,
        null as share,
        max(n.assessed_on) as day,
        null as text_en,
        null as text_ja,
        string_agg(distinct n.assessor, ', ' order by n.assessor) as owner,
        list(n.product order by n.product) as who,
        n.practice as about,
        any_value(coalesce(n.src_file, p.src_file)) as src_file,
        any_value(coalesce(n.src_line, p.src_line)) as src_line,
        count(*) as weight
    from practice_state n
    join today t using (month)
    join practice_state b on b.month = t.month_before and b.product = n.product and b.practice = n.practice
    join practice p on p.id = n.practice
    -- What a product had lost and has again is good news too, but nothing that spreads.
    left join (
        select distinct
            product,
            practice,
            strftime(recovered_on, '%Y-%m') as month
        from regression
        where regression
    ) w on w.product = n.product and w.practice = n.practice and w.month = n.month
    where n.adopted and not b.adopted and n.provider is null
    group by n.practice
    union all by name
    select
        'quiet' as section,
        'risk' as kind,
        r.id,
        r.products[1] as product,
        r.title_en as name_en,
        r.title_ja as name_ja,
        ['quiet'] as whys,
        false as good_news,
        s.minutes,
        s.share,
        t.as_of - s.idle as day,
        r.next_action_text_en as text_en,
        r.next_action_text_ja as text_ja,
        coalesce(r.next_action_owner, r.owner, r.team) as owner,
        null as who,
        r.id as about,
        r.src_file,
        r.src_line,
        s.idle as weight
    from (
        select
            risk,
            max(idle_days)::int as idle,
            max(bad_minutes_per_year) as minutes,
            max(budget_share) as share
        from risk_score
        where is_open
        group by risk
    ) s
    join risk r on r.id = s.risk
    cross join today t
    cross join limits l
    where s.idle >= l.quiet_days
    union all by name
    select
        'quiet' as section,
        'slo' as kind,
        s.id,
        s.product,
        s.name_en,
        s.name_ja,
        g.missing as whys,
        false as good_news,
        null as minutes,
        null as share,
        g.on_date as day,
        null as text_en,
        null as text_ja,
        s.owner,
        null as who,
        s.id as about,
        s.src_file,
        s.src_line,
        coalesce(g.value, 0) as weight
    from slo_rung g
    join slo s on s.id = g.slo
    where g.rung = 'reviewed' and not g.met
    union all by name
    select
        'claims' as section,
        'practice' as kind,
        s.practice as id,
        s.product,
        p.name_en,
        p.name_ja,
        ['claim'] as whys,
        false as good_news,
        null as minutes,
        null as share,
        s.confirmed_on as day,
        p.evidence_en as text_en,
        p.evidence_ja as text_ja,
        s.assessor as owner,
        null as who,
        s.practice as about,
        coalesce(s.src_file, p.src_file) as src_file,
        coalesce(s.src_line, p.src_line) as src_line,
        -c.position as weight
    from claim_sample c
    join practice_state s using (month, product, practice)
    join today t using (month)
    join practice p on p.id = s.practice
),
once as (
    -- A record stands under the first reason why it is here.
    select *
    from told
    where section <> 'quiet'
        or (kind, id) not in (select (kind, id) from told where section in ('budgets', 'risks', 'over_provided'))
),
answered as (
    select
        coalesce(slo, risk, practice) as about,
        case when practice is not null then product end as product, -- an SLO or a risk is one, whatever product is named
        arg_max({'decision': decision, 'on': decided_on, 'en': reason_en, 'ja': reason_ja, 'owner': owner, 'due': due,
            'state': state}, (decided_on, id)) as last
    from decision
    cross join today
    where decided_on <= as_of
    group by all
)
select
    o.section,
    p.position,
    row_number() over (partition by o.section order by o.good_news, o.weight desc, o.id, o.product) as rank,
    o.kind,
    o.id,
    o.product,
    o.name_en,
    o.name_ja,
    list_filter(o.whys, lambda why: why is not null) as whys,
    o.minutes,
    o.share,
    o.freed_per_month,
    o.currency,
    o.day,
    o.text_en,
    o.text_ja,
    o.owner,
    o.who,
    case when o.kind <> 'decision' then o.kind when d.slo is not null then 'slo' when d.risk is not null then 'risk' else 'practice' end
        as about_kind,
    o.about,
    a.last.decision as decided,
    a.last."on" as decided_on,
    a.last.en as decision_en,
    a.last.ja as decision_ja,
    a.last.owner as decision_owner,
    a.last.due as decision_due,
    a.last.state as decision_state,
    o.src_file,
    o.src_line
from once o
join (
    select *
    from (
        values
            ('follow_up', 1), ('budgets', 2), ('regressions', 3), ('risks', 4), ('over_provided', 5), ('spreading', 6),
            ('quiet', 7), ('claims', 8)
    ) named(section, position)
) p using (section)
left join decision d on o.kind = 'decision' and d.id = o.id
left join answered a
    on a.about = o.about
    and (a.product is null or a.product = o.product)
    and o.kind <> 'decision'
order by p.position, rank
