/**
 * How requests and answers travel over a MessagePort between two threads of this process: all that one side has to say in a
 * turn of its event loop is one message, which holds its frames as a JSON text and their bodies, one after the other, in one
 * buffer that changes its owner. Posting, and waking the other thread, cost more than a frame does.
 */
import type { MessagePort } from 'node:worker_threads'

import { assert } from '../base/assert.ts'

export type Headers = Readonly<Record<string, string>>
export type AnswerHeaders = Readonly<Record<string, string | string[]>>

/** Of whoever asks. `bytes` of the body follow in the buffer. */
export type Asked =
  | readonly [kind: 'ask', id: number, method: string, target: string, headers: Headers, bytes: number]
  /** Nobody waits for the answer any more. */
  | readonly [kind: 'leave', id: number]
  /** So much of a body that is not whole yet was taken: more may come. */
  | readonly [kind: 'taken', id: number, bytes: number]

/** Of whoever answers. `bytes` of the body follow in the buffer. */
export type Answered =
  | readonly [kind: 'head', id: number, status: number, headers: AnswerHeaders, bytes: number, isWhole: boolean]
  | readonly [kind: 'more', id: number, bytes: number, isWhole: boolean]
  /** As a connection that breaks. */
  | readonly [kind: 'cut', id: number]
  /** As a port at which nobody listens any more: nothing was done. */
  | readonly [kind: 'refused', id: number]

type Message = readonly [frames: string, bodies: ArrayBuffer | undefined]

/** What one turn of the event loop has to say. */
export class Batch<Frame extends Asked | Answered> {
  readonly #frames: Frame[] = []
  readonly #bodies: (string | Uint8Array)[] = []
  #bytes = 0

  get frames(): number {
    return this.#frames.length
  }

  /** Of all bodies. */
  get bytes(): number {
    return this.#bytes
  }

  add(frame: Frame): void {
    this.#frames.push(frame)
  }

  /** `bytes`: of the text in UTF-8, or of the piece. */
  addBody(body: string | Uint8Array, bytes: number): void {
    if (bytes === 0) return
    this.#bodies.push(body)
    this.#bytes += bytes
  }

  post(port: MessagePort): void {
    if (this.#frames.length === 0) return
    const bodies = this.#bytes === 0 ? undefined : this.#pack()
    const message: Message = [JSON.stringify(this.#frames), bodies]
    port.postMessage(message, bodies === undefined ? [] : [bodies])
  }

  #pack(): ArrayBuffer {
    // Not of the pool: the buffer is given away.
    const packed = Buffer.allocUnsafeSlow(this.#bytes)
    let at = 0
    for (const body of this.#bodies) {
      if (typeof body === 'string') at += packed.write(body, at, 'utf8')
      else {
        packed.set(body, at)
        at += body.length
      }
    }
    assert(at === this.#bytes, 'each body is as long as was said')
    return packed.buffer
  }
}

/** Calls `collect` once in this turn of the event loop, however often it is woken, and posts what that adds. */
export function postEachTurn<Frame extends Asked | Answered>(port: MessagePort, collect: (batch: Batch<Frame>) => void) {
  let due: NodeJS.Immediate | undefined
  const post = (): void => {
    due = undefined
    const batch = new Batch<Frame>()
    collect(batch)
    batch.post(port)
  }
  return {
    wake(): void {
      due ??= setImmediate(post)
    },
    /** What waits goes now. */
    flush(): void {
      clearImmediate(due)
      post()
    },
  }
}

const NOTHING = Buffer.alloc(0)

/** Calls back with each frame, and what takes the next `bytes` of the bodies; all that a frame announces must be taken. */
export function eachFrame<Frame extends Asked | Answered>(
  message: Message,
  take: (frame: Frame, body: (bytes: number) => Buffer) => void,
): void {
  const [frames, bodies] = message
  let at = 0
  const body = (bytes: number): Buffer => {
    if (bytes === 0) return NOTHING
    assert(bodies !== undefined, 'a body was announced')
    at += bytes
    return Buffer.from(bodies, at - bytes, bytes)
  }
  for (const frame of JSON.parse(frames) as Frame[]) take(frame, body)
}
