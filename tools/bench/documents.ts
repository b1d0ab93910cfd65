const page = 'totalCount pageInfo { hasNextPage endCursor }';

/** Every scalar of an instance and of its settings. */
const allFields = `
  id name phone status profileName profilePicUrl createdAt lastSeenAt webhookUrl
  settings { autoRead autoTyping webhookUrl webhookEvents }
`;

const given = 'status: $status, first: $first, after: $after';
const variables = '$status: InstanceStatus, $first: Int, $after: String';

export const listOfAllFields = `
  query List(${variables}) { instances(${given}) { ${page} nodes { ${allFields} } } }
`;

export const listOfThreeFields = `
  query Short(${variables}) { instances(${given}) { ${page} nodes { id name status } } }
`;

/** Many instances by id, each in a field of its own: `i0`, `i1` and so on, by `$id0`, `$id1`. */
export function aliased(count: number): string {
  const slots = Array.from({ length: count }, (_, slot) => slot);
  const declared = slots.map((slot) => `$id${slot}: ID!`).join(', ');
  const asked = slots.map((slot) => `i${slot}: instance(id: $id${slot}) { ${allFields} }`);
  return `query ByIds(${declared}) { ${asked.join(' ')} }`;
}
