/** Items by the time at which something of them is due: a binary heap, with the next one first. */
export interface DueQueue<T> {
  /** The item is taken at this time, or earlier if it was added so. Infinity: not at all. */
  add(item: T, at: number): void;
  /** Removes and returns the items that are due, the earliest first. */
  take(now: number): readonly T[];
  /** When the next item is due; Infinity: there is none. */
  nextAt(): number;
  delete(item: T): void;
}

interface Entry<T> {
  readonly item: T;
  readonly at: number;
}

export function createDueQueue<T>(): DueQueue<T> {
  /** Each entry is due no later than its children, which are at `2 * index + 1` and `+ 2`. */
  const heap: Entry<T>[] = [];
  /** When each item is due: other entries of it are void. */
  const times = new Map<T, number>();
  const isVoid = ({ item, at }: Entry<T>): boolean => times.get(item) !== at;
  const dueAt = (index: number): number => heap[index]?.at ?? Number.POSITIVE_INFINITY;

  function swap(a: number, b: number): void {
    const [first, second] = [heap[a], heap[b]];
    if (!first || !second) return;
    heap[a] = second;
    heap[b] = first;
  }

  function rise(index: number): void {
    const parent = (index - 1) >> 1;
    if (index === 0 || dueAt(parent) <= dueAt(index)) return;
    swap(parent, index);
    rise(parent);
  }

  function sink(index: number): void {
    const [left, right] = [2 * index + 1, 2 * index + 2];
    const child = dueAt(right) < dueAt(left) ? right : left;
    if (dueAt(child) >= dueAt(index)) return;
    swap(child, index);
    sink(child);
  }

  function pop(): Entry<T> | undefined {
    swap(0, heap.length - 1);
    const entry = heap.pop();
    sink(0);
    return entry;
  }

  return {
    add(item, at) {
      if (at >= (times.get(item) ?? Number.POSITIVE_INFINITY)) return;
      times.set(item, at);
      heap.push({ item, at });
      rise(heap.length - 1);
    },
    take(now) {
      const due: T[] = [];
      while (dueAt(0) <= now) {
        const entry = pop();
        if (!entry || isVoid(entry)) continue;
        times.delete(entry.item);
        due.push(entry.item);
      }
      return due;
    },
    nextAt() {
      for (let [first] = heap; first && isVoid(first); [first] = heap) pop();
      return dueAt(0);
    },
    delete: (item) => void times.delete(item),
  };
}
