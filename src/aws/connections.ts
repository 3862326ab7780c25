/**
 * What EventBridge tells Step Functions about a connection: a port, because no API of EventBridge shows a connection's secrets,
 * and over the wire they would be anybody's. Implemented by the embedded EventBridge, asked by HTTP Tasks.
 */

/** What a connection adds to a request. */
export interface ConnectionParts {
  readonly headers: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, string>>
}

export interface ConnectionSecrets {
  /** Undefined where there is no such connection; rejects with the reason where its authorization fails. */
  authorize(connectionArn: string): Promise<ConnectionParts | undefined>
}
