/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** A new instance. */
export type CreateInstanceInput = {
  /** A text that you choose for this one instance, such as a UUID: sent again within 24 hours, it creates no second instance and returns the first. 1 to 255 characters. */
  readonly idempotencyKey?: string | null | undefined;
  /** The name that the team gives it. */
  readonly name: string;
  /** How it handles incoming messages. By default, `autoRead` is false and `autoTyping` is true. */
  readonly settings?: InstanceSettingsInput | null | undefined;
  /** The events that EnviaAI sends, such as `message.received`. */
  readonly webhookEvents?: ReadonlyArray<string> | null | undefined;
  /** The address that EnviaAI sends its events to. */
  readonly webhookUrl?: string | null | undefined;
};

/** Settings to change. A setting that is left out, or null, stays as it is. */
export type InstanceSettingsInput = {
  /** Whether incoming messages are marked as read. */
  readonly autoRead?: boolean | null | undefined;
  /** Whether the chat shows "typing…" while a reply is being sent. */
  readonly autoTyping?: boolean | null | undefined;
};

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

/** How the attempt to link an instance ended. */
export type QrOutcome =
  /** No phone scanned a code in time, or the attempt was cancelled. To try again, call `connectInstance`. */
  | 'EXPIRED'
  /** The account has no instance with this id. */
  | 'GONE'
  /** A phone is linked: the instance is connected. */
  | 'LINKED';

/** Changes to an instance. A field that is left out stays as it is. */
export type UpdateInstanceInput = {
  /** The name that the team gives it. Null is as if left out. */
  readonly name?: string | null | undefined;
  /** How it handles incoming messages. Null is as if left out. */
  readonly settings?: InstanceSettingsInput | null | undefined;
  /** The events that EnviaAI sends, such as `message.received`. Null is as if left out. */
  readonly webhookEvents?: ReadonlyArray<string> | null | undefined;
  /** The address that EnviaAI sends its events to. Null removes it. */
  readonly webhookUrl?: string | null | undefined;
};

/** Why EnviaAI did not do what was asked. The caller can mend all of them. */
export type UserErrorCode =
  /** EnviaAI did not accept the arguments. */
  | 'INVALID'
  /** EnviaAI did not accept the webhook URL. */
  | 'INVALID_WEBHOOK_URL'
  /** The account has no instance with this id. */
  | 'NOT_FOUND'
  /** The instance uses the official WhatsApp API, which needs no QR code. */
  | 'OFFICIAL_API_INSTANCE'
  /** EnviaAI gave a reason that this graph does not have. */
  | 'UNKNOWN';

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

export type InstanceDetailsQueryVariables = Exact<{
  id: string;
}>;


export type InstanceDetailsQuery = { readonly instanceDetails: { readonly connectedAt: string | null, readonly instance: { readonly id: string, readonly name: string, readonly phone: string | null, readonly status: InstanceStatus, readonly profileName: string | null, readonly profilePicUrl: string | null, readonly lastSeenAt: string | null }, readonly stats: { readonly messagesSent: number | null, readonly messagesReceived: number | null, readonly activeChats: number | null, readonly unreadMessages: number | null } | null, readonly health: { readonly uptimeSeconds: number | null, readonly latencyMs: number | null, readonly messageDeliveryRate: number | null } | null } | null };

export type InstanceChangesSubscriptionVariables = Exact<{
  status?: InstanceStatusFilter | null | undefined;
}>;


export type InstanceChangesSubscription = { readonly instances: { readonly complete: boolean, readonly gone: ReadonlyArray<string>, readonly totalCount: number, readonly asOf: string, readonly stale: boolean, readonly changed: ReadonlyArray<{ readonly id: string, readonly name: string, readonly phone: string | null, readonly status: InstanceStatus, readonly profileName: string | null, readonly profilePicUrl: string | null, readonly createdAt: string | null, readonly lastSeenAt: string | null, readonly webhookUrl: string | null, readonly settings: { readonly autoRead: boolean, readonly autoTyping: boolean, readonly webhookUrl: string | null, readonly webhookEvents: ReadonlyArray<string> | null } | null }> } | null };

export type InstanceRowFragment = { readonly id: string, readonly name: string, readonly phone: string | null, readonly status: InstanceStatus, readonly profileName: string | null, readonly profilePicUrl: string | null, readonly createdAt: string | null, readonly lastSeenAt: string | null, readonly webhookUrl: string | null, readonly settings: { readonly autoRead: boolean, readonly autoTyping: boolean, readonly webhookUrl: string | null, readonly webhookEvents: ReadonlyArray<string> | null } | null };

export type CreateInstanceMutationVariables = Exact<{
  input: CreateInstanceInput;
}>;


export type CreateInstanceMutation = { readonly createInstance: { readonly instance: { readonly id: string, readonly name: string, readonly phone: string | null, readonly status: InstanceStatus, readonly profileName: string | null, readonly profilePicUrl: string | null, readonly createdAt: string | null, readonly lastSeenAt: string | null, readonly webhookUrl: string | null, readonly settings: { readonly autoRead: boolean, readonly autoTyping: boolean, readonly webhookUrl: string | null, readonly webhookEvents: ReadonlyArray<string> | null } | null } | null, readonly userErrors: ReadonlyArray<{ readonly code: UserErrorCode, readonly message: string, readonly field: ReadonlyArray<string> | null }> } | null };

export type UpdateInstanceMutationVariables = Exact<{
  id: string;
  input: UpdateInstanceInput;
}>;


export type UpdateInstanceMutation = { readonly updateInstance: { readonly instance: { readonly id: string, readonly name: string, readonly webhookUrl: string | null, readonly settings: { readonly autoRead: boolean, readonly autoTyping: boolean } | null } | null, readonly userErrors: ReadonlyArray<{ readonly code: UserErrorCode, readonly message: string, readonly field: ReadonlyArray<string> | null }> } | null };

export type ConnectInstanceMutationVariables = Exact<{
  id: string;
}>;


export type ConnectInstanceMutation = { readonly connectInstance: { readonly qrCode: { readonly status: InstanceStatus, readonly image: string | null, readonly expiresAt: string | null } | null, readonly userErrors: ReadonlyArray<{ readonly code: UserErrorCode, readonly message: string, readonly field: ReadonlyArray<string> | null }> } | null };

export type DisconnectInstanceMutationVariables = Exact<{
  id: string;
  reason?: string | null | undefined;
}>;


export type DisconnectInstanceMutation = { readonly disconnectInstance: { readonly instance: { readonly id: string, readonly status: InstanceStatus } | null, readonly userErrors: ReadonlyArray<{ readonly code: UserErrorCode, readonly message: string, readonly field: ReadonlyArray<string> | null }> } | null };

export type ReasonFragment = { readonly code: UserErrorCode, readonly message: string, readonly field: ReadonlyArray<string> | null };

export type InstanceQrCodeSubscriptionVariables = Exact<{
  id: string;
}>;


export type InstanceQrCodeSubscription = { readonly instanceQrCode: { readonly status: InstanceStatus, readonly image: string | null, readonly expiresAt: string | null, readonly outcome: QrOutcome | null } | null };

export const instancesText =
  'query Instances($status:InstanceStatusFilter$first:Int$after:String$last:Int$before:String){instances(status:$status first:$first after:$after last:$last before:$before){nodes{...InstanceRow}totalCount pageInfo{hasNextPage hasPreviousPage startCursor endCursor}}}fragment InstanceRow on Instance{id name phone status profileName profilePicUrl createdAt lastSeenAt webhookUrl settings{autoRead autoTyping webhookUrl webhookEvents}}';

export const instanceText =
  'query Instance($id:ID!){instance(id:$id){...InstanceRow}}fragment InstanceRow on Instance{id name phone status profileName profilePicUrl createdAt lastSeenAt webhookUrl settings{autoRead autoTyping webhookUrl webhookEvents}}';

export const instanceDetailsText =
  'query InstanceDetails($id:ID!){instanceDetails(id:$id){instance{id name phone status profileName profilePicUrl lastSeenAt}connectedAt stats{messagesSent messagesReceived activeChats unreadMessages}health{uptimeSeconds latencyMs messageDeliveryRate}}}';

export const instanceChangesText =
  'subscription InstanceChanges($status:InstanceStatusFilter){instances(status:$status){complete changed{...InstanceRow}gone totalCount asOf stale}}fragment InstanceRow on Instance{id name phone status profileName profilePicUrl createdAt lastSeenAt webhookUrl settings{autoRead autoTyping webhookUrl webhookEvents}}';

export const createInstanceText =
  'fragment InstanceRow on Instance{id name phone status profileName profilePicUrl createdAt lastSeenAt webhookUrl settings{autoRead autoTyping webhookUrl webhookEvents}}mutation CreateInstance($input:CreateInstanceInput!){createInstance(input:$input){instance{...InstanceRow}userErrors{...Reason}}}fragment Reason on UserError{code message field}';

export const updateInstanceText =
  'mutation UpdateInstance($id:ID!$input:UpdateInstanceInput!){updateInstance(id:$id input:$input){instance{id name webhookUrl settings{autoRead autoTyping}}userErrors{...Reason}}}fragment Reason on UserError{code message field}';

export const connectInstanceText =
  'mutation ConnectInstance($id:ID!){connectInstance(id:$id){qrCode{status image expiresAt}userErrors{...Reason}}}fragment Reason on UserError{code message field}';

export const disconnectInstanceText =
  'mutation DisconnectInstance($id:ID!$reason:String){disconnectInstance(id:$id reason:$reason){instance{id status}userErrors{...Reason}}}fragment Reason on UserError{code message field}';

export const instanceQrCodeText =
  'subscription InstanceQrCode($id:ID!){instanceQrCode(id:$id){status image expiresAt outcome}}';
