/** Executions of the engine as its own logs hold them, with real times: each recording comes to itself. */
import { expect, test } from 'vitest'

import { readRecorded, recordedFolders } from '../../../test/replay/recorded.ts'

import { isHistoryEvent } from '../../engine/event.ts'
import { renderEvent } from '../../history/event-details.ts'
import type { HistoryEvent } from '../../history/history-event.ts'

import { type ChildHistories, recordingOf } from './recording-of.ts'
import { replay } from './replay.ts'

/** A child is replayed with its parent. */
const isWhole = (folder: string) => !/-under-way$|distributed-map(?:-redriven)?-\d$/.test(folder)
/** Another number is drawn. */
const BY_CHANCE = '1/pass-choice-jsonpath'
/** Its activity was not there, and here all of them are. */
const WITHOUT_ACTIVITY = '1/activity-missing'

const historyOf = (folder: string): HistoryEvent[] =>
  readRecorded(folder)
    .log.filter(isHistoryEvent)
    .map((event) => renderEvent(event, true))

function childrenOf(folder: string, history: readonly HistoryEvent[]): ChildHistories {
  const started = history.find(({ type }) => type === 'MapRunStarted')
  const mapRunArn = started?.mapRunStartedEventDetails?.mapRunArn
  if (mapRunArn === undefined) return {}
  const children = recordedFolders().filter((one) => one.startsWith(folder) && /^-\d$/.test(one.slice(folder.length)))
  return { [mapRunArn]: children.map(historyOf) }
}

function recorded(folder: string) {
  const { definition, identity } = readRecorded(folder)
  const history = historyOf(folder)
  return recordingOf({ history, children: childrenOf(folder, history), definition, source: identity.executionArn })
}

const EXACT = recordedFolders().filter((folder) => isWhole(folder) && folder !== BY_CHANCE && folder !== WITHOUT_ACTIVITY)

test.each(EXACT)('%s', async (folder) => {
  expect((await replay(recorded(folder))).differences).toEqual([])
})

test('an activity that did not exist was never asked', async () => {
  expect((await replay(recorded(WITHOUT_ACTIVITY))).differences).toMatchObject([{ kind: 'unrecorded', path: 'T', why: 'new' }])
})

test('what is drawn by chance is drawn alike for both definitions', async () => {
  const recording = recorded(BY_CHANCE)
  expect(await replay(recording)).toMatchObject({ isSame: false, differences: [{ kind: 'output', at: '/roll' }] })
  const same = await replay(recording, { definition: JSON.parse(recording.definition ?? '') as object })
  expect(same.differences).toEqual([])
  expect(same.notes).toEqual([expect.stringContaining('comes to something else here: Its output differs at /roll')])
})
