-- Parts the table of log lines by month (PostgreSQL 13 and later). Once, on a migrated database:
--
--   psql "$DATABASE" -v ON_ERROR_STOP=1 -f partition-logs.sql
--
-- and every month, by cron, so that there is a partition before its first line:
--
--   psql "$DATABASE" -c 'SELECT trunkline_log_partitions()'
--
-- What is there stays in `logs_before`, together with the lines of this month. The table is locked
-- while that one is read and indexed, minutes for a hundred million lines: steps wait, and end as
-- usual when it is shorter than database_timeout_s; else stop the workers meanwhile.
BEGIN;

CREATE FUNCTION trunkline_month(ahead integer) RETURNS bigint LANGUAGE sql STABLE AS $$
    -- The first microsecond, by UTC, of the month that lies so many ahead: what `at` is counted in.
    SELECT (extract(epoch FROM date_trunc('month', now() AT TIME ZONE 'UTC')
                               + make_interval(months => ahead)) * 1000000)::bigint
$$;

CREATE FUNCTION trunkline_log_partitions(months integer DEFAULT 3) RETURNS integer
LANGUAGE plpgsql AS $$
    -- Makes the partitions of the months to come that are not there yet; how many it made.
DECLARE
    made integer := 0;
    part text;
BEGIN
    FOR ahead IN 1..months LOOP
        part := 'logs_' || to_char(to_timestamp(trunkline_month(ahead) / 1000000) AT TIME ZONE 'UTC',
                                   'YYYY_MM');
        IF to_regclass(part) IS NULL THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF logs FOR VALUES FROM (%s) TO (%s)',
                           part, trunkline_month(ahead), trunkline_month(ahead + 1));
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END
$$;

ALTER TABLE logs RENAME TO logs_before;
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT indexname FROM pg_indexes
                WHERE tablename = 'logs_before' AND schemaname = current_schema() LOOP
        EXECUTE format('ALTER INDEX %I RENAME TO %I', name, name || '_before');
    END LOOP;
END
$$;

CREATE TABLE logs (LIKE logs_before INCLUDING DEFAULTS) PARTITION BY RANGE (at);
ALTER SEQUENCE logs_n_seq OWNED BY logs.n;
-- a key of a partitioned table holds what it is parted by; a line that comes twice has the same `at`
ALTER TABLE logs ADD CONSTRAINT logs_task_run_id_attempt_seq_key
    UNIQUE (task_run_id, attempt, seq, at);
CREATE INDEX ix_logs_execution ON logs (execution_id, n);
CREATE INDEX ix_logs_flow ON logs (namespace, flow_id, at);
CREATE INDEX ix_logs_at ON logs (at);

DO $$
BEGIN
    EXECUTE format('ALTER TABLE logs ATTACH PARTITION logs_before FOR VALUES FROM (MINVALUE) TO (%s)',
                   trunkline_month(1));
END
$$;
-- catches what no partition was made for in time; while it holds such lines, none can be made for them
CREATE TABLE logs_rest PARTITION OF logs DEFAULT;
SELECT trunkline_log_partitions();

COMMIT;
