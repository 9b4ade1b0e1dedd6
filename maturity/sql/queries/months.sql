select month
from month
order by month
