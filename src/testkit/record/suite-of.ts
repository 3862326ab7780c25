/** A recording as a suite in YAML that people write on: one case, with its mocks and what is expected. */
import { isObject, type Json } from '../../base/json.ts'

import { withoutIndexes } from '../state-path.ts'
import { TestKitError } from '../kit-error.ts'
import type { RecordedCall, Recording } from './recording.ts'

type SuiteMock = { readonly return: Json } | { readonly throw: string; readonly cause?: string }

/** `file`: the definition, as the suite names it. Rejects with TestKitError where a result was not told. */
export async function suiteOf(recording: Recording, file: string): Promise<string> {
  const { input, expect, source, name, notes } = recording
  const { status, output, error, cause, path } = expect
  const test = {
    name,
    input,
    mocks: mocksOf(recording),
    expect: {
      status,
      ...(output !== undefined && { output }),
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause }),
      path: path.filter((state) => !state.includes('/')),
    },
  }
  const { stringify } = await import('yaml')
  const maps = Object.keys(recording.children).map(
    (map) => `The children of ${map} are numbered in the order in which they began: see that it is that of their items.`,
  )
  const comments = [`Recorded of ${source}.`, ...notes, ...maps].map((line) => `# ${line.replaceAll(/\s+/g, ' ')}\n`).join('')
  return `${comments}${stringify({ file, cases: [test] }, { lineWidth: 120, aliasDuplicateObjects: false })}`
}

/** All iterations of a Map by one name where they were answered alike; how the service was called only where somebody looks at it. */
function mocksOf({ calls, definition, expect }: Recording): Readonly<Record<string, SuiteMock | readonly SuiteMock[]>> {
  const metadata = /Sdk(?:Http|Response)Metadata/
  const withMetadata =
    definition === undefined || metadata.test(definition) || metadata.test(JSON.stringify(expect.output ?? null))
  const byState = new Map<string, Map<string, SuiteMock | readonly SuiteMock[]>>()
  for (const [path, those] of Object.entries(calls)) {
    const state = withoutIndexes(path)
    const mocks = byState.get(state) ?? new Map<string, SuiteMock | readonly SuiteMock[]>()
    byState.set(state, mocks)
    mocks.set(path, mockOf(those.map((call) => answerOf(call, path, withMetadata))))
  }
  return Object.fromEntries(
    [...byState].flatMap(([state, mocks]) => {
      const [first] = mocks.values()
      const isAlike = new Set([...mocks.values()].map((one) => JSON.stringify(one))).size === 1
      return first !== undefined && isAlike ? [[state, first] as const] : [...mocks]
    }),
  )
}

const mockOf = (answers: readonly SuiteMock[]): SuiteMock | readonly SuiteMock[] => {
  const [only] = answers
  return answers.length === 1 && only !== undefined ? only : answers
}

function answerOf(call: RecordedCall, path: string, withMetadata: boolean): SuiteMock {
  switch (call.outcome) {
    case 'succeeded':
      return { return: withMetadata ? call.result : withoutMetadata(call.result) }
    case 'failed':
      // Without a name it is caught as any other task that fails.
      return { throw: call.error ?? 'States.TaskFailed', ...(call.cause !== undefined && { cause: call.cause }) }
    case 'timedOut':
    case 'unanswered':
      // A suite need not wait for it.
      return { throw: 'States.Timeout' }
    case 'untold':
      throw new TestKitError(`${path} succeeded with a result that the history does not tell whole: no suite can be written.`)
  }
}

function withoutMetadata(result: Json): Json {
  if (!isObject(result)) return result
  return Object.fromEntries(
    Object.entries(result).filter(([name]) => name !== 'SdkHttpMetadata' && name !== 'SdkResponseMetadata'),
  )
}
