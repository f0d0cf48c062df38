/** The picture of a flow as the server tells it, and what the viewer makes of it. */

export type GraphNode = {
  uid: string;
  type: string;
  task?: { id: string; type: string };
  trigger?: { id: string; type: string };
  taskRun?: { id: string; state: { current: string } };
};
export type GraphAnswer = {
  nodes: GraphNode[];
  edges: { source: string; target: string; relation?: { relationType?: string; value?: string } }[];
  clusters: {
    cluster: { uid: string; taskNode?: GraphNode };
    nodes: string[];
    parents: string[];
  }[];
};

export type Box = {
  uid: string;
  parent?: string;
  /** Empty for the points where branches part and meet. */
  title: string;
  type: string;
  isGroup: boolean;
  state?: string;
  taskRunId?: string;
  /** Of a task that ran more than once, in a loop: how many of its runs are in each state. */
  counts?: Record<string, number>;
  /** Whether the group holds the iterations of a loop that ran more than once. */
  isIterated?: boolean;
  /** Of a group that is folded: how many tasks it holds, and how many of them in each state. */
  folded?: { count: number; states: Record<string, number> };
};
export type Line = { source: string; target: string; label?: string };
export type Picture = { boxes: Box[]; lines: Line[] };

type Run = { id: string; taskId: string; iteration?: number; state: { current: string } };

/** The picture with the states of task runs: of each task the last one, and how many are in each. */
export function withRuns(picture: Picture, runs: readonly Run[]): Picture {
  const found = new Map<string, { last: Run; counts: Record<string, number>; total: number }>();
  for (const run of runs) {
    const { counts = {}, total = 0 } = found.get(run.taskId) ?? {};
    counts[run.state.current] = (counts[run.state.current] ?? 0) + 1;
    found.set(run.taskId, { last: run, counts, total: total + 1 });
  }
  const many = new Set<string>();
  const boxes = picture.boxes.map((box) => {
    const known = box.title ? found.get(box.title) : undefined;
    if (!known) return { ...box, state: undefined, taskRunId: undefined };
    const isMany = known.total > 1 && !box.isGroup;
    if (isMany && box.parent) many.add(box.parent);
    const state = isMany ? worstOf(known.counts) : known.last.state.current;
    const counts = isMany ? known.counts : undefined;
    return { ...box, state, taskRunId: known.last.id, counts };
  });
  const isIterated = ({ isGroup, uid }: Box) => isGroup && many.has(uid);
  return {
    boxes: boxes.map((box) => (isIterated(box) ? { ...box, isIterated: true } : box)),
    lines: picture.lines,
  };
}

const ORDER = ["FAILED", "KILLED", "KILLING", "RUNNING", "RETRYING", "PAUSED", "WARNING"];

const worstOf = (counts: Record<string, number>): string =>
  ORDER.find((state) => counts[state]) ?? Object.keys(counts)[0] ?? "CREATED";

const titleOf = (node: GraphNode) => node.task?.id ?? node.trigger?.id ?? "";

/** Boxes and lines of an answer; each box knows the group that holds it. */
export function pictureOf({ nodes, edges, clusters }: GraphAnswer): Picture {
  const holder = new Map<string, string>();
  for (const { cluster, nodes: inside } of clusters) {
    for (const uid of inside) holder.set(uid, cluster.uid);
  }
  const groups = clusters.map(({ cluster, parents }) => ({
    ...boxOf(cluster.taskNode ?? { uid: cluster.uid, type: "" }),
    uid: groupId(cluster.uid),
    parent: parents.length ? groupId(parents.at(-1) ?? "") : undefined,
    isGroup: true,
  }));
  const boxes = nodes.map((node) => {
    const parent = holder.get(node.uid);
    return { ...boxOf(node), parent: parent ? groupId(parent) : undefined };
  });
  const lines = edges.map(({ source, target, relation }) => ({
    source,
    target,
    label: relation?.value,
  }));
  return { boxes: [...groups, ...boxes], lines };
}

/** A group and the node of its own task may share a uid; the group gets a name of its own. */
const groupId = (uid: string) => `group ${uid}`;

function boxOf(node: GraphNode): Box {
  return {
    uid: node.uid,
    title: titleOf(node),
    type: node.task?.type ?? node.trigger?.type ?? "",
    isGroup: false,
    state: node.taskRun?.state.current,
    taskRunId: node.taskRun?.id,
  };
}
