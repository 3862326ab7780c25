/**
 * Task tokens: where a task waits, and a secret of 244 random bits that only its worker was told. Opaque to callers.
 * The engine mints them, because the context object needs them before the call; the state keeps the one that counts.
 */
import type { ExecutionArn } from '../base/arn.ts'
import type { Brand } from '../base/brand.ts'
import { type FrameId, toFrameId } from '../base/ids.ts'

export interface TokenPlace {
  readonly executionArn: ExecutionArn
  readonly frame: FrameId
}

const MARK = 'AQCs'

export type TaskToken = Brand<string, 'TaskToken'>

export function newTaskToken(executionArn: ExecutionArn, frame: FrameId, secret: string): TaskToken {
  const bytes = new TextEncoder().encode(`${frame} ${secret} ${executionArn}`)
  return (MARK + btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))) as TaskToken
}

/** Where the token says its task waits; undefined when the text is no token. Whether the secret is right, only the state tells. */
export function readTaskToken(token: string): TokenPlace | undefined {
  if (!token.startsWith(MARK)) return undefined
  try {
    const bytes = Uint8Array.from(atob(token.slice(MARK.length)), (char) => char.charCodeAt(0))
    const [frame = '', , ...arn] = new TextDecoder('utf-8', { fatal: true }).decode(bytes).split(' ')
    const executionArn = arn.join(' ')
    return /^\d+$/.test(frame) && isArn(executionArn) ? { executionArn, frame: toFrameId(Number(frame)) } : undefined
  } catch {
    return undefined
  }
}

/** Tokens are made with nothing else. */
const isArn = (text: string): text is ExecutionArn => text.startsWith('arn:')
