const page = 'totalCount pageInfo { hasNextPage endCursor }';

/** What Relay's runtime adds to every connection. */
const relayPage = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount';

/** Every scalar field of an instance and of its settings. */
const allFields = `
  id name phone status profileName profilePicUrl createdAt lastSeenAt webhookUrl
  settings { autoRead autoTyping webhookUrl webhookEvents }
`;

const args = 'status: $status, first: $first, after: $after';
const variables = '$status: InstanceStatusFilter, $first: Int, $after: String';

export const listOfAllFields = `
  query List(${variables}) { instances(${args}) { ${page} nodes { ${allFields} } } }
`;

export const listOfThreeFields = `
  query Short(${variables}) { instances(${args}) { ${page} nodes { id name status } } }
`;

const edges = `edges { cursor node { ${allFields} } } ${relayPage}`;

export const edgesOfAllFields = `
  query Edges($first: Int) { instances(first: $first) { ${edges} } }
`;

export const lastEdges = `query Last($last: Int) { instances(last: $last) { ${edges} } }`;

/**
 * Reads `count` instances by id, each in a separate field: `i0`, `i1` and so on, by `$id0`, `$id1`.
 */
export function documentByIds(count: number): string {
  const slots = Array.from({ length: count }, (_, slot) => slot);
  const declarations = slots.map((slot) => `$id${slot}: ID!`).join(', ');
  const fields = slots.map((slot) => `i${slot}: instance(id: $id${slot}) { ${allFields} }`);
  return `query ByIds(${declarations}) { ${fields.join(' ')} }`;
}

export const renameInstance = `
  mutation Rename($id: ID!, $name: String!) {
    updateInstance(id: $id, input: { name: $name }) {
      instance { ${allFields} }
      userErrors { message }
    }
  }
`;
