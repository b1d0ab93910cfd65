/* eslint-disable */
import * as types from './graphql.ts';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "query ConnectedInstances($first: Int = 100, $after: String) {\n  instances(status: CONNECTED, first: $first, after: $after) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    nodes {\n      id\n      name\n      phone\n    }\n  }\n}": typeof types.ConnectedInstancesDocument,
    "query InstanceList($first: Int = 50, $after: String, $status: InstanceStatusFilter) {\n  instances(first: $first, after: $after, status: $status) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    edges {\n      node {\n        id\n        name\n        phone\n        status\n        profileName\n        profilePicUrl\n        lastSeenAt\n      }\n    }\n  }\n}": typeof types.InstanceListDocument,
    "query Instance($id: ID!) {\n  instance(id: $id) {\n    id\n    name\n    phone\n    status\n    profileName\n    profilePicUrl\n    createdAt\n    lastSeenAt\n    webhookUrl\n    settings {\n      autoRead\n      autoTyping\n      webhookEvents\n    }\n  }\n}": typeof types.InstanceDocument,
};
const documents: Documents = {
    "query ConnectedInstances($first: Int = 100, $after: String) {\n  instances(status: CONNECTED, first: $first, after: $after) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    nodes {\n      id\n      name\n      phone\n    }\n  }\n}": types.ConnectedInstancesDocument,
    "query InstanceList($first: Int = 50, $after: String, $status: InstanceStatusFilter) {\n  instances(first: $first, after: $after, status: $status) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    edges {\n      node {\n        id\n        name\n        phone\n        status\n        profileName\n        profilePicUrl\n        lastSeenAt\n      }\n    }\n  }\n}": types.InstanceListDocument,
    "query Instance($id: ID!) {\n  instance(id: $id) {\n    id\n    name\n    phone\n    status\n    profileName\n    profilePicUrl\n    createdAt\n    lastSeenAt\n    webhookUrl\n    settings {\n      autoRead\n      autoTyping\n      webhookEvents\n    }\n  }\n}": types.InstanceDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query ConnectedInstances($first: Int = 100, $after: String) {\n  instances(status: CONNECTED, first: $first, after: $after) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    nodes {\n      id\n      name\n      phone\n    }\n  }\n}"): (typeof documents)["query ConnectedInstances($first: Int = 100, $after: String) {\n  instances(status: CONNECTED, first: $first, after: $after) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    nodes {\n      id\n      name\n      phone\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query InstanceList($first: Int = 50, $after: String, $status: InstanceStatusFilter) {\n  instances(first: $first, after: $after, status: $status) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    edges {\n      node {\n        id\n        name\n        phone\n        status\n        profileName\n        profilePicUrl\n        lastSeenAt\n      }\n    }\n  }\n}"): (typeof documents)["query InstanceList($first: Int = 50, $after: String, $status: InstanceStatusFilter) {\n  instances(first: $first, after: $after, status: $status) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    edges {\n      node {\n        id\n        name\n        phone\n        status\n        profileName\n        profilePicUrl\n        lastSeenAt\n      }\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Instance($id: ID!) {\n  instance(id: $id) {\n    id\n    name\n    phone\n    status\n    profileName\n    profilePicUrl\n    createdAt\n    lastSeenAt\n    webhookUrl\n    settings {\n      autoRead\n      autoTyping\n      webhookEvents\n    }\n  }\n}"): (typeof documents)["query Instance($id: ID!) {\n  instance(id: $id) {\n    id\n    name\n    phone\n    status\n    profileName\n    profilePicUrl\n    createdAt\n    lastSeenAt\n    webhookUrl\n    settings {\n      autoRead\n      autoTyping\n      webhookEvents\n    }\n  }\n}"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;