import { useEffect, useRef, useState } from 'preact/hooks';
import { useSettings } from '../../settings.js';
import { type Collected, chosenFiles, droppedFiles } from '../files.js';
import type { View } from '../route.js';

/** Where to drop files, and buttons to choose them by. */
export function DropZone({
  isWelcome,
  awaiting,
  onCollected,
}: {
  isWelcome: boolean;
  /** What a link asked for that was opened before there are files. */
  awaiting: View | undefined;
  onCollected: (collected: Collected) => void;
}) {
  const { t } = useSettings();
  return (
    <section class="drop" aria-labelledby="drop-title">
      <h1 id="drop-title">{t('page.drop.title')}</h1>
      <p>{t('page.drop.text')}</p>
      <p class="buttons">
        <Chooser label={t('page.drop.files')} isFolder={false} onCollected={onCollected} />
        <Chooser label={t('page.drop.folder')} isFolder={true} onCollected={onCollected} />
      </p>
      {awaiting && isWelcome && (
        <p class="awaiting">{t('page.drop.awaiting', { view: t(`page.views.${awaiting}`) })}</p>
      )}
      <p class="privacy">{t('page.privacy')}</p>
    </section>
  );
}

function Chooser({
  label,
  isFolder,
  onCollected,
}: {
  label: string;
  isFolder: boolean;
  onCollected: (collected: Collected) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    input.current!.webkitdirectory = isFolder;
  }, [isFolder]);
  return (
    <>
      <button type="button" class={isFolder ? '' : 'main'} onClick={() => input.current?.click()}>
        {label}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        aria-label={label}
        onChange={({ currentTarget }) => {
          if (currentTarget.files && currentTarget.files.length > 0) {
            onCollected(chosenFiles(currentTarget.files));
          }
          // the same may be chosen again
          currentTarget.value = '';
        }}
      />
    </>
  );
}

/**
 * Takes what is dropped anywhere on the page.
 * @returns whether something is held over it
 */
export function useDrop(onCollected: (collected: Collected) => void): boolean {
  const [isOver, setIsOver] = useState(false);
  const latest = useRef(onCollected);
  latest.current = onCollected;
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'copy';
      setIsOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setIsOver(false);
    };
    const drop = (event: DragEvent): void => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      setIsOver(false);
      void droppedFiles(event.dataTransfer).then((collected) => latest.current(collected));
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
    };
  }, []);
  return isOver;
}
