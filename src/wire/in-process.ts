/**
 * A way to a listener of this very thread for calls that the process makes to itself: the same requests as over a connection, in
 * the same order of things, without a socket.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { MessageChannel } from 'node:worker_threads'

import type { Transport } from './client.ts'
import { MessageTransport } from './message-client.ts'
import { type MessageDoor, serveMessages } from './message-server.ts'

export interface InProcessDoor extends MessageDoor {
  readonly transport: Transport
}

/** To be closed: an open one keeps the process alive. */
export function openInProcess(listener: (req: IncomingMessage, res: ServerResponse) => void): InProcessDoor {
  const { port1, port2 } = new MessageChannel()
  return { ...serveMessages(port2, listener), transport: new MessageTransport(port1) }
}
