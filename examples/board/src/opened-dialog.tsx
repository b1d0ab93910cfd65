import { CreateDialog } from './create-dialog.tsx';
import { DisconnectDialog } from './disconnect-dialog.tsx';
import type { Action } from './instance-card.tsx';
import { LinkDialog } from './link-dialog.tsx';
import type { Row } from './read-rows.ts';
import { SettingsDialog } from './settings-dialog.tsx';

/** What a dialog is about: its instance as it was when the dialog was opened. */
export type Opened =
  | { readonly action: 'create' }
  | { readonly action: 'connect'; readonly row: Pick<Row, 'id' | 'name'> }
  | { readonly action: Exclude<Action, 'connect'>; readonly row: Row };

interface Props {
  readonly opened: Opened;
  /** Null closes the dialog. */
  readonly onOpen: (opened: Opened | null) => void;
  readonly onChanged: () => void;
}

export function OpenedDialog({ opened, onOpen, onChanged }: Props) {
  const common = { onClose: () => onOpen(null), onChanged };
  if (opened.action === 'create') {
    return <CreateDialog {...common} onLink={(row) => onOpen({ action: 'connect', row })} />;
  }
  if (opened.action === 'connect') return <LinkDialog {...common} row={opened.row} />;
  const { action, row } = opened;
  return action === 'disconnect' ? (
    <DisconnectDialog {...common} row={row} />
  ) : (
    <SettingsDialog {...common} row={row} />
  );
}
