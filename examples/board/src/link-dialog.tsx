import { useEffect } from 'react';
import { Dialog } from './dialog.tsx';
import { FailureNote, useMayTry } from './failure-note.tsx';
import type { Linking } from './follow-linking.ts';
import type { Row } from './read-rows.ts';
import { useLinking } from './use-linking.ts';
import { useNow } from './use-now.ts';

interface Props {
  readonly row: Pick<Row, 'id' | 'name'>;
  readonly onClose: () => void;
  readonly onChanged: () => void;
}

/** Links a phone to an instance: its code, each new one, and how it ended. */
export function LinkDialog({ row: { id, name }, onClose, onChanged }: Props) {
  const { linking, again } = useLinking(id);
  const { step } = linking;
  const failure = linking.step === 'failed' ? linking.failure : null;
  const mayTry = useMayTry(failure);
  useEffect(() => {
    if (step !== 'waiting') onChanged();
  }, [step, onChanged]);

  const isOver = step === 'expired' || step === 'failed';
  return (
    <Dialog title={`Link a phone to ${name}`} onClose={onClose}>
      <p role="status">{messages[step]}</p>
      {(step === 'code' || step === 'waiting') && <Code linking={linking} />}
      <FailureNote failure={failure} />
      <div className="choices">
        <button type="button" onClick={onClose}>
          {step === 'linked' ? 'Done' : 'Close'}
        </button>
        {isOver && (
          <button type="button" className="primary" disabled={!mayTry} onClick={again}>
            New code
          </button>
        )}
      </div>
    </Dialog>
  );
}

const messages: Readonly<Record<Linking['step'], string>> = {
  waiting: 'A code is on its way.',
  code: 'On the phone, open WhatsApp, Linked devices, Link a device, and scan this code.',
  linked: 'The phone is linked. The instance can send and receive messages.',
  expired: 'No phone scanned a code in time.',
  gone: 'The account has no such instance any more.',
  failed: 'No phone was linked.',
};

/** The place of the code. An expired one is hidden: the next one follows within seconds. */
function Code({ linking }: { readonly linking: Linking }) {
  const now = useNow();
  const code = linking.step === 'code' ? linking : null;
  const isValid = code !== null && (code.expiresAt === null || now < code.expiresAt);
  return (
    <figure className="code" aria-busy={!isValid}>
      {isValid && <img src={code.image} alt="QR code to scan with WhatsApp" />}
      <figcaption>
        {isValid && code.expiresAt !== null
          ? `A new code comes in ${Math.floor((code.expiresAt - now) / 1000)} s`
          : 'Waiting for the next code…'}
      </figcaption>
    </figure>
  );
}
