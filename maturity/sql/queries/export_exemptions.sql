-- exemptions.csv
select
    product,
    practice,
    reason_code,
    reason_en,
    reason_ja,
    approver,
    granted_on,
    expires_on,
    revoked_on
from exemption
order by product, practice, granted_on
