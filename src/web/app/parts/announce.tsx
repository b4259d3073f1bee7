import { useEffect, useState } from 'preact/hooks';

let tell: ((text: string) => void) | undefined;

/** Says something to screen readers. */
export function announce(text: string): void {
  tell?.(text);
}

/** Where {@link announce} says it. */
export function Announcer() {
  const [text, setText] = useState('');
  useEffect(() => {
    // twice the same is said twice
    tell = (next) => setText((before) => (before === next ? `${next}\u00a0` : next));
    return () => {
      tell = undefined;
    };
  }, []);
  return (
    <div role="status" class="hidden">
      {text}
    </div>
  );
}
