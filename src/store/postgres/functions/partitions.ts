/** The partitions of the log: made ahead, dropped when no execution of theirs is left. */
export const PARTITIONS_V1 = `
-- The day of now, as keys count days.
CREATE FUNCTION regente_today_v1() RETURNS int4 LANGUAGE sql STABLE AS $$
  SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date - DATE '2026-01-01'
$$;

-- The partition of a day. Nothing is done where it is there, or where turns of that day were written already, into the one that
-- takes what has no partition: they stay there.
CREATE FUNCTION regente_make_log_partition_v1(day int4) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE
  low int8 := day::int8 << 39;
  high int8 := (day + 1)::int8 << 39;
  name text := 'log_' || to_char(DATE '2026-01-01' + day, 'YYYYMMDD');
BEGIN
  IF to_regclass(name) IS NOT NULL THEN RETURN false; END IF;
  PERFORM pg_advisory_xact_lock(773401, 0);
  IF to_regclass(name) IS NOT NULL OR EXISTS (SELECT FROM log_rest WHERE execution_key >= low AND execution_key < high) THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE log INCLUDING ALL)', name);
  EXECUTE format('ALTER TABLE log ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', name, low, high);
  RETURN true;
END $$;

-- Drops one partition of a day before that one, of which no execution is left. Its name, or NULL: there is none.
CREATE FUNCTION regente_drop_log_partition_v1(before int4) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  name text;
  day int4;
BEGIN
  FOR name IN SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'log'::regclass AND relname ~ '^log_[0-9]{8}$' ORDER BY relname
  LOOP
    day := to_date(substr(name, 5), 'YYYYMMDD') - DATE '2026-01-01';
    CONTINUE WHEN day >= before;
    CONTINUE WHEN EXISTS (SELECT FROM executions WHERE key >= day::int8 << 39 AND key < (day + 1)::int8 << 39);
    EXECUTE format('DROP TABLE %I', name);
    RETURN name;
  END LOOP;
  RETURN NULL;
END $$;
`
