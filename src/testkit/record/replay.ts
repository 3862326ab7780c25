/** Whether a recorded execution would go through another definition as it went. */
import { messageOf, TestKitError } from '../kit-error.ts'
import type { DefinitionSource } from '../definition.ts'
import { differencesOf, type Ending, firstDifference, masked, type ToldDifference } from './difference.ts'
import { type Outcome, play } from './playback.ts'
import type { Recording } from './recording.ts'

export interface ReplayOptions extends DefinitionSource {
  /** What distributed Maps read, by bucket and key: a history does not tell it. */
  readonly objects?: Readonly<Record<`${string}/${string}`, string | Uint8Array>>
}

export interface Replayed {
  /** Whence the recording comes. */
  readonly source: string
  /** Nothing of what is looked at differs. */
  readonly isSame: boolean
  /** The first is where the way parts, if it does. */
  readonly differences: readonly ToldDifference[]
  /** What should be known beside: calls that ask something else, what the history did not tell. */
  readonly notes: readonly string[]
  readonly outcome: Outcome
}

/**
 * Takes a recorded execution through the definition of the options, or through its own where they name none. With another
 * definition it is compared with what its own comes to here; where that is not what was recorded, or it has none, with the recording.
 * Rejects with TestKitError where it cannot be done: a definition that is none, objects that are missing.
 */
export async function replay(recording: Recording, { objects, ...source }: ReplayOptions = {}): Promise<Replayed> {
  const recorded = ownDefinition(recording)
  const isOther = source.definition !== undefined || source.file !== undefined
  if (!isOther && recorded === undefined)
    throw new TestKitError(
      `The recording of ${recording.source} has no definition. Name one: replay(recording, { file: './order.asl.json' }).`,
    )
  const now = await play(recording, isOther ? source : { definition: recorded ?? {} }, objects)
  assertItemsAreThere(now, recording)
  const own = isOther && recorded !== undefined ? await play(recording, { definition: recorded }, objects) : undefined
  const strays = own ? differencesOf(recording.expect, own) : []
  // What is drawn by chance is drawn alike here, and was drawn otherwise then.
  const faithful = strays.every(({ kind }) => kind === 'output') ? own : undefined
  const differences = differencesOf(faithful ? endingOf(faithful) : recording.expect, now)
  return {
    source: recording.source,
    isSame: differences.length === 0,
    differences,
    notes: [
      ...recording.notes,
      ...strays.slice(0, 1).map(({ message }) => `Its own definition comes to something else here: ${message}`),
      ...(faithful ? otherCalls(faithful, now) : []),
    ],
    outcome: now,
  }
}

const endingOf = ({ status, output, error, cause, path }: Outcome): Ending => ({
  status,
  path,
  ...(output !== undefined && { output }),
  ...(error !== undefined && { error }),
  ...(cause !== undefined && { cause }),
})

function ownDefinition({ definition, source }: Recording): object | undefined {
  if (definition === undefined) return undefined
  try {
    return Object(JSON.parse(definition)) as object
  } catch (error) {
    throw new TestKitError(`The definition in the recording of ${source} is not JSON: ${messageOf(error)}. Record it again.`)
  }
}

function assertItemsAreThere({ error, cause = '' }: Outcome, { source, expect }: Recording): void {
  if (error !== 'States.ItemReaderFailed' || expect.error === error) return
  throw new TestKitError(
    `${source}: a Map cannot read its items (${cause}). A history does not have them. Give them: regente replay --object bucket/key=FILE, or replay(recording, { objects: { 'bucket/key': … } }).`,
  )
}

/** Calls to which the recorded answer was given, and that ask something else than they did. */
function otherCalls(before: Outcome, now: Outcome): readonly string[] {
  return [...now.asked].flatMap(([path, calls]) => {
    for (const [index, parameters] of calls.entries()) {
      const then = before.asked.get(path)?.[index]
      const other = then === undefined ? undefined : firstDifference(masked(then), masked(parameters))
      if (other)
        return [
          `${path} would be called with other parameters, at ${other.at || '/'}: ${textOf(other.before)} was sent, now ${textOf(other.now)}. It gets the recorded answer all the same.`,
        ]
    }
    return []
  })
}

const textOf = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value))
