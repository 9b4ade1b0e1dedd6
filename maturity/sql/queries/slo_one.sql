select
    m.*,
    -- What the budget is in failures that tell as much as plain ones; a review that was frozen before has no other.
    m.allowed_units / m.units * coalesce(m.proving_units, m.units) as allowed_failures,
    s.name_en,
    s.name_ja,
    s.journey_en,
    s.journey_ja,
    s.basis_en,
    s.basis_ja,
    s.owner,
    s.policy_en,
    s.policy_ja,
    s.format,
    s.combine,
    s.missing_slices,
    s.description_en,
    s.description_ja,
    s.window_count,
    s.window_unit,
    s.src_file,
    s.src_line,
    b.bucket_seconds,
    a.action_en,
    a.action_ja
from slo_month m
join slo s on s.id = m.slo
left join slo_bucket b on b.slo = m.slo
left join policy_action a on a.state = m.state
where m.slo = $slo
    and m.month = $month
