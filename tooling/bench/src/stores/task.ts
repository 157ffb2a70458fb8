/** What a process of our own is told to do: one JSON argument. */
export type Task =
  | { readonly work: 'nothing' }
  | { readonly work: 'list' | 'metadata' | 'expunge' | 'curve'; readonly root: string }
  | { readonly work: 'deliver'; readonly root: string; readonly messages: number; readonly fsync: boolean }
  | { readonly work: 'flags'; readonly root: string; readonly isSet: boolean }
  | {
      readonly work: 'transfer';
      readonly root: string;
      readonly mode: 'copy' | 'move';
      readonly from: string;
      readonly to: string;
    }
  | { readonly work: 'heap'; readonly store: 'memory' | 'maildir'; readonly root: string; readonly messages: number };

/** What it found, as it prints it: figures by name. */
export type Figures = Readonly<Record<string, number>>;
