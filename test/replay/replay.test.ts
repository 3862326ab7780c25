/** Executions that an earlier version began go on under today's as if nothing had happened. */
import { describe, expect, test } from 'vitest'

import { readRecorded, recordedFolders } from './recorded.ts'
import { replay } from './replay.ts'

describe.each(recordedFolders())('the log %s', (folder) => {
  const recorded = readRecorded(folder)

  test('folds to the same row and the same open requests after every turn', () => {
    expect(recorded.expected.length).toBe(recorded.signals.length)
    expect(replay(recorded).told).toEqual(recorded.expected)
  })

  test('is what its signals bring about', () => {
    expect(asText(replay(recorded).events)).toEqual(asText(recorded.log))
  })
})

/** Payloads as their text; an absent member and an undefined one are the same. */
const asText = (events: readonly object[]) =>
  events.map((event) =>
    Object.entries(event)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}: ${typeof value === 'object' && 'text' in value ? value.text : JSON.stringify(value)}`)
      .sort(),
  )
