import { commonGroup } from './redis-script.ts';

/** Circuit breakers for the groups of keys: in a cluster, each group is on one node. */
export interface RedisBreakers {
  /** Whether commands for keys of this group are sent. */
  readonly isUp: (group: string) => boolean;
  readonly areAllUp: () => boolean;
  /** Increases when a group becomes available, or when `lose` is called. */
  readonly epoch: () => number;
  /** The groups, apart from the common one, whose breaker was opened alone. */
  readonly openGroups: () => readonly string[];
  readonly open: (group: string) => void;
  /** Closing the common group's breaker ends `openAll`, but not what opened other groups'. */
  readonly close: (group: string) => void;
  /** Opens all, until the common group's is closed. They begin like this. */
  readonly openAll: () => void;
  /** A node was lost: its last writes may be missing where its groups are now. */
  readonly lose: () => void;
}

export function createRedisBreakers(onStateChange: (isUp: boolean) => void): RedisBreakers {
  const opened = new Set<string>();
  let isConnected = false;
  let wereAllUp = false;
  let epoch = 0;

  const isUp = (group: string) => isConnected && !opened.has(group);
  const areAllUp = () => isConnected && opened.size === 0;
  const report = () => {
    if (wereAllUp === areAllUp()) return;
    wereAllUp = areAllUp();
    onStateChange(wereAllUp);
  };

  return {
    isUp,
    areAllUp,
    epoch: () => epoch,
    openGroups: () => [...opened].filter((group) => group !== commonGroup),
    open(group) {
      opened.add(group);
      report();
    },
    close(group) {
      if (group === commonGroup ? !isUp(group) : opened.has(group)) epoch += 1;
      if (group === commonGroup) isConnected = true;
      opened.delete(group);
      report();
    },
    openAll() {
      isConnected = false;
      report();
    },
    lose: () => void (epoch += 1),
  };
}
