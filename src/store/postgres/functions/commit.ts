/**
 * The one statement of a group commit: turns of many executions, all of them or none, in arrays.
 *
 * The fence. A commit holds the lock of its node shared until it has ended, and looks at node and shards after it has the lock.
 * Whoever buries a node, takes a shard from it or ends one of its sessions holds that lock alone. So what a commit has seen holds
 * until it is over, and a statement of before that comes late (out of a queue, out of a proxy) is refused.
 *
 * Answers with a letter for each turn, creates first, in the order given (c committed, n name-taken, s stale), or with what keeps
 * all of it from being made: 'S' an ended session, 'F1,2' shards that the node does not hold, 'M1,2' machines that are not there.
 * The caller takes what is refused out and asks again: so the common case has no conditions in it.
 *
 * Plans are the same for all values, and use the indexes of the few rows that are asked for, whatever the statistics say.
 */
const SETTINGS = `SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
  SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off`

/** Columns of a new execution, in the order of its arrays. */
export const ROW_COLUMNS = `key, arn, name, state_machine_arn, state_machine_key, revision_key, version_arn, alias_arn, type, status,
  start_at, stop_at, map_run_key, item_count, redrive_count, redrive_at, input, output, error, cause, trace_header, item_index,
  map_state, wake_at, is_busy, last_event_id`
export const ROW_ARGUMENTS = `c_key int8[], c_arn text[], c_name text[], c_state_machine_arn text[], c_state_machine_key int8[],
  c_revision_key int8[], c_version_arn text[], c_alias_arn text[], c_type text[], c_status text[], c_start_at int8[],
  c_stop_at int8[], c_map_run_key int8[], c_item_count int4[], c_redrive_count int4[], c_redrive_at int8[], c_input text[],
  c_output text[], c_error text[], c_cause text[], c_trace_header text[], c_item_index int4[], c_map_state text[],
  c_wake_at int8[], c_is_busy bool[], c_last_event_id int4[]`
export const ROW_ARRAYS = ROW_ARGUMENTS.replaceAll(/ (?:int8|int4|text|bool)\[\]/g, '')

export const COMMIT_V1 = `
CREATE FUNCTION regente_refuses_v1(node int4, session_given int4, shards_given int4[], epochs int8[]) RETURNS text
LANGUAGE plpgsql ${SETTINGS} AS $$
DECLARE
  session_kept int4;
  lost text;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(773402, node);
  SELECT session INTO session_kept FROM nodes WHERE number = node;
  IF session_kept <> session_given THEN RETURN 'S'; END IF;
  SELECT 'F' || string_agg(given.shard::text, ',') INTO lost FROM unnest(shards_given, epochs) AS given (shard, epoch)
    WHERE NOT EXISTS (SELECT FROM shards WHERE shards.shard = given.shard AND holder = node AND shards.epoch = given.epoch);
  RETURN lost;
END $$;

CREATE FUNCTION regente_commit_v1(
  node int4, session int4, shards_given int4[], epochs int8[], machines int8[],
  ${ROW_ARGUMENTS}, c_first int4[], c_last int4[], c_chunk text[],
  t_key int8[], t_sequence int4[], t_first int4[], t_last int4[], t_chunk text[], t_given int4[], t_status text[],
  t_start_at int8[], t_stop_at int8[], t_output text[], t_error text[], t_cause text[], t_wake_at int8[], t_is_busy bool[],
  t_last_event_id int4[], t_redrive_count int4[], t_redrive_at int8[]
) RETURNS text LANGUAGE plpgsql ${SETTINGS} AS $$
#variable_conflict use_column
DECLARE
  refusal text;
  made int8[];
  logged int8[];
  is_all bool;
  outcomes text := '';
  part text;
BEGIN
  refusal := regente_refuses_v1(node, session, shards_given, epochs);
  IF refusal IS NOT NULL THEN RETURN refusal; END IF;
  IF cardinality(machines) > 0 THEN
    PERFORM pg_advisory_xact_lock_shared(773403, machine::int4) FROM unnest(machines) AS machine;
    SELECT 'M' || string_agg(machine::text, ',') INTO refusal FROM unnest(machines) AS machine
      WHERE NOT EXISTS (SELECT FROM state_machines WHERE key = machine AND status = 'ACTIVE');
    IF refusal IS NOT NULL THEN RETURN refusal; END IF;
  END IF;

  IF cardinality(c_key) > 0 THEN
    WITH inserted AS (
      INSERT INTO executions (${ROW_COLUMNS}) SELECT * FROM unnest(${ROW_ARRAYS}) ON CONFLICT DO NOTHING RETURNING key
    ) SELECT coalesce(array_agg(key), '{}') INTO made FROM inserted;
    is_all := cardinality(made) = cardinality(c_key);
    WITH inserted AS (
      INSERT INTO log (execution_key, sequence, first_id, last_id, chunk)
      SELECT c.key, 0, c.first, c.last, c.chunk FROM unnest(c_key, c_first, c_last, c_chunk) AS c (key, first, last, chunk)
      WHERE c.chunk IS NOT NULL AND (is_all OR c.key = ANY (made)) ON CONFLICT DO NOTHING RETURNING execution_key
    ) SELECT coalesce(array_agg(execution_key), '{}') INTO logged FROM inserted;
    IF is_all AND cardinality(logged) = cardinality(c_key) THEN
      outcomes := repeat('c', cardinality(c_key));
    ELSE
      -- A place in the log that is taken: the row that was made for it is unmade.
      DELETE FROM executions USING unnest(c_key, c_chunk) AS c (key, chunk)
        WHERE executions.key = c.key AND c.chunk IS NOT NULL AND c.key = ANY (made) AND c.key <> ALL (logged);
      SELECT string_agg(CASE WHEN c.key <> ALL (made) THEN 'n' WHEN c.chunk IS NOT NULL AND c.key <> ALL (logged) THEN 's' ELSE 'c' END,
        '' ORDER BY c.place) INTO outcomes FROM unnest(c_key, c_chunk) WITH ORDINALITY AS c (key, chunk, place);
    END IF;
  END IF;

  IF cardinality(t_key) > 0 THEN
    WITH inserted AS (
      INSERT INTO log (execution_key, sequence, first_id, last_id, chunk)
      SELECT t.key, t.sequence, t.first, t.last, t.chunk
      FROM unnest(t_key, t_sequence, t_first, t_last, t_chunk) AS t (key, sequence, first, last, chunk)
      WHERE t.chunk IS NOT NULL AND EXISTS (SELECT FROM executions WHERE executions.key = t.key)
      ON CONFLICT DO NOTHING RETURNING execution_key
    ) SELECT coalesce(array_agg(execution_key), '{}') INTO logged FROM inserted;
    is_all := cardinality(logged) = cardinality(t_key);
    WITH updated AS (
      UPDATE executions SET
        status = CASE WHEN t.given & 1 <> 0 THEN t.status ELSE executions.status END,
        start_at = CASE WHEN t.given & 2 <> 0 THEN t.start_at ELSE executions.start_at END,
        stop_at = CASE WHEN t.given & 4 <> 0 THEN t.stop_at ELSE executions.stop_at END,
        output = CASE WHEN t.given & 8 <> 0 THEN t.output ELSE executions.output END,
        error = CASE WHEN t.given & 16 <> 0 THEN t.error ELSE executions.error END,
        cause = CASE WHEN t.given & 32 <> 0 THEN t.cause ELSE executions.cause END,
        wake_at = CASE WHEN t.given & 64 <> 0 THEN t.wake_at ELSE executions.wake_at END,
        is_busy = CASE WHEN t.given & 128 <> 0 THEN t.is_busy ELSE executions.is_busy END,
        last_event_id = CASE WHEN t.given & 256 <> 0 THEN t.last_event_id ELSE executions.last_event_id END,
        redrive_count = CASE WHEN t.given & 512 <> 0 THEN t.redrive_count ELSE executions.redrive_count END,
        redrive_at = CASE WHEN t.given & 1024 <> 0 THEN t.redrive_at ELSE executions.redrive_at END
      FROM unnest(t_key, t_chunk, t_given, t_status, t_start_at, t_stop_at, t_output, t_error, t_cause, t_wake_at, t_is_busy,
        t_last_event_id, t_redrive_count, t_redrive_at)
        AS t (key, chunk, given, status, start_at, stop_at, output, error, cause, wake_at, is_busy, last_event_id, redrive_count,
          redrive_at)
      WHERE executions.key = t.key AND (is_all OR t.chunk IS NULL OR t.key = ANY (logged)) RETURNING executions.key
    ) SELECT coalesce(array_agg(key), '{}') INTO made FROM updated;
    IF cardinality(made) = cardinality(t_key) THEN
      part := repeat('c', cardinality(t_key));
    ELSE
      SELECT string_agg(CASE WHEN t.key = ANY (made) THEN 'c' ELSE 's' END, '' ORDER BY t.place) INTO part
        FROM unnest(t_key) WITH ORDINALITY AS t (key, place);
    END IF;
    outcomes := outcomes || part;
  END IF;
  RETURN outcomes;
END $$;
`
