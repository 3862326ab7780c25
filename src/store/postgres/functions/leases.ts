/**
 * Who lives, and who holds what, by the database's clock. Lock 773402 of a node is held shared by each commit of it, and alone by
 * whoever takes something away from it (see commit.ts).
 */
export const LEASES_V1 = `
-- Lives on for so long; whether it had been taken for dead, and holds nothing any more.
CREATE FUNCTION regente_renew_v1(node int4, session_given int4, url_given text, lease_ms int4) RETURNS bool LANGUAGE plpgsql AS $$
BEGIN
  UPDATE nodes SET alive_until = clock_timestamp() + lease_ms * interval '1 millisecond' WHERE number = node;
  IF FOUND THEN RETURN false; END IF;
  INSERT INTO nodes (number, session, url, alive_until)
    VALUES (node, session_given, url_given, clock_timestamp() + lease_ms * interval '1 millisecond')
    ON CONFLICT DO NOTHING;
  RETURN true;
END $$;

-- Buries the dead unless they are spared, then takes shards that nobody holds, and those of this node that it does not know to be
-- its own.
CREATE FUNCTION regente_take_v1(node int4, known int4[], most int4, spares_dead bool) RETURNS TABLE (taken int4, epoch_now int8)
LANGUAGE plpgsql SET lock_timeout = '1s' AS $$
DECLARE
  dead int4;
BEGIN
  FOR dead IN
    SELECT number FROM nodes WHERE alive_until < clock_timestamp() AND number <> node AND NOT spares_dead ORDER BY number
  LOOP
    BEGIN
      PERFORM pg_advisory_xact_lock(773402, dead);
      DELETE FROM nodes WHERE number = dead AND alive_until < clock_timestamp();
      IF FOUND THEN UPDATE shards SET holder = NULL WHERE holder = dead; END IF;
    EXCEPTION WHEN lock_not_available THEN NULL; -- a commit of it is under way still: the next time
    END;
  END LOOP;
  PERFORM FROM nodes WHERE number = node AND alive_until > clock_timestamp() FOR SHARE;
  IF NOT FOUND THEN RETURN; END IF;
  IF EXISTS (SELECT FROM shards WHERE holder = node AND shard <> ALL (known)) THEN
    PERFORM pg_advisory_xact_lock(773402, node);
  END IF;
  RETURN QUERY
    WITH free AS (
      SELECT shard FROM shards WHERE holder IS NULL OR (holder = node AND shard <> ALL (known))
      ORDER BY shard LIMIT most FOR UPDATE SKIP LOCKED
    )
    UPDATE shards SET holder = node, epoch = epoch + 1 FROM free WHERE shards.shard = free.shard
    RETURNING shards.shard, shards.epoch;
END $$;

-- Gives these up; all of them where none are named, and the node with them.
CREATE FUNCTION regente_release_v1(node int4, given int4[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(773402, node);
  UPDATE shards SET holder = NULL WHERE holder = node AND (given IS NULL OR shard = ANY (given));
  IF given IS NULL THEN DELETE FROM nodes WHERE number = node; END IF;
END $$;

-- From now on nothing is written that was sent under another session of this node. Waits for what is under way.
CREATE FUNCTION regente_begin_session_v1(node int4, session_given int4) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(773402, node);
  UPDATE nodes SET session = session_given WHERE number = node;
END $$;
`
