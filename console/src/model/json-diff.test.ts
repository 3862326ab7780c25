import { expect, test } from 'vitest'

import { jsonDiff } from './json-diff.ts'

test('values that differ are told with their paths, as they are written', () => {
  expect(jsonDiff('{"a":1,"b":{"c":[1,2]},"same":1}', '{"b":{"c":[1,12345678901234567890,3]},"same":1.0,"d":null}')).toEqual([
    { path: '$.a', left: '1', right: undefined },
    { path: '$.b.c[1]', left: '2', right: '12345678901234567890' },
    { path: '$.b.c[2]', left: undefined, right: '3' },
    { path: '$.d', left: undefined, right: 'null' },
  ])
  expect(jsonDiff('{"a":{}}', '{"a":[]}')).toEqual([{ path: '$.a', left: '{}', right: '[]' }])
})

test('what is no JSON, or is not there, differs as a whole', () => {
  expect(jsonDiff(undefined, '1')).toEqual([{ path: '$', left: undefined, right: '1' }])
  expect(jsonDiff('oh', 'oh')).toEqual([])
})
