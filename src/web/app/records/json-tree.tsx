import { useState } from 'preact/hooks';
import { printable } from '../../../text/printable.js';
import { useSettings } from '../../settings.js';
import { counted } from '../parts/counted.js';
import { shortened } from '../parts/shortened.js';

/** So many entries are shown at first, and so many more each time. */
const STEP = 100;
/** So many characters of a text are shown. */
const MOST_SHOWN = 10_000;
/** So deep it is open at first. */
const OPEN_DEPTH = 3;

/** JSON as a tree whose branches open and close. */
export function JsonTree({ value, depth = 0 }: { value: unknown; depth?: number }) {
  const { t, format } = useSettings();
  const [limit, setLimit] = useState(STEP);
  const entries = Object.entries(value as object);
  return (
    <ul class="tree">
      {entries.slice(0, limit).map(([name, item]) => (
        <li key={name}>
          <Entry name={name} value={item} depth={depth} />
        </li>
      ))}
      {entries.length > limit && (
        <li>
          <button type="button" class="quiet" onClick={() => setLimit(limit + STEP)}>
            {t('page.more', counted(entries.length - limit, format))}
          </button>
        </li>
      )}
    </ul>
  );
}

function Entry({ name, value, depth }: { name: string; value: unknown; depth: number }) {
  const isBranch = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  const [isOpen, setIsOpen] = useState(depth < OPEN_DEPTH);
  if (!isBranch) {
    return (
      <>
        <span class="key">{printable(name)}</span>{' '}
        <span class={`leaf ${typeOf(value)}`}>{leafText(value)}</span>
      </>
    );
  }
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
      <summary>
        <span class="key">{printable(name)}</span>{' '}
        <span class="size">{Array.isArray(value) ? `[${value.length}]` : ''}</span>
      </summary>
      {isOpen && <JsonTree value={value} depth={depth + 1} />}
    </details>
  );
}

const typeOf = (value: unknown): string => (value === null ? 'null' : typeof value);

function leafText(value: unknown): string {
  return typeof value === 'string' ? printable(shortened(value, MOST_SHOWN)) : JSON.stringify(value);
}
