import { expect, test } from 'vitest'

import { readConversation } from './harness.ts'

const start = (role: string) => ({ messageStart: { role } })
const text = (contentBlockIndex: number, text: string) => ({ contentBlockDelta: { contentBlockIndex, delta: { text } } })
const stop = (stopReason: string) => ({ messageStop: { stopReason } })
const metadata = (inputTokens: number, outputTokens: number, latencyMs: number) => ({
  metadata: { usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens }, metrics: { latencyMs } },
})

test('the last message of an agent is its answer, its tokens and time are those of all', async () => {
  const answer = await readConversation([
    start('assistant'),
    text(0, 'Let me look.'),
    { contentBlockStart: { contentBlockIndex: 1, start: { toolUse: { name: 'search', toolUseId: 't' } } } },
    { contentBlockDelta: { contentBlockIndex: 1, delta: { toolUse: { input: '{}' } } } },
    stop('tool_use'),
    metadata(10, 5, 100),
    start('user'),
    start('assistant'),
    text(1, 'It is '),
    text(0, 'Found.'),
    text(1, 'here.'),
    stop('end_turn'),
    metadata(20, 7, 50),
  ])
  expect(answer).toEqual({
    Output: { Message: { Role: 'assistant', Content: [{ Text: 'Found.' }, { Text: 'It is here.' }] } },
    StopReason: 'end_turn',
    Usage: { InputTokens: 30, OutputTokens: 12, TotalTokens: 42 },
    Metrics: { LatencyMs: 150 },
  })
})

test('an answer without text has no content', async () => {
  const answer = await readConversation([start('assistant'), stop('tool_use')])
  expect(answer).toMatchObject({ Output: { Message: { Content: [] } }, StopReason: 'tool_use' })
})
