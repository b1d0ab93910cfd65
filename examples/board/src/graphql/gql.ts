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
    "query Board($status: InstanceStatusFilter, $first: Int!, $after: String) {\n  instances(status: $status, first: $first, after: $after) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    edges {\n      node {\n        ...Row\n      }\n    }\n  }\n  rateLimit {\n    limit\n    remaining\n    resetAt\n  }\n}\n\nfragment Row on Instance {\n  id\n  name\n  phone\n  status\n  profileName\n  createdAt\n  lastSeenAt\n  settings {\n    autoRead\n    autoTyping\n  }\n}\n\nsubscription Watch($status: InstanceStatusFilter) {\n  instances(status: $status) {\n    complete\n    changed {\n      ...Row\n    }\n    gone\n    totalCount\n    asOf\n    stale\n  }\n}\n\nquery Budget {\n  rateLimit {\n    limit\n    remaining\n    resetAt\n  }\n}\n\nmutation Create($input: CreateInstanceInput!) {\n  createInstance(input: $input) {\n    instance {\n      id\n      name\n      status\n    }\n    userErrors {\n      message\n    }\n  }\n}\n\nmutation ChangeSettings($id: ID!, $settings: InstanceSettingsInput!) {\n  updateInstance(id: $id, input: {settings: $settings}) {\n    instance {\n      id\n    }\n    userErrors {\n      message\n    }\n  }\n}\n\nmutation Disconnect($id: ID!) {\n  disconnectInstance(id: $id) {\n    instance {\n      id\n      status\n    }\n    userErrors {\n      message\n    }\n  }\n}\n\nmutation Connect($id: ID!) {\n  connectInstance(id: $id) {\n    qrCode {\n      status\n      image\n      expiresAt\n    }\n    userErrors {\n      message\n    }\n  }\n}\n\nsubscription QrCode($id: ID!) {\n  instanceQrCode(id: $id) {\n    status\n    image\n    expiresAt\n    outcome\n  }\n}": typeof types.BoardDocument,
};
const documents: Documents = {
    "query Board($status: InstanceStatusFilter, $first: Int!, $after: String) {\n  instances(status: $status, first: $first, after: $after) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    edges {\n      node {\n        ...Row\n      }\n    }\n  }\n  rateLimit {\n    limit\n    remaining\n    resetAt\n  }\n}\n\nfragment Row on Instance {\n  id\n  name\n  phone\n  status\n  profileName\n  createdAt\n  lastSeenAt\n  settings {\n    autoRead\n    autoTyping\n  }\n}\n\nsubscription Watch($status: InstanceStatusFilter) {\n  instances(status: $status) {\n    complete\n    changed {\n      ...Row\n    }\n    gone\n    totalCount\n    asOf\n    stale\n  }\n}\n\nquery Budget {\n  rateLimit {\n    limit\n    remaining\n    resetAt\n  }\n}\n\nmutation Create($input: CreateInstanceInput!) {\n  createInstance(input: $input) {\n    instance {\n      id\n      name\n      status\n    }\n    userErrors {\n      message\n    }\n  }\n}\n\nmutation ChangeSettings($id: ID!, $settings: InstanceSettingsInput!) {\n  updateInstance(id: $id, input: {settings: $settings}) {\n    instance {\n      id\n    }\n    userErrors {\n      message\n    }\n  }\n}\n\nmutation Disconnect($id: ID!) {\n  disconnectInstance(id: $id) {\n    instance {\n      id\n      status\n    }\n    userErrors {\n      message\n    }\n  }\n}\n\nmutation Connect($id: ID!) {\n  connectInstance(id: $id) {\n    qrCode {\n      status\n      image\n      expiresAt\n    }\n    userErrors {\n      message\n    }\n  }\n}\n\nsubscription QrCode($id: ID!) {\n  instanceQrCode(id: $id) {\n    status\n    image\n    expiresAt\n    outcome\n  }\n}": types.BoardDocument,
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
export function graphql(source: "query Board($status: InstanceStatusFilter, $first: Int!, $after: String) {\n  instances(status: $status, first: $first, after: $after) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    edges {\n      node {\n        ...Row\n      }\n    }\n  }\n  rateLimit {\n    limit\n    remaining\n    resetAt\n  }\n}\n\nfragment Row on Instance {\n  id\n  name\n  phone\n  status\n  profileName\n  createdAt\n  lastSeenAt\n  settings {\n    autoRead\n    autoTyping\n  }\n}\n\nsubscription Watch($status: InstanceStatusFilter) {\n  instances(status: $status) {\n    complete\n    changed {\n      ...Row\n    }\n    gone\n    totalCount\n    asOf\n    stale\n  }\n}\n\nquery Budget {\n  rateLimit {\n    limit\n    remaining\n    resetAt\n  }\n}\n\nmutation Create($input: CreateInstanceInput!) {\n  createInstance(input: $input) {\n    instance {\n      id\n      name\n      status\n    }\n    userErrors {\n      message\n    }\n  }\n}\n\nmutation ChangeSettings($id: ID!, $settings: InstanceSettingsInput!) {\n  updateInstance(id: $id, input: {settings: $settings}) {\n    instance {\n      id\n    }\n    userErrors {\n      message\n    }\n  }\n}\n\nmutation Disconnect($id: ID!) {\n  disconnectInstance(id: $id) {\n    instance {\n      id\n      status\n    }\n    userErrors {\n      message\n    }\n  }\n}\n\nmutation Connect($id: ID!) {\n  connectInstance(id: $id) {\n    qrCode {\n      status\n      image\n      expiresAt\n    }\n    userErrors {\n      message\n    }\n  }\n}\n\nsubscription QrCode($id: ID!) {\n  instanceQrCode(id: $id) {\n    status\n    image\n    expiresAt\n    outcome\n  }\n}"): (typeof documents)["query Board($status: InstanceStatusFilter, $first: Int!, $after: String) {\n  instances(status: $status, first: $first, after: $after) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    edges {\n      node {\n        ...Row\n      }\n    }\n  }\n  rateLimit {\n    limit\n    remaining\n    resetAt\n  }\n}\n\nfragment Row on Instance {\n  id\n  name\n  phone\n  status\n  profileName\n  createdAt\n  lastSeenAt\n  settings {\n    autoRead\n    autoTyping\n  }\n}\n\nsubscription Watch($status: InstanceStatusFilter) {\n  instances(status: $status) {\n    complete\n    changed {\n      ...Row\n    }\n    gone\n    totalCount\n    asOf\n    stale\n  }\n}\n\nquery Budget {\n  rateLimit {\n    limit\n    remaining\n    resetAt\n  }\n}\n\nmutation Create($input: CreateInstanceInput!) {\n  createInstance(input: $input) {\n    instance {\n      id\n      name\n      status\n    }\n    userErrors {\n      message\n    }\n  }\n}\n\nmutation ChangeSettings($id: ID!, $settings: InstanceSettingsInput!) {\n  updateInstance(id: $id, input: {settings: $settings}) {\n    instance {\n      id\n    }\n    userErrors {\n      message\n    }\n  }\n}\n\nmutation Disconnect($id: ID!) {\n  disconnectInstance(id: $id) {\n    instance {\n      id\n      status\n    }\n    userErrors {\n      message\n    }\n  }\n}\n\nmutation Connect($id: ID!) {\n  connectInstance(id: $id) {\n    qrCode {\n      status\n      image\n      expiresAt\n    }\n    userErrors {\n      message\n    }\n  }\n}\n\nsubscription QrCode($id: ID!) {\n  instanceQrCode(id: $id) {\n    status\n    image\n    expiresAt\n    outcome\n  }\n}"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;