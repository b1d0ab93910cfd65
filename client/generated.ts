/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** The status of the connection between an instance and WhatsApp. */
export type InstanceStatus =
  /** The instance is linked to WhatsApp. It can send and receive messages. */
  | 'CONNECTED'
  /** The instance is being linked. */
  | 'CONNECTING'
  /** The instance is not linked. It cannot send or receive messages. */
  | 'DISCONNECTED'
  /** The instance waits until its QR code is scanned. */
  | 'QR_PENDING'
  /** EnviaAI reports a status that this graph does not have. Treat the instance as not connected. */
  | 'UNKNOWN';

/** The statuses that EnviaAI can filter a list by. For the others, read the whole list and compare `Instance.status`. */
export type InstanceStatusFilter =
  /** Only instances that are CONNECTED. */
  | 'CONNECTED'
  /** Only instances that EnviaAI counts as connecting. It may count QR_PENDING among them. */
  | 'CONNECTING'
  /** Only instances that are DISCONNECTED. */
  | 'DISCONNECTED';

export type InstancesQueryVariables = Exact<{
  status?: InstanceStatusFilter | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type InstancesQuery = { readonly instances: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly phone: string | null, readonly status: InstanceStatus, readonly profileName: string | null, readonly profilePicUrl: string | null, readonly createdAt: string | null, readonly lastSeenAt: string | null, readonly webhookUrl: string | null, readonly settings: { readonly autoRead: boolean, readonly autoTyping: boolean, readonly webhookUrl: string | null, readonly webhookEvents: ReadonlyArray<string> | null } | null }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly hasPreviousPage: boolean, readonly startCursor: string | null, readonly endCursor: string | null } } | null };

export type InstanceQueryVariables = Exact<{
  id: string;
}>;


export type InstanceQuery = { readonly instance: { readonly id: string, readonly name: string, readonly phone: string | null, readonly status: InstanceStatus, readonly profileName: string | null, readonly profilePicUrl: string | null, readonly createdAt: string | null, readonly lastSeenAt: string | null, readonly webhookUrl: string | null, readonly settings: { readonly autoRead: boolean, readonly autoTyping: boolean, readonly webhookUrl: string | null, readonly webhookEvents: ReadonlyArray<string> | null } | null } | null };

export type InstanceRowFragment = { readonly id: string, readonly name: string, readonly phone: string | null, readonly status: InstanceStatus, readonly profileName: string | null, readonly profilePicUrl: string | null, readonly createdAt: string | null, readonly lastSeenAt: string | null, readonly webhookUrl: string | null, readonly settings: { readonly autoRead: boolean, readonly autoTyping: boolean, readonly webhookUrl: string | null, readonly webhookEvents: ReadonlyArray<string> | null } | null };

export const instancesText =
  'query Instances($status:InstanceStatusFilter$first:Int$after:String$last:Int$before:String){instances(status:$status first:$first after:$after last:$last before:$before){nodes{...InstanceRow}totalCount pageInfo{hasNextPage hasPreviousPage startCursor endCursor}}}fragment InstanceRow on Instance{id name phone status profileName profilePicUrl createdAt lastSeenAt webhookUrl settings{autoRead autoTyping webhookUrl webhookEvents}}';

export const instanceText =
  'query Instance($id:ID!){instance(id:$id){...InstanceRow}}fragment InstanceRow on Instance{id name phone status profileName profilePicUrl createdAt lastSeenAt webhookUrl settings{autoRead autoTyping webhookUrl webhookEvents}}';
