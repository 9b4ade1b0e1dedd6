-- Formulas that several views share. They live as long as the build, not in the snapshot.
-- Of the members of a weighted composite, those without units are left out and the other weights stand for them:
-- mean_bad: bad units of the whole, the mean bad share of its members by weight, of the units of all.
create or replace temp macro mean_bad(weight, bad, units) as
    sum(weight * bad / units) filter (where units > 0) / sum(weight) filter (where units > 0) * sum(units);
-- proving: plain units that would tell as much of that share, the effective sample size of Korn and Graubard (Survey
-- Methodology 24, 1998). A member may have much weight and little traffic.
create or replace temp macro proving(weight, units) as
    power(sum(weight) filter (where units > 0), 2) / sum(weight * weight / units) filter (where units > 0);
-- share_measured: of the buckets that should exist those that do, all of them at most; NULL where it is not known how
-- many should (least() passes over a NULL).
create or replace temp macro share_measured(buckets, expected) as
    case when expected > 0 then least(coalesce(buckets, 0) / expected, 1) end;
-- buckets_due: buckets that should exist in so many minutes.
create or replace temp macro buckets_due(minutes, bucket_seconds) as minutes * 60 / bucket_seconds;
-- burn_begins: where a burn window of so many minutes begins; one shorter than a bucket is as long as that.
create or replace temp macro burn_begins(ends, minutes, bucket_seconds) as
    ends - to_seconds(greatest(minutes * 60, coalesce(bucket_seconds, 0)));
-- slice_number: which slice of its local day a bucket lies in. Slices count from local midnight in time that really
-- passes: the hour that comes twice has slices of its own.
create or replace temp macro slice_number(start, local_time, zone, minutes) as
    case
        when zone = 'UTC' then epoch(local_time)
        else epoch(start) - epoch(timezone(zone, date_trunc('day', local_time)))
    end::bigint // (minutes * 60);
