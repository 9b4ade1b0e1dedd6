-- What was said of a practice on a product up to a month, the latest first. done, total: of the items that the map asked
-- for on the day of the statement.
with said as (
    select
        *,
        (
            select coalesce(list(c.id), [])
            from checklist_item c
            where c.practice = $practice
                and (c.added_on is null or c.added_on <= a.assessed_on)
                and (c.retired_on is null or c.retired_on > a.assessed_on)
        ) as asked
    from assessment a
    where a.product = $product
        and a.practice = $practice
        and a.assessed_on <= (select as_of from month where month = $until)
),
counted as (
    select
        *,
        len(asked) as total,
        coalesce(len(list_intersect(asked, items_done)), 0) as done
    from said
)
select
    assessed_on,
    assessor,
    case
        when state is not null then state
        when share = 1 or (done = total and total > 0) then 'adopted'
        when share = 0 or (share is null and done = 0) then 'not_adopted'
        when share is not null then 'share'
        else 'partial'
    end as said,
    done,
    total,
    share,
    evidence_url,
    note,
    src_file,
    src_line
from counted
order by assessed_on desc, src_line desc
