/** Turns of Map Runs, each a statement of its own, behind the same fence as a group commit. */
import { ROW_ARGUMENTS, ROW_ARRAYS, ROW_COLUMNS } from './commit.ts'

const SETTINGS = 'SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off'
const COLUMNS = `execution_key, execution_arn, state_machine_arn, map_state, status, start_at, stop_at, max_concurrency,
  tolerated_failure_count, tolerated_failure_percentage, redrive_count, redrive_at, items_read, is_reading_done, results_written,
  settings`

export const MAP_RUNS_V1 = `
-- 'c': the run of that ARN is there, made now or earlier. 'S', 'F…' as regente_refuses_v1 says.
CREATE FUNCTION regente_create_map_run_v1(
  node int4, session int4, shards_given int4[], epochs int8[], run jsonb, events text, event_count int4
) RETURNS text LANGUAGE plpgsql ${SETTINGS} AS $$
DECLARE
  refusal text;
  made int8;
BEGIN
  refusal := regente_refuses_v1(node, session, shards_given, epochs);
  IF refusal IS NOT NULL THEN RETURN refusal; END IF;
  INSERT INTO map_runs (arn, ${COLUMNS}) SELECT arn, ${COLUMNS} FROM jsonb_populate_record(NULL::map_runs, run)
    ON CONFLICT DO NOTHING RETURNING key INTO made;
  IF made IS NOT NULL AND event_count > 0 THEN
    INSERT INTO map_run_log (map_run_key, sequence, event_count, events)
      VALUES (made, 0, regente_create_map_run_v1.event_count, regente_create_map_run_v1.events);
  END IF;
  RETURN 'c';
END $$;

-- 'c' committed, 's' stale, 'S' an ended session, 'F…' the run's shard is not held. 'H' and a number: of what shard the run is,
-- which the caller did not know. Rows of children that are there already are an error, and nothing is made.
CREATE FUNCTION regente_commit_map_run_v1(
  node int4, session int4, shards_given int4[], epochs int8[], run int8, place int4, new_events text, new_event_count int4,
  changes jsonb, reopens bool, ${ROW_ARGUMENTS}, l_key int8[], l_first int4[], l_last int4[], l_chunk text[]
) RETURNS text LANGUAGE plpgsql ${SETTINGS} AS $$
DECLARE
  refusal text;
  log_end int4;
  home int8;
BEGIN
  refusal := regente_refuses_v1(node, session, shards_given, epochs);
  IF refusal IS NOT NULL THEN RETURN refusal; END IF;
  SELECT execution_key % 256 INTO home FROM map_runs WHERE key = run;
  IF home IS NULL THEN RETURN 's'; END IF;
  IF home <> ALL (shards_given) THEN RETURN 'H' || home; END IF;
  SELECT sequence + event_count INTO log_end FROM map_run_log WHERE map_run_key = run ORDER BY sequence DESC LIMIT 1;
  IF coalesce(log_end, 0) <> place THEN RETURN 's'; END IF;
  INSERT INTO map_run_log (map_run_key, sequence, event_count, events) VALUES (run, place, new_event_count, new_events)
    ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN 's'; END IF;
  IF changes <> '{}' THEN
    UPDATE map_runs SET (${COLUMNS}) = (SELECT ${COLUMNS} FROM jsonb_populate_record(map_runs, changes)) WHERE key = run;
  END IF;
  IF cardinality(c_key) > 0 THEN
    INSERT INTO executions (${ROW_COLUMNS}) SELECT * FROM unnest(${ROW_ARRAYS});
  END IF;
  IF cardinality(l_key) > 0 THEN
    INSERT INTO log (execution_key, sequence, first_id, last_id, chunk)
      SELECT key, 0, first, last, chunk FROM unnest(l_key, l_first, l_last, l_chunk) AS l (key, first, last, chunk);
  END IF;
  IF reopens THEN
    UPDATE executions SET status = 'PENDING_REDRIVE' WHERE map_run_key = run AND status IN ('FAILED', 'TIMED_OUT', 'ABORTED');
  END IF;
  RETURN 'c';
END $$;
`
