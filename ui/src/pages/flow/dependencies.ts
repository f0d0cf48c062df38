/** Neighbours of several flows as one picture. */

export type Answer = {
  nodes: { uid: string; namespace: string; id: string }[];
  edges: { source: string; target: string; relation?: string }[];
};

export const keyOf = ({ namespace, id }: { namespace: string; id: string }) => `${namespace}/${id}`;

/** Each flow and each line once. */
export function joined(answers: readonly Answer[]): Answer {
  const nodes = new Map(answers.flatMap((one) => one.nodes).map((node) => [node.uid, node]));
  const edges = new Map(
    answers
      .flatMap((one) => one.edges)
      .map((edge) => [`${edge.source} ${edge.target} ${edge.relation ?? ""}`, edge]),
  );
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}
