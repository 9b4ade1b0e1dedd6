select
    id,
    name_en,
    name_ja,
    coalesce(description_en, '') as description_en,
    coalesce(description_ja, '') as description_ja,
    team,
    tier,
    target_level,
    providers,
    lifecycle,
    active_users,
    main_slo,
    src_file,
    src_line
from product
order by tier, name_en
