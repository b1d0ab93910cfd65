export const help = `The controls of the sandbox, for this machine only. POST JSON (content-type: application/json)
to /sandbox/<name>. "key" is the API key of the account; the default is "sandbox".

Instances
status  {"id", "status"}           sets connected, disconnected, connecting or qr_pending
add     {"count"?, "instance"?, "omit"?, "at"?}
                                   adds generated instances, at the end or at an index; "instance"
                                   overwrites their fields, "omit" names fields to delete
remove  {"id"} or {"ids"}
stir    {"on"}                     true: each call changes the lastSeenAt of one of its rows
flap    {"on", "everyMs"?}         true: an instance connects or disconnects, in turn, every
                                   "everyMs", or at each call
lag     {"ms"}                     the list shows changes only after this time; 0: at once
reset   {}                         resets the key to its first use

Connecting
scan    {"id", "phone"?, "profileName"?}
                                   a phone scans the code: the instance becomes connected
qr      {"id"?, "expire"?, "firstMs"?, "nextMs"?, "codes"?}
                                   "expire" ends the "code" of the instance now, or its "attempt";
                                   the others set how long codes are valid from now on (60000,
                                   20000), and how many an attempt has (6)
official {"id", "on"}              whether the instance is one of the official API
webhook {"url", "secret"?, "drop"?, "repeat"?, "reorder"?, "delayMs"?, "retriesMs"?}
                                   sends the events of instances to a URL on this machine, signed
                                   with the secret; null: to none. "drop" loses the next events,
                                   "repeat" sends each more times, "reorder" swaps neighbours,
                                   "retriesMs" lists the waits before retries

Calls
spend   {"remaining"} or {"requests"}
                                   sets the rest of this minute's budget, or spends some of it
fail    {"times"?, "mode"?, "on"?, "performed"?, "status"?, "code"?, "retryAfter"?, "delayMs"?,
         "body"?, "headers"?}      makes the next calls fail: "times" calls, 1 by default; 0 clears
                                   all faults. Modes: status, slow, hang, reset, lost, truncate,
                                   invalid-json, html. "on": any, reads or writes. A write is
                                   performed with slow, lost (then the connection is reset),
                                   truncate, invalid-json, and a 2xx status; with the others only
                                   if "performed" is true
behave  {"mergeSettings"?, "qrEndpointStarts"?, "connectWhenPending"?, "disconnectWhenPending"?,
         "pendingInList"?, "pendingInStatus"?, "qrWhenConnected"?, "connectingIncludesQrPending"?,
         "idLags"?}                what the documentation leaves open; returns all of them

GET /sandbox/calls?key=sandbox     lists the last calls, oldest first
GET /sandbox/writes?key=sandbox    lists the last writes that were performed, oldest first
GET /sandbox/deliveries?key=sandbox
                                   lists the last tries to deliver an event to the webhook

The keys invalid, expired and forbidden are refused, and read-only cannot write; all other keys
work.
`;
