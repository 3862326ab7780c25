/**
 * Takes the requests that come over a MessagePort (`message-client.ts`) and hands them to a listener as an HTTP server does.
 * What they ask for is told in whole requests; answers may come in pieces, of which WINDOW_BYTES are under way at most.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { MessagePort } from 'node:worker_threads'

import { HandedRequest, HandedResponse } from './message-exchange.ts'
import { type Answered, type Asked, eachFrame, postEachTurn } from './message-frames.ts'

/** More would hold up who reads the message. */
const BATCH_ANSWERS_MAX = 512

export interface MessageDoor {
  /** From now on nobody listens; what was asked is still answered. */
  refuse(): void
  /** Says what there is to say, and goes: calls that are not answered break. */
  close(): void
}

export function serveMessages(port: MessagePort, listener: (req: IncomingMessage, res: ServerResponse) => void): MessageDoor {
  const open = new Map<number, HandedResponse>()
  /** Those that have something to say in this turn. */
  const speaking = new Set<HandedResponse>()
  const refused: number[] = []
  let isRefusing = false

  const post = postEachTurn<Answered>(port, (batch) => {
    for (const id of refused.splice(0)) batch.add(['refused', id])
    for (const res of speaking) {
      if (batch.frames >= BATCH_ANSWERS_MAX) return post.wake()
      speaking.delete(res)
      res.speak(batch)
    }
  })

  const ask = (id: number, req: HandedRequest): void => {
    if (isRefusing) {
      refused.push(id)
      return post.wake()
    }
    const res = new HandedResponse(id, req, (isOver) => {
      if (isOver) open.delete(id)
      speaking.add(res)
      post.wake()
    })
    open.set(id, res)
    listener(req, res as unknown as ServerResponse)
  }

  const hear = (frame: Asked, body: (bytes: number) => Buffer): void => {
    switch (frame[0]) {
      case 'ask': {
        const [, id, method, target, headers, bytes] = frame
        return ask(id, new HandedRequest(method, target, headers, body(bytes)))
      }
      case 'leave':
        return open.get(frame[1])?.leave()
      case 'taken':
        return open.get(frame[1])?.taken(frame[2])
    }
  }

  port.on('message', (message) => eachFrame<Asked>(message, hear))
  return {
    refuse() {
      isRefusing = true
    },
    close() {
      while (speaking.size > 0 || refused.length > 0) post.flush()
      port.close()
    },
  }
}
