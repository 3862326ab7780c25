import { describe, expect, test } from 'vitest'

import { Document } from '../../../src/asl/document/document.ts'
import { openReading } from './reading.ts'
import { offersAt } from './offers.ts'

/** The cursor stands where the bar is. */
function at(marked: string) {
  const offset = marked.indexOf('|')
  const text = marked.replace('|', '')
  return { text, offers: offersAt(Document.parse(text), offset) }
}

/** The text after the offer of that name was taken. */
function taken(marked: string, label: string): string {
  const { text, offers } = at(marked)
  const offer = offers?.options.find((one) => one.label === label)
  if (!offers || !offer) throw new Error(`${label} is not offered`)
  return text.slice(0, offers.from) + offer.text + text.slice(offers.to)
}

const labels = (marked: string): readonly string[] => at(marked).offers?.options.map(({ label }) => label) ?? []

const jsonata = (state: string) => `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":${state}}}`
const json = (state: string) => `{"StartAt":"A","States":{"A":${state},"Go on":{"Type":"Succeed"}}}`

describe('what is taken leaves the text whole', () => {
  test.each([
    [jsonata('{"Type":"Pass","Output":"{% 1 + $sta| %}"}'), '$states.input', '"{% 1 + $states.input %}"'],
    [jsonata('{"Type":"Pass","Output":"{% $s|um($states.input) %}"}'), '$sum', '"{% $sum($states.input) %}"'],
    [jsonata('{"Type":"Pass","Output":{"a":"{% $|"}}'), '$count', '"{% $count"'],
    [jsonata('{"Type":"Pass","Output":"{|"}'), '{% $states.input %}', '"{% $states.input %}"'],
    [json('{"Type":"Pass","Next":"G|o"}'), 'Go on', '"Next":"Go on"'],
    [json('{"Type":"Pass","Next":|}'), 'Go on', '"Next":"Go on"}'],
    [json('{"Type":"Pass","Ne|":"x"}'), 'Next', '"Next":"x"'],
    [json('{"Type":"Pass",|}'), 'Next', '"Next": }'],
    [json('{"Type":"Pass" |}'), 'Next', '"Type":"Pass" , "Next": }'],
    [json('{"Type":"Pass","Ne|'), 'Next', '"Next'],
    ['StartAt: A\nStates:\n  A:\n    Type: Pa|\n', 'Pass', 'Type: Pass\n'],
    ["StartAt: A\nStates:\n  A:\n    Type: 'Pa|'\n", 'Pass', "Type: 'Pass'\n"],
    ['StartAt: |\nStates:\n  "on: off":\n    Type: Pass\n', 'on: off', 'StartAt: "on: off"'],
    [
      'QueryLanguage: JSONata\nStates:\n  A:\n    Type: Wait\n    Seconds: "{% $st| %}"\n',
      '$states.input',
      '"{% $states.input %}"',
    ],
  ])('%s with %s', (marked, label, expected) => {
    expect(taken(marked, label)).toContain(expected)
  })

  test.each([
    jsonata('{"Type":"Pass","Output":"{% 1 + $sta| %}","End":true}'),
    jsonata('{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Arguments":{"FunctionName":"|"},"End":true}'),
    json('{"Type":"|","End":true}'),
    json('{"Type":"Pass","Next":"|"}'),
    json('{"Type":"Pass","Result":{"a":"|b c"},"End":true}'),
  ])('whatever is taken in %s', (marked) => {
    for (const label of labels(marked)) expect(() => JSON.parse(taken(marked, label)), label).not.toThrow()
  })
})

describe('offers go by the place', () => {
  test('within an expression: the data, variables that are assigned, functions; no fields, no states', () => {
    const inner = labels(jsonata('{"Type":"Pass","Assign":{"total":1},"Output":"{% $| %}"}'))
    expect(inner).toEqual(expect.arrayContaining(['$states.context.Task.Token', '$total', '$sum', '$uuid', '$partition']))
    expect(inner).not.toContain('$eval')
    expect(inner.every((label) => label.startsWith('$'))).toBe(true)
  })

  test('behind an expression that is closed, and behind the quotes of a value, nothing of it', () => {
    expect(labels(jsonata('{"Type":"Pass","Output":"{% 1 %} $|"}'))).not.toContain('$sum')
    expect(at(json('{"Type":"Pass","Next":"Go on"|}')).offers).toBeUndefined()
  })

  test('beside a bracket, nothing: it would stand outside', () => {
    for (const marked of [
      '{"StartAt":"A"}|',
      '{"States":|{}}',
      '{"States":{"A":{"Type":"Pass"}|}}',
      '{"States":{"A":|{"Type":"Pass"}}}',
    ])
      expect(at(marked).offers, marked).toBeUndefined()
  })

  test('within what a service is asked with: its members that are missing, and never a whole state', () => {
    const resource = '"Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken"'
    const inner = labels(jsonata(`{"Type":"Task",${resource},"Arguments":{"QueueUrl":"x",|}}`))
    expect(inner).toContain('MessageBody')
    expect(inner).not.toContain('QueueUrl')
    expect(inner.some((label) => label.startsWith('New '))).toBe(false)
    expect(labels(jsonata('{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:x:y","Arguments":{|}}'))).toEqual([])
  })

  test.each([
    ['FunctionName', 'functions'],
    ['QueueUrl', 'queues'],
    ['TopicArn', 'topics'],
    ['TableName', 'tables'],
    ['Bucket', 'buckets'],
    ['StateMachineArn', 'machines'],
  ])('%s asks for the %s that are here', (name, locals) => {
    expect(at(json(`{"Type":"Task","Parameters":{"${name}":"|"}}`)).offers?.locals).toBe(locals)
    expect(at(json(`{"Type":"Task","Parameters":{"a":"|"}}`)).offers?.locals).toBeUndefined()
  })
})

test('the picture comes with the first check, and again when it is another one', () => {
  const reading = openReading()
  const check = (text: string) => reading.check({ text, type: 'STANDARD' })
  const machine = (comment: string, next: string) =>
    JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', Comment: comment, Next: next }, B: { Type: 'Succeed' } } })
  expect(check(machine('one', 'B')).picture).toBe(machine('one', 'B'))
  expect(check(machine('two', 'B')).picture).toBeUndefined()
  expect(check(`${machine('two', 'B')}}`).picture).toBeUndefined()
  expect(check(machine('two', 'A')).picture).toBe(machine('two', 'A'))
  expect(reading.state({ text: machine('two', 'A'), offset: 30 })).toBe('A')
})

describe('in YAML', () => {
  const state = 'StartAt: A\nStates:\n  A:\n    Type: Pass\n'

  test.each([`${state}    |`, `${state}    |\n`, `${state}    |\n    End: true\n`, `${state}    |\n  B:\n    Type: Pass\n`])(
    'an empty line belongs to what it is indented like: %s',
    (marked) => {
      expect(labels(marked)).toContain('ResultPath')
      expect(labels(marked)).not.toContain('Version')
      expect(taken(marked, 'Next')).toContain('\n    Next: ')
    },
  )

  test('among states an empty line takes a whole one, and at the left a member of the machine', () => {
    expect(taken(`${state}  |\n`, 'New Succeed')).toBe(`${state}  New Succeed:\n    Type: Succeed\n`)
    expect(labels(`${state}|`)).toContain('Version')
    const task = `${state}    Resource: arn:aws:states:::lambda:invoke\n    Parameters:\n      |\n    End: true\n`
    expect(labels(task)).toContain('FunctionName')
  })

  test.each(['# a|\nStartAt: A', `${state}    # a |b\n    End: true`, `${state}    End: true # a |`])(
    'nothing is offered in a comment: %s',
    (marked) => expect(labels(marked)).toEqual([]),
  )
})

test('whole states are of the query language that is spoken', () => {
  expect(taken('{"StartAt":"A","States":{|}}', 'New Task')).toContain('"Payload.$"')
  expect(taken('{"QueryLanguage":"JSONata","States":{|}}', 'New Task')).toContain('"Arguments"')
})

test('with JSONPath, paths are offered where they are read', () => {
  expect(labels(json('{"Type":"Pass","InputPath":"|"}'))).toContain('$')
  expect(labels(json('{"Type":"Pass","Parameters":{"a.$":"|"}}'))).toContain('$')
  expect(labels(json('{"Type":"Choice","Choices":[{"Variable":"|"}]}'))).toContain('$')
  for (const state of ['{"Type":"Pass","Result":{"a":"|"}}', '{"Type":"Pass","Comment":"|"}', '{"Type":"Wait","Seconds":|}'])
    expect(labels(json(state)), state).toEqual([])
})
