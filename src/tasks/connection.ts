/**
 * The port through which an HTTP Task gets what its EventBridge connection adds to the request. A port and no call over the
 * wire, because no API of EventBridge shows a connection's secrets.
 */
export interface ConnectionParts {
  readonly headers: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, string>>
}

/** Undefined where there is no such connection; rejects with the reason where its authorization fails. */
export type AuthorizeConnection = (connectionArn: string) => Promise<ConnectionParts | undefined>
