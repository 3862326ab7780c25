import { expect, test } from 'vitest'

import type { Json } from '../../base/json.ts'

import { PatchError, patched } from './json-patch.ts'

const queue = { Name: 'q', Tags: [{ Key: 'a' }, { Key: 'b' }], 'a/b': { '~': 1 } }

test.each<[string, Json, Json]>([
  ['adds a member', [{ op: 'add', path: '/Delay', value: 5 }], { ...queue, Delay: 5 }],
  ['puts another value in place of one', [{ op: 'add', path: '/Name', value: 'r' }], { ...queue, Name: 'r' }],
  ['replaces', [{ op: 'replace', path: '/Name', value: null }], { ...queue, Name: null }],
  ['removes', [{ op: 'remove', path: '/Tags' }], { Name: 'q', 'a/b': { '~': 1 } }],
  ['ends a list', [{ op: 'add', path: '/Tags/-', value: 1 }], { ...queue, Tags: [{ Key: 'a' }, { Key: 'b' }, 1] }],
  ['goes into a list', [{ op: 'add', path: '/Tags/0', value: 1 }], { ...queue, Tags: [1, { Key: 'a' }, { Key: 'b' }] }],
  ['removes from a list', [{ op: 'remove', path: '/Tags/0' }], { ...queue, Tags: [{ Key: 'b' }] }],
  ['goes deep', [{ op: 'replace', path: '/Tags/1/Key', value: 'c' }], { ...queue, Tags: [{ Key: 'a' }, { Key: 'c' }] }],
  ['reads escapes', [{ op: 'replace', path: '/a~1b/~0', value: 2 }], { ...queue, 'a/b': { '~': 2 } }],
  [
    'moves',
    [{ op: 'move', from: '/Name', path: '/Tags/0/Name' }],
    { Tags: [{ Key: 'a', Name: 'q' }, { Key: 'b' }], 'a/b': { '~': 1 } },
  ],
  ['copies', [{ op: 'copy', from: '/Name', path: '/Other' }], { ...queue, Other: 'q' }],
  ['tests', [{ op: 'test', path: '/Tags/0', value: { Key: 'a' } }], queue],
  ['takes the whole', [{ op: 'replace', path: '', value: {} }], {}],
  [
    'does one after the other',
    [
      { op: 'add', path: '/A', value: {} },
      { op: 'add', path: '/A/B', value: 1 },
    ],
    { ...queue, A: { B: 1 } },
  ],
])('%s', (_, patch, result) => {
  expect(patched(queue, patch)).toEqual(result)
})

test.each<[string, Json]>([
  ['what is no list', {}],
  ['what is no operation', ['add']],
  ['an operation that there is not', [{ op: 'drop', path: '/Name' }]],
  ['a path that is none', [{ op: 'remove', path: 'Name' }]],
  ['a value that is missing', [{ op: 'add', path: '/A' }]],
  ['what is not there to be removed', [{ op: 'remove', path: '/None' }]],
  ['what is not there to be replaced', [{ op: 'replace', path: '/None', value: 1 }]],
  ['a member of nothing', [{ op: 'add', path: '/A/B', value: 1 }]],
  ['a member of a text', [{ op: 'add', path: '/Name/B', value: 1 }]],
  ['an item beyond the end', [{ op: 'add', path: '/Tags/3', value: 1 }]],
  ['an index with zeros before it', [{ op: 'remove', path: '/Tags/01' }]],
  ['a test that fails', [{ op: 'test', path: '/Name', value: 'other' }]],
  ['a move into itself', [{ op: 'move', from: '/a~1b', path: '/a~1b/c' }]],
  ['a prototype', [{ op: 'replace', path: '/__proto__/x', value: 1 }]],
])('refuses %s', (_, patch) => {
  expect(() => patched(queue, patch)).toThrow(PatchError)
})
