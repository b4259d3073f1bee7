/**
 * Does the steps, one after the other. One that a constraint forbids waits for others, and what is of the same row waits
 * with it; what still waits in the end is done with all constraints deferred that can be.
 * PostgreSQL's own functions and catalogs are named in full, for the search path is empty.
 */
export const RUN_STEPS = `
CREATE TEMPORARY TABLE pg_temp.walscan_fk ON COMMIT DROP AS
  WITH t AS (SELECT DISTINCT tbl, pg_catalog.to_regclass(tbl) AS rel FROM pg_temp.walscan_step)
  SELECT t.tbl, c.conrelid::pg_catalog.regclass::text AS child, c.confupdtype AS on_update, c.confdeltype AS on_delete,
    (SELECT pg_catalog.string_agg(pg_catalog.format('c.%I = p.%I', a.attname, b.attname), ' AND ')
      FROM pg_catalog.generate_subscripts(c.conkey, 1) AS i
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[i]
      JOIN pg_catalog.pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[i]) AS pairs,
    ARRAY(SELECT s.tbl FROM t s WHERE s.rel = c.conrelid
      OR s.rel IN (SELECT relid FROM pg_catalog.pg_partition_tree(c.conrelid))) AS children
  FROM t JOIN pg_catalog.pg_constraint c ON c.contype = 'f' AND c.confrelid = t.rel;
CREATE INDEX ON pg_temp.walscan_row (grp);
CREATE TEMPORARY TABLE pg_temp.walscan_verdict (grp integer PRIMARY KEY, state text NOT NULL, reason text) ON COMMIT DROP;

DO $walscan$
DECLARE
  step record;
  fk record;
  other record;
  is_left boolean;
  is_before boolean;
  all_left boolean;
  all_before boolean;
  only_left boolean;
  only_before boolean;
  is_unclear boolean;
  is_deferred boolean;
  direction integer;
  patience integer;
  progress boolean;
  is_waiting boolean := false;
  waits boolean;
  holds boolean;
  done bigint;
  hanging bigint;
  why text;
  conflicts bigint := 0;
BEGIN
  -- of rows that several changes were about, whether they are as these transactions left them or as they were before
  FOR step IN
    SELECT grp, pg_catalog.bool_or(is_whole) AS is_whole, pg_catalog.bool_and(pg_catalog.to_regclass(tbl) IS NOT NULL) AS is_there
    FROM pg_temp.walscan_row GROUP BY grp ORDER BY grp
  LOOP
    CONTINUE WHEN NOT step.is_there;
    all_left := true;
    all_before := true;
    only_left := false;
    only_before := false;
    is_unclear := false;
    BEGIN
      FOR other IN SELECT * FROM pg_temp.walscan_row w WHERE w.grp = step.grp LOOP
        EXECUTE 'SELECT ' || other.is_left INTO is_left;
        all_left := all_left AND is_left;
        IF all_before THEN
          EXECUTE 'SELECT ' || other.is_before INTO is_before;
          all_before := is_before;
          only_before := only_before OR NOT is_left;
          IF other.was_left IS NOT NULL THEN
            EXECUTE pg_catalog.format('SELECT %s, %s', other.was_left, other.was_before) INTO is_left, is_before;
            only_left := only_left OR is_left AND NOT is_before;
            only_before := only_before OR is_before AND NOT is_left;
            is_unclear := is_unclear OR NOT (is_left OR is_before);
          END IF;
        END IF;
        EXIT WHEN NOT all_before AND NOT (step.is_whole AND all_left);
      END LOOP;
    EXCEPTION WHEN OTHERS THEN
      all_left := false;
      all_before := false;
    END;
    IF all_before AND NOT only_left THEN
      INSERT INTO pg_temp.walscan_verdict SELECT step.grp, v.state, v.reason FROM (VALUES
        (only_before, 'already so', NULL), (is_unclear, 'conflict', 'rows changed places and were changed since: which is which cannot be told'),
        (true, 'nothing to do', NULL)) AS v (holds, state, reason) WHERE v.holds LIMIT 1;
    ELSIF step.is_whole AND NOT all_left THEN
      INSERT INTO pg_temp.walscan_verdict VALUES (step.grp, 'conflict', 'there are not as many rows like it as were left');
    END IF;
  END LOOP;
  -- a table that these transactions made in place of another is gone, and its rows with it
  UPDATE pg_temp.walscan_step SET state = 'already so'
    WHERE made IS NOT NULL AND pg_catalog.to_regclass(tbl)::pg_catalog.oid IS DISTINCT FROM made;
  -- a table that was dropped is there again with its rows
  FOR step IN SELECT * FROM pg_temp.walscan_step w WHERE w.kind = 'create' ORDER BY w.n LOOP
    CONTINUE WHEN pg_catalog.to_regclass(step.tbl) IS NULL;
    BEGIN
      EXECUTE 'SELECT ' || step.is_done INTO holds;
      IF holds AND step.found IS NOT NULL THEN
        EXECUTE 'SELECT NOT ' || step.found INTO holds;
      END IF;
      FOR other IN
        SELECT w.is_done FROM pg_temp.walscan_step w LEFT JOIN pg_temp.walscan_verdict v USING (grp)
        WHERE w.tbl = step.tbl AND w.kind = 'insert' AND w.n > step.n AND v.state IS DISTINCT FROM 'already so' AND v.state IS DISTINCT FROM 'nothing to do'
      LOOP
        EXIT WHEN NOT holds;
        EXECUTE 'SELECT ' || coalesce(other.is_done, 'false') INTO holds;
      END LOOP;
    EXCEPTION WHEN OTHERS THEN
      holds := false;
    END;
    IF holds THEN
      UPDATE pg_temp.walscan_step SET state = 'already so' WHERE n = step.n;
    END IF;
  END LOOP;
  UPDATE pg_temp.walscan_step s SET state = v.state, reason = v.reason FROM pg_temp.walscan_verdict v
    WHERE v.grp = s.grp AND s.state = 'open'
      AND NOT EXISTS (SELECT FROM pg_temp.walscan_step w WHERE w.kind = 'create' AND w.tbl = s.tbl AND w.state = 'open');
  -- a row is not to come back under a key that it had in between only
  FOR step IN SELECT * FROM pg_temp.walscan_step w WHERE w.needs IS NOT NULL AND w.state = 'open' ORDER BY w.n LOOP
    CONTINUE WHEN pg_catalog.to_regclass(step.tbl) IS NULL;
    BEGIN
      EXECUTE 'SELECT ' || step.needs INTO holds;
    EXCEPTION WHEN OTHERS THEN
      holds := false;
    END;
    CONTINUE WHEN holds;
    UPDATE pg_temp.walscan_step SET state = 'conflict', reason = 'another row has the key that it had at first' WHERE n = step.n;
  END LOOP;
  FOREACH is_deferred IN ARRAY ARRAY[false, true] LOOP
    BEGIN
      IF is_deferred THEN
        SET CONSTRAINTS ALL DEFERRED;
      END IF;
      -- what waits for a step is sooner done the other way round
      direction := 1;
      patience := 2;
      LOOP
        progress := false;
        FOR step IN
          SELECT * FROM pg_temp.walscan_step WHERE state IN ('open', 'waiting') ORDER BY n * direction
        LOOP
          -- what was changed later of a row is taken back first
          PERFORM FROM pg_temp.walscan_step w
            WHERE w.state IN ('open', 'waiting') AND w.n < step.n AND w.tbl = step.tbl
              AND pg_catalog.hashtext(w.row_key) = pg_catalog.hashtext(step.row_key) AND w.row_key = step.row_key;
          CONTINUE WHEN FOUND;
          why := NULL;
          done := 0;
          waits := false;
          holds := false;
          SELECT w.state INTO other FROM pg_temp.walscan_step w
            WHERE w.kind = 'create' AND w.tbl = step.tbl AND w.n < step.n AND w.state NOT IN ('undone', 'already so') LIMIT 1;
          CONTINUE WHEN FOUND AND other.state <> 'conflict';
          IF FOUND THEN
            why := 'the table could not be made';
          ELSE
            -- somebody else has made the row what it was before, and is not to be overruled
            PERFORM FROM pg_temp.walscan_step w
              WHERE w.state = 'already so' AND w.later IS NOT NULL AND w.statement IS NOT NULL AND w.n < step.n AND w.tbl = step.tbl
                AND pg_catalog.hashtext(w.row_key) = pg_catalog.hashtext(step.row_key) AND w.row_key = step.row_key;
            IF FOUND AND step.statement IS NOT NULL THEN
              why := 'the row was changed since';
            END IF;
            BEGIN
              IF why IS NOT NULL THEN
                NULL;
              ELSIF step.kind = 'create' THEN
                IF pg_catalog.to_regclass(step.tbl) IS NOT NULL THEN
                  IF step.found IS NOT NULL THEN
                    EXECUTE 'SELECT ' || step.found INTO holds;
                  END IF;
                  IF NOT holds THEN
                    why := 'there is another table of that name: move it to another schema (ALTER TABLE … SET SCHEMA), and run this script again';
                  ELSE
                    EXECUTE pg_catalog.format('SELECT NOT EXISTS (SELECT FROM %s)', step.tbl) INTO holds;
                    IF holds THEN
                      EXECUTE 'DROP TABLE ' || step.tbl;
                    ELSE
                      waits := true;
                      why := 'the table that was made in its place has other rows: move it to another schema (ALTER TABLE … SET SCHEMA), and run this script again';
                    END IF;
                  END IF;
                  holds := false;
                END IF;
                IF why IS NULL THEN
                  EXECUTE step.statement;
                  done := 1;
                END IF;
              ELSIF step.kind = 'constraint' THEN
                EXECUTE step.statement;
                done := 1;
              ELSIF step.kind = 'unknown' THEN
                why := 'its values are not known';
              ELSE
                IF step.loses_key THEN
                  FOR fk IN
                    SELECT f.*, f.on_update = 'c' AND step.kind = 'update' AS follows,
                      CASE step.kind WHEN 'delete' THEN f.on_delete ELSE f.on_update END IN ('c', 'n', 'd') AS acts
                    FROM pg_temp.walscan_fk f WHERE f.tbl = step.tbl
                  LOOP
                    -- rows that are to come back may hang on it
                    IF patience = 2 OR (patience = 1 AND step.kind = 'delete') THEN
                      PERFORM FROM pg_temp.walscan_step w
                        WHERE w.state IN ('open', 'waiting') AND w.n < step.n AND w.tbl = ANY (fk.children);
                      IF FOUND THEN
                        waits := true;
                        why := 'what comes before it waits';
                        EXIT;
                      END IF;
                    END IF;
                    CONTINUE WHEN NOT fk.acts;
                    EXECUTE pg_catalog.format(
                      'SELECT pg_catalog.count(*) FROM %s c, LATERAL (SELECT tableoid, ctid, * FROM ONLY %s WHERE %s) p
                        WHERE %s AND (c.tableoid, c.ctid) <> (p.tableoid, p.ctid)',
                      fk.child, step.tbl, step.found, fk.pairs) INTO hanging;
                    IF hanging > 0 AND fk.follows THEN
                      -- rows that go along with it, and wait for that
                      FOR other IN
                        SELECT w.tbl, w.found FROM pg_temp.walscan_step w
                        WHERE w.state = 'waiting' AND w.kind = 'update' AND w.tbl = ANY (fk.children)
                      LOOP
                        EXECUTE pg_catalog.format(
                          'SELECT EXISTS (SELECT FROM ONLY %1$s c, LATERAL (SELECT * FROM ONLY %2$s WHERE %3$s) p
                            WHERE %4$s AND c.ctid IN (SELECT ctid FROM ONLY %1$s WHERE %5$s))',
                          other.tbl, step.tbl, step.found, fk.pairs, other.found) INTO holds;
                        IF holds THEN
                          hanging := hanging - 1;
                        END IF;
                        EXIT WHEN hanging = 0;
                      END LOOP;
                      holds := false;
                    END IF;
                    IF hanging > 0 THEN
                      waits := true;
                      why := 'rows of ' || fk.child || ' hang on it, and would go or change with it';
                    END IF;
                  END LOOP;
                END IF;
                IF why IS NULL AND step.statement IS NOT NULL THEN
                  EXECUTE step.statement;
                  GET DIAGNOSTICS done = ROW_COUNT;
                  IF done > 1 THEN
                    RAISE EXCEPTION 'more than one row is like it';
                  END IF;
                END IF;
              END IF;
            EXCEPTION
              WHEN foreign_key_violation OR restrict_violation OR unique_violation OR exclusion_violation
                OR undefined_table OR invalid_foreign_key THEN
                done := 0;
                holds := false;
                waits := true;
                why := SQLERRM;
                IF SQLSTATE = '42P01' AND step.kind IN ('insert', 'update', 'delete') AND pg_catalog.to_regclass(step.tbl) IS NOT NULL THEN
                  why := why || ' (a trigger''s function names it without its schema, and search_path is empty here: ALTER FUNCTION ... SET search_path helps)';
                END IF;
              WHEN OTHERS THEN
                done := 0;
                holds := false;
                why := SQLERRM;
            END;
          END IF;
          IF done = 0 AND step.is_done IS NOT NULL AND step.kind <> 'create' THEN
            BEGIN
              EXECUTE 'SELECT ' || step.is_done INTO holds;
            EXCEPTION WHEN OTHERS THEN
              holds := false;
            END;
          END IF;
          IF done = 0 AND NOT holds AND why IS NULL THEN
            IF step.found IS NOT NULL THEN
              EXECUTE pg_catalog.format('SELECT EXISTS (SELECT FROM ONLY %s WHERE %s)', step.tbl, step.found) INTO holds;
            END IF;
            why := CASE
              WHEN step.kind = 'insert' THEN 'it is there again, or a trigger keeps it out'
              WHEN NOT holds THEN 'the row is not what it was left as'
              WHEN step.statement LIKE '%pg_catalog.count(*)%' THEN 'there are not as many rows like it as were left'
              ELSE 'a trigger keeps it as it is'
            END;
            holds := false;
          END IF;
          is_waiting := is_waiting OR waits;
          -- another step that waits may make way for it
          waits := waits OR (is_waiting AND why IS NOT NULL AND step.kind <> 'unknown');
          progress := progress OR done > 0 OR holds OR NOT waits;
          UPDATE pg_temp.walscan_step SET reason = why,
            state = CASE WHEN done > 0 THEN 'undone' WHEN holds THEN 'already so' WHEN waits THEN 'waiting' ELSE 'conflict' END
            WHERE n = step.n;
        END LOOP;
        EXIT WHEN NOT progress AND patience = 0;
        patience := CASE WHEN progress THEN 2 ELSE patience - 1 END;
        direction := -direction;
      END LOOP;
      IF is_deferred THEN
        SET CONSTRAINTS ALL IMMEDIATE;
      END IF;
    EXCEPTION WHEN integrity_constraint_violation THEN
      IF NOT is_deferred THEN
        RAISE;
      END IF;
    END;
  END LOOP;
  UPDATE pg_temp.walscan_step SET state = 'conflict', reason = coalesce(reason, 'what comes before it waits')
    WHERE state IN ('open', 'waiting');
  FOR step IN SELECT * FROM pg_temp.walscan_step WHERE state = 'conflict' ORDER BY n LOOP
    conflicts := conflicts + 1;
    CONTINUE WHEN conflicts > 100 AND 'ON_CONFLICT' = 'stop';
    RAISE WARNING '% of % (%) cannot be taken back: %; %', step.kind, step.tbl, step.row_key, step.reason,
      coalesce(step.later, 'no later change of it is in the WAL given');
  END LOOP;
  IF conflicts > 100 AND 'ON_CONFLICT' = 'stop' THEN
    RAISE WARNING 'and % more', conflicts - 100;
  END IF;
  PERFORM FROM pg_temp.walscan_step WHERE statement IS NOT NULL
    HAVING pg_catalog.bool_or(state = 'already so') AND NOT pg_catalog.bool_or(state = 'undone');
  IF FOUND THEN
    RAISE WARNING 'nothing is as these transactions left it: this script seems to have been run already';
  END IF;
  IF conflicts > 0 AND 'ON_CONFLICT' = 'stop' THEN
    RAISE EXCEPTION '% changes cannot be taken back: nothing was changed', conflicts
      USING HINT = 'They are named in warnings above. With walscan undo --on-conflict skip the others are taken back.';
  END IF;
END
$walscan$;
`;
