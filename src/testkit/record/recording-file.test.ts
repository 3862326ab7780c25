import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'

import { mock } from '../mock.ts'
import { workflow } from '../workflow.ts'
import { readHistoryFile } from './history-file.ts'
import type { Recording } from './recording.ts'
import { readRecording, writeRecording } from './recording-file.ts'
import { recordingOf } from './recording-of.ts'
import { suiteOf } from './suite-of.ts'

const DEFINITION = {
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      ItemProcessor: {
        StartAt: 'Ship',
        States: {
          Ship: {
            Type: 'Task',
            Resource: 'arn:aws:states:::lambda:invoke',
            Parameters: { FunctionName: 'ship' },
            OutputPath: '$.Payload',
            Retry: [{ ErrorEquals: ['States.ALL'] }],
            End: true,
          },
        },
      },
      End: true,
    },
  },
}

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regente-recording-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const at = (name: string) => join(folder, name)

async function runOf(input: unknown = ['a', 'b']) {
  const wf = await workflow({
    definition: DEFINITION,
    validateMocks: 'NONE',
    mocks: {
      Ship: mock.return({ Payload: 1 }),
      'Each[1]/Ship': mock.sequence(mock.throw('Busy', 'come again'), mock.return({ Payload: 2 })),
    },
  })
  return { run: await wf.run(input), definition: wf.definition }
}

async function recorded(input?: unknown): Promise<Recording> {
  const { run, definition } = await runOf(input)
  return recordingOf({ history: run.history(), source: run.executionArn, definition })
}

describe('a file', () => {
  test('that is no recording is refused with what is wrong, and what would do', async () => {
    const good = JSON.parse(JSON.stringify(await recorded())) as Recording
    const call = { resource: 'r', ms: 1, outcome: 'failed', error: 'E', cause: '', phase: 'later' }
    const bad: [content: unknown, reason: string][] = [
      [[], 'it must be an object'],
      [{ events: [] }, 'is a history, not a recording. Make one of it: regente record --history'],
      [{ ...good, version: 7 }, 'version is 7, and this Regente reads version 1'],
      [{ ...good, type: 'SLOW' }, 'type must be STANDARD, EXPRESS, not SLOW'],
      [{ ...good, startedAt: 'soon' }, 'startedAt must be a time'],
      [{ ...good, expect: { ...good.expect, path: [1] } }, 'expect.path must be a list of texts'],
      [{ ...good, calls: { Pay: [call] } }, "calls['Pay'][0].phase must be start, run, submit, not later"],
      [
        { ...good, calls: { Pay: [{ resource: 'r', ms: 1, outcome: 'succeeded' }] } },
        "calls['Pay'][0] succeeded and has no result",
      ],
      [{ ...good, calls: { Pay: {} } }, "calls['Pay'] must be a list"],
    ]
    for (const [content, reason] of bad) {
      await writeFile(at('bad.json'), JSON.stringify(content))
      await expect(readRecording(at('bad.json'))).rejects.toThrow(reason)
    }
    await writeFile(at('bad.json'), '{')
    await expect(readRecording(at('bad.json'))).rejects.toThrow('bad.json is not JSON')
    await expect(readRecording(at('nowhere.json'))).rejects.toThrow('nowhere.json cannot be read')
  })

  test('holds a recording as it was', async () => {
    const recording = await recorded()
    await writeRecording(at('good.json'), recording)
    expect(await readRecording(at('good.json'))).toEqual(recording)
  })
})

describe('a history in a file', () => {
  test('that is none, or not all of it, is refused', async () => {
    const bad: [content: string, reason: string][] = [
      ['no', 'is not JSON'],
      ['{"Items": []}', 'has no events'],
      ['{"events": [], "nextToken": "t"}', 'is one page of a history'],
      ['{"events": [{"id": 1}]}', 'has 1 events that are none of a history'],
    ]
    for (const [content, reason] of bad) {
      await writeFile(at('history.json'), content)
      await expect(readHistoryFile(at('history.json'))).rejects.toThrow(reason)
    }
  })

  test('is read as the AWS CLI prints it, with its times as texts', async () => {
    const history = (await runOf()).run.history()
    const printed = history.map((event) => ({
      ...event,
      timestamp: new Date(event.timestamp * 1_000).toISOString().replace('Z', '000+00:00'),
    }))
    await writeFile(at('history.json'), JSON.stringify({ events: printed.toReversed() }))
    const read = await readHistoryFile(at('history.json'))
    expect(recordingOf({ history: read })).toEqual(recordingOf({ history }))
  })
})

describe('a suite', () => {
  const yamlOf = async (recording: Recording) => parse(await suiteOf(recording, './ship.asl.json')) as unknown

  test('has one case: what goes in, what is answered, what comes out', async () => {
    const { run } = await runOf()
    expect(await yamlOf(await recorded())).toEqual({
      file: './ship.asl.json',
      cases: [
        {
          name: 'run-1',
          input: ['a', 'b'],
          mocks: {
            'Each[0]/Ship': { return: { Payload: 1 } },
            'Each[1]/Ship': [{ throw: 'Busy', cause: 'come again' }, { return: { Payload: 2 } }],
          },
          expect: { status: 'SUCCEEDED', output: [1, 2], path: ['Each'] },
        },
      ],
    })
    expect(await suiteOf(await recorded(), './ship.asl.json')).toMatch(`# Recorded of ${run.executionArn}.\n`)
  })

  test('names a state once where all its iterations are answered alike', async () => {
    expect(await yamlOf(await recorded(['a']))).toMatchObject({ cases: [{ mocks: { 'Each/Ship': { return: { Payload: 1 } } } }] })
  })

  test('leaves out how the services were called, unless somebody looks at it', async () => {
    const recording = await recorded(['a'])
    const result = { Payload: 1, SdkHttpMetadata: { HttpStatusCode: 200 }, SdkResponseMetadata: { RequestId: 'r' } }
    const called = {
      ...recording,
      calls: { 'Each[0]/Ship': [{ resource: 'r', ms: 1, outcome: 'succeeded', result }] },
    } as Recording
    expect(await yamlOf(called)).toMatchObject({ cases: [{ mocks: { 'Each/Ship': { return: { Payload: 1 } } } }] })
    expect(await suiteOf(called, 'f')).not.toContain('RequestId')
    const looking = { ...called, definition: '{"OutputPath": "$.SdkHttpMetadata"}' }
    expect(await yamlOf(looking)).toMatchObject({ cases: [{ mocks: { 'Each/Ship': { return: result } } }] })
  })
})

test('what is in a file is for people, too', async () => {
  await writeRecording(at('read.json'), await recorded(['a']))
  expect(await readFile(at('read.json'), 'utf8')).toMatch('  "calls": {\n    "Each[0]/Ship": [\n')
})
