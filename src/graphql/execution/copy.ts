type Values = Record<string, unknown>;
export type Copy = (values: Readonly<Values>) => Values;

// V8 copies quickly the few layouts that a place in the source has seen, and most objects of an
// answer are made here: so there are several such places, and selections take turns.
const copies: readonly Copy[] = [
  (values) => ({ ...values }),
  (values) => ({ ...values }),
  (values) => ({ ...values }),
  (values) => ({ ...values }),
  (values) => ({ ...values }),
  (values) => ({ ...values }),
  (values) => ({ ...values }),
  (values) => ({ ...values }),
];

let taken = 0;

/** A way to copy the objects of one layout. */
export const nextCopy = (): Copy => copies[taken++ % copies.length] ?? structuredClone;
