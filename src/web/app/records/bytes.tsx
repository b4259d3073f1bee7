import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { printable } from '../../../text/printable.js';
import type { RecordField } from '../../engine/api.js';
import { useSettings } from '../../settings.js';
import { counted } from '../parts/counted.js';
import { bytesText, type HexLine, hexLines } from './hex-lines.js';
import { memo } from './memo.js';

/** So many lines are shown at first, and so many more each time. */
const STEP = 128;

/** A record's bytes in hex and ASCII, and what they are: to point at the one shows the other. */
export function BytesAndFields({ bytes, fields }: { bytes: Uint8Array; fields: readonly RecordField[] }) {
  const { t, format } = useSettings();
  const [active, setActive] = useState<number>();
  const [{ first, count }, setPart] = useState({ first: 0, count: STEP });
  const [wanted, setWanted] = useState<{ line: number }>();
  const hex = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const lines = useMemo(() => hexLines(bytes, fields, first, count), [bytes, fields, first, count]);
  const after = Math.ceil(bytes.length / 16) - first - count;

  const choose = (field: number): void => {
    setActive(field);
    const line = Math.floor((fields[field]?.offset ?? 0) / 16);
    if (line < first || line >= first + count) setPart({ first: line, count: STEP });
    setWanted({ line });
  };
  useLayoutEffect(() => {
    const element = wanted && hex.current?.children[wanted.line - first];
    if (element instanceof HTMLElement && hex.current) {
      hex.current.scrollTop = element.offsetTop - hex.current.clientHeight / 3;
    }
  }, [wanted]);
  const pointAt = (event: Event): void => {
    const field = fieldOf(event.target);
    if (field !== undefined) setActive(field);
  };
  const clickAt = (event: Event): void => {
    const field = fieldOf(event.target);
    if (field !== undefined) list.current?.querySelectorAll('button')[field]?.focus();
  };
  return (
    <div class="bytes-and-fields">
      <ul class="fields-list" ref={list} aria-label={t('page.records.fields')}>
        {fields.map(({ offset, length, name, value }, i) => (
          <li key={offset}>
            <button
              type="button"
              class={`field-button tint-${tintOf(name)} ${i === active ? 'active' : ''}`}
              aria-pressed={i === active}
              onMouseEnter={() => setActive(i)}
              onFocus={() => choose(i)}
              onClick={() => choose(i)}
            >
              <span class="offset">
                {offset}+{length}
              </span>{' '}
              <span class="field-name">{printable(name)}</span>{' '}
              <span class="field-value">{value === null ? '' : printable(value)}</span>
            </button>
          </li>
        ))}
      </ul>
      <div>
        {first > 0 && (
          <button
            type="button"
            class="quiet"
            onClick={() =>
              setPart({ first: Math.max(0, first - STEP), count: count + Math.min(first, STEP) })
            }
          >
            {t('page.records.earlierLines', counted(first, format))}
          </button>
        )}
        {/* biome-ignore lint/a11y/useKeyWithMouseEvents: the list of fields does the same by the keyboard */}
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: the list of fields does the same by the keyboard */}
        {/* biome-ignore lint/a11y/useSemanticElements: it is no part of a form */}
        <div
          class="hex"
          ref={hex}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
          tabIndex={0}
          role="group"
          aria-label={t('page.records.bytes')}
          onMouseOver={pointAt}
          onClick={clickAt}
        >
          {lines.map((line) => (
            <Line key={line.offset} line={line} active={isIn(line, active) ? active : undefined} />
          ))}
        </div>
        {after > 0 && (
          <button type="button" class="quiet" onClick={() => setPart({ first, count: count + STEP })}>
            {t('page.records.moreLines', counted(after, format))}
          </button>
        )}
      </div>
    </div>
  );
}

const isIn = ({ parts }: HexLine, field: number | undefined): boolean =>
  field !== undefined && parts.some((part) => part.field === field);

const Line = memo(function Line({ line, active }: { line: HexLine; active: number | undefined }) {
  const mark = (field: number, name: string): string =>
    `tint-${tintOf(name)}${field === active ? ' active' : ''}`;
  return (
    <div class="hex-line">
      <span class="offset">{line.offset.toString(16).padStart(4, '0')}</span>
      <span class="hex-bytes">
        {line.parts.map(({ field, name, bytes }) => (
          <span key={field} data-field={field} class={mark(field, name)}>
            {Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')}
          </span>
        ))}
      </span>
      <span class="ascii" aria-hidden="true">
        {line.parts.map(({ field, name, bytes }) => (
          <span key={field} data-field={field} class={mark(field, name)}>
            {bytesText(bytes)}
          </span>
        ))}
      </span>
    </div>
  );
});

function fieldOf(target: EventTarget | null): number | undefined {
  const field = target instanceof HTMLElement ? target.getAttribute('data-field') : null;
  return field === null ? undefined : Number(field);
}

/** What belongs together has the same colour: headers, blocks' headers, images, data of blocks, the rest. */
function tintOf(name: string): number {
  if (name.startsWith('xl_') || name === 'padding') return 0;
  if (name.endsWith(': image')) return 1;
  if (name.endsWith(': data')) return 2;
  return name.startsWith('block ') ? 3 : 4;
}
