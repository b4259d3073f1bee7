/**
 * Does the steps, one after the other. One that a foreign key forbids waits for others, and those of the same row with it.
 * PostgreSQL's own functions and catalogs are named in full, for the search path is empty.
 */
export const RUN_STEPS = `
DO $walscan$
DECLARE
  step record;
  fk record;
  done bigint;
  holds boolean;
  progress boolean;
  why text;
  conflicts bigint := 0;
BEGIN
  LOOP
    progress := false;
    FOR step IN SELECT * FROM pg_temp.walscan_step WHERE state IN ('open', 'waiting') ORDER BY n LOOP
      -- what was changed later of a row is taken back first
      PERFORM FROM pg_temp.walscan_step w
        WHERE w.state = 'waiting' AND w.n < step.n AND w.tbl = step.tbl
          AND (w.row_key = step.row_key OR w.kind = 'create');
      CONTINUE WHEN FOUND;
      PERFORM FROM pg_temp.walscan_step w
        WHERE w.state = 'conflict' AND w.kind = 'create' AND w.tbl = step.tbl AND step.kind = 'insert';
      IF FOUND THEN
        UPDATE pg_temp.walscan_step SET state = 'conflict', reason = 'the table could not be made' WHERE n = step.n;
        progress := true;
        CONTINUE;
      END IF;
      why := NULL;
      done := 0;
      BEGIN
        IF step.kind = 'create' THEN
          IF pg_catalog.to_regclass(step.tbl) IS NOT NULL THEN
            why := 'there is a table of that name';
          ELSE
            EXECUTE step.statement;
            done := 1;
          END IF;
        ELSIF step.kind = 'unknown' THEN
          why := 'its values are not known';
        ELSE
          IF step.referenced IS NOT NULL THEN
            FOR fk IN
              SELECT c.conrelid::pg_catalog.regclass::text AS child,
                (SELECT pg_catalog.string_agg(pg_catalog.format('c.%I = p.%I', a.attname, b.attname), ' AND ')
                  FROM pg_catalog.generate_subscripts(c.conkey, 1) AS i
                  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[i]
                  JOIN pg_catalog.pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[i]) AS pairs
              FROM pg_catalog.pg_constraint c
              WHERE c.contype = 'f' AND c.confrelid = pg_catalog.to_regclass(step.tbl)
                AND CASE step.kind WHEN 'delete' THEN c.confdeltype ELSE c.confupdtype END IN ('c', 'n', 'd')
            LOOP
              EXECUTE pg_catalog.format(
                'SELECT EXISTS (SELECT FROM %s c, LATERAL (SELECT * FROM ONLY %s WHERE %s) p WHERE %s)',
                fk.child, step.tbl, step.referenced, fk.pairs) INTO holds;
              IF holds THEN
                why := 'rows of ' || fk.child || ' hang on it, and would go or change with it';
              END IF;
            END LOOP;
          END IF;
          IF why IS NULL AND step.statement IS NOT NULL THEN
            EXECUTE step.statement;
            GET DIAGNOSTICS done = ROW_COUNT;
          END IF;
          IF done = 0 AND why IS NULL THEN
            holds := false;
            IF step.is_done IS NOT NULL THEN
              EXECUTE 'SELECT ' || step.is_done INTO holds;
            END IF;
            IF NOT holds THEN
              why := CASE step.kind
                WHEN 'insert' THEN 'a row with its key, or one equal to it, is there'
                ELSE 'the row is not what it was left as'
              END;
            END IF;
          END IF;
        END IF;
      EXCEPTION
        WHEN foreign_key_violation THEN
          UPDATE pg_temp.walscan_step SET state = 'waiting', reason = SQLERRM WHERE n = step.n;
          CONTINUE;
        WHEN OTHERS THEN
          why := SQLERRM;
      END;
      progress := true;
      UPDATE pg_temp.walscan_step SET reason = why,
        state = CASE WHEN why IS NOT NULL THEN 'conflict' WHEN done > 0 THEN 'undone' ELSE 'already so' END
        WHERE n = step.n;
    END LOOP;
    EXIT WHEN NOT progress;
  END LOOP;
  UPDATE pg_temp.walscan_step SET state = 'conflict', reason = coalesce(reason, 'what comes before it waits')
    WHERE state IN ('open', 'waiting');
  FOR step IN SELECT * FROM pg_temp.walscan_step WHERE state = 'conflict' ORDER BY n LOOP
    conflicts := conflicts + 1;
    RAISE WARNING '% of % (%) cannot be taken back: %; %', step.kind, step.tbl, step.row_key, step.reason,
      coalesce(step.later, 'no later change of it is in the WAL given');
  END LOOP;
  IF conflicts > 0 AND 'ON_CONFLICT' = 'stop' THEN
    RAISE EXCEPTION '% changes cannot be taken back: nothing was changed', conflicts
      USING HINT = 'Each is named in a warning above. With walscan undo --on-conflict skip the others are taken back.';
  END IF;
END
$walscan$;
`;
