/**
 * @generated SignedSource<<2298c1dec2b63fb46f4441f2fd86b364>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import type { ConcreteRequest } from 'relay-runtime';
export type InstanceStatus = "CONNECTED" | "CONNECTING" | "DISCONNECTED" | "QR_PENDING" | "UNKNOWN" | "%future added value";
export type InstanceStatusFilter = "CONNECTED" | "CONNECTING" | "DISCONNECTED" | "%future added value";
export type documentsChangesSubscription$variables = {
  status?: InstanceStatusFilter | null | undefined;
};
export type documentsChangesSubscription$data = {
  readonly instances: {
    readonly changed: ReadonlyArray<{
      readonly id: string;
      readonly name: string;
      readonly status: InstanceStatus;
    }>;
    readonly complete: boolean;
    readonly gone: ReadonlyArray<string>;
  } | null | undefined;
};
export type documentsChangesSubscription = {
  response: documentsChangesSubscription$data;
  variables: documentsChangesSubscription$variables;
};

const node: ConcreteRequest = (function(){
var v0 = [
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "status"
  }
],
v1 = [
  {
    "alias": null,
    "args": [
      {
        "kind": "Variable",
        "name": "status",
        "variableName": "status"
      }
    ],
    "concreteType": "InstanceChanges",
    "kind": "LinkedField",
    "name": "instances",
    "plural": false,
    "selections": [
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "complete",
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "concreteType": "Instance",
        "kind": "LinkedField",
        "name": "changed",
        "plural": true,
        "selections": [
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "id",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "name",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "status",
            "storageKey": null
          }
        ],
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "gone",
        "storageKey": null
      }
    ],
    "storageKey": null
  }
];
return {
  "fragment": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Fragment",
    "metadata": null,
    "name": "documentsChangesSubscription",
    "selections": (v1/*:: as any*/),
    "type": "Subscription",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "documentsChangesSubscription",
    "selections": (v1/*:: as any*/)
  },
  "params": {
    "cacheID": "3fedd2c4262cf02d24175a0a365a20ae",
    "id": null,
    "metadata": {},
    "name": "documentsChangesSubscription",
    "operationKind": "subscription",
    "text": "subscription documentsChangesSubscription(\n  $status: InstanceStatusFilter\n) {\n  instances(status: $status) {\n    complete\n    changed {\n      id\n      name\n      status\n    }\n    gone\n  }\n}\n"
  }
};
})();

(node as any).hash = "dbb88cd79834de4a3f3d12cad1701a15";

export default node;
