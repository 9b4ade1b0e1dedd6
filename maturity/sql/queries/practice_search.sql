-- Practices whose texts hold some words, in either language, and where: in the name, among the other names and habits
-- that count as it, or elsewhere. $words are in lower case.
with texts as (
    select
        id,
        lower(name_en || ' ' || name_ja) as name,
        list_filter(
            list_concat(already_doing_en, already_doing_ja), lambda habit: contains(lower(habit), $words)
        ) as habits,
        lower(concat_ws(
            ' ', why_en, why_ja, explanation_en, explanation_ja, array_to_string(how_to_en, ' '),
            array_to_string(how_to_ja, ' '), array_to_string(risk_tags, ' ')
        )) as rest
    from practice
),
found as (
    select
        id as practice,
        habits,
        case
            when contains(name, $words) then 1
            when len(habits) > 0 then 2
            when contains(rest, $words) then 3
        end as position
    from texts
)
select
    practice,
    habits,
    position
from found
where position is not null
order by position, practice
