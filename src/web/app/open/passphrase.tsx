import { useSettings } from '../../settings.js';

/** Asks for the passphrase of a repository that is encrypted. It is never part of a link. */
export function PassphraseForm({ open }: { open: (passphrase: string) => void }) {
  const { t } = useSettings();
  return (
    <form
      class="line-form"
      onSubmit={(event) => {
        event.preventDefault();
        open(String(new FormData(event.currentTarget).get('passphrase')));
      }}
    >
      <label class="field">
        {t('page.passphrase')}
        <input type="password" name="passphrase" required autocomplete="off" />
      </label>
      <button type="submit" class="main">
        {t('page.open')}
      </button>
    </form>
  );
}
