import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { isArray, isObject, type Json } from '../../base/json.ts'

import { mustFail, testScope, must } from '../test-scope.ts'
import { compilePath } from './path.ts'

const select = (path: string, document: Json): Json => must(must(compilePath(path)).selectIn(document))
const missing = (path: string, document: Json): string => mustFail(must(compilePath(path)).selectIn(document)).missing
const store = {
  books: [
    { title: 'A', price: 8, tags: ['x', 'y'], isbn: null },
    { title: 'B', price: 12, tags: [] },
    { title: 'C', price: 22, author: { name: 'Ann' } },
  ],
  'a.b': { 'c d': 1, "it's": 2 },
  delivery_partner: 'UQS',
  'delivery-partner': 'UQS2',
}

describe('definite paths', () => {
  test.each<[string, Json]>([
    ['$', store],
    ['$.books[0].title', 'A'],
    ['$.books[-1].title', 'C'],
    ["$['books'][1]['price']", 12],
    ['$["a.b"]["c d"]', 1],
    ["$['a.b']['it\\'s']", 2],
    ['$["a\\u002eb"]["c d"]', 1],
    ['$.delivery-partner', 'UQS2'],
    ["$.books[0]['title','price','nope']", { title: 'A', price: 8 }],
    ['$.books[0].isbn', null],
    [" $.books[ 0 ][ 'title' ] ", 'A'],
  ])('%s finds one value', (path, expected) => {
    expect(must(compilePath(path)).isDefinite).toBe(true)
    expect(select(path, store)).toEqual(expected)
  })

  test('a miss is told in the words of AWS', () => {
    expect(missing('$.no.such.result.path', {})).toBe("Missing property in path $['no']")
    expect(missing('$.NoSuchOutputPath', { a: 1 })).toBe("No results for path: $['NoSuchOutputPath']")
    expect(missing('$.a.b', { a: {} })).toBe("No results for path: $['a']['b']")
    expect(missing('$.a.b.c', { a: {} })).toBe("Missing property in path $['a']['b']")
    expect(missing('$.other[0]', { other: 1 })).toBe('Filter: [0] can only be applied to arrays. Current context is: 1')
    expect(missing('$.a.b', { a: 'x' })).toContain(
      "Expected to find an object with property ['b'] in path $['a'] but found 'java.lang.String'.",
    )
    expect(missing('$.a[0]', { a: null })).toBe("The path $['a'] is null")
  })

  test('an index past the end is null where AWS takes it for null, and missing where it does not', () => {
    const path = must(compilePath('$.items[5]'))
    const scope = testScope({ items: [1, 2] })
    expect(path.select(scope)).toEqual({ ok: true, value: null })
    expect(path.selectPresent(scope)).toEqual({ ok: false, error: { missing: "No results for path: $['items'][5]" } })
    expect(must(compilePath('$.items[5].x')).select(scope).ok).toBe(false)
  })

  test('what a prototype has is not a member', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty'])
      expect(missing(`$.${name}`, {})).toBe(`No results for path: $['${name}']`)
    expect(missing('$.length', [1])).toContain('Expected to find an object')
    expect(select('$.__proto__', JSON.parse('{"__proto__": {"x": 1}}'))).toEqual({ x: 1 })
  })
})

describe('roots', () => {
  const scope = testScope({ a: 1 }, { Execution: { Id: 'arn' } }, { who: { name: 'Ann' } })
  test('$ is the input, $$ the context object, $name a variable', () => {
    const read = (text: string) => must(compilePath(text)).select(scope)
    expect(read('$.a')).toEqual({ ok: true, value: 1 })
    expect(read('$$.Execution.Id')).toEqual({ ok: true, value: 'arn' })
    expect(read('$$')).toEqual({ ok: true, value: { Execution: { Id: 'arn' } } })
    expect(read('$who.name')).toEqual({ ok: true, value: 'Ann' })
    expect(read("$who['name']")).toEqual({ ok: true, value: 'Ann' })
    expect(read('$nobody').ok).toBe(false)
  })

  test('a path tells which variable it mentions', () => {
    expect(must(compilePath('$who.name')).variables()).toEqual(['who'])
    expect(must(compilePath('$$.State')).variables()).toEqual([])
    expect(must(compilePath('$größe[0]')).variables()).toEqual(['größe'])
  })
})

describe('indefinite paths', () => {
  test.each<[string, Json]>([
    ['$.books[*].title', ['A', 'B', 'C']],
    ['$.books.*.price', [8, 12, 22]],
    ['$..price', [8, 12, 22]],
    ['$..name', ['Ann']],
    ['$.books[0,2].title', ['A', 'C']],
    ['$.books[0:2].title', ['A', 'B']],
    ['$.books[:1].title', ['A']],
    ['$.books[-2:].title', ['B', 'C']],
    ['$.books[:-1].title', ['A', 'B']],
    ['$.books[1:-1].title', []],
    ['$.books[-3:-1].title', ['A', 'B']],
    ['$.books[5:].title', []],
    [
      "$.books[*]['title','price']",
      [
        { title: 'A', price: 8 },
        { title: 'B', price: 12 },
        { title: 'C', price: 22 },
      ],
    ],
    ['$.books[*].author.name', ['Ann']],
    ["$.books[?(@.title)]['title','price'].x", []],
    ['$..tags[0]', ['x']],
    ['$.delivery-partner[*]', []],
  ])('%s answers an array', (path, expected) => {
    expect(must(compilePath(path)).isDefinite).toBe(false)
    expect(select(path, store)).toEqual(expected)
  })

  test('nothing found is an empty array, even when the definite beginning is missing', () => {
    for (const path of ['$[*]', '$.items[:1]', '$.items[1:]', '$.item.items[1:5].itemValue', '$.items[*].itemValue'])
      expect(select(path, {})).toEqual([])
  })

  test('recursive descent visits parents before children, in document order', () => {
    expect(select('$..a', { a: { a: 1, b: [{ a: 2 }] }, c: { a: 3 } })).toEqual([{ a: 1, b: [{ a: 2 }] }, 1, 2, 3])
    expect(select('$..*', { a: [1], b: 2 })).toEqual([[1], 2, 1])
    expect(select('$..[?(@.id == 1)]', [{ id: 1, x: [{ id: 1 }] }, { id: 2 }])).toEqual([{ id: 1, x: [{ id: 1 }] }, { id: 1 }])
  })
})

describe('filters', () => {
  const titles = (filter: string): Json => select(`$.books[?(${filter})].title`, store)
  test.each<[string, string[]]>([
    ['@.price < 10', ['A']],
    ['@.price<=12', ['A', 'B']],
    ['@.price > 8 && @.price < 20', ['B']],
    ['@.price == 8 || @.title == "C"', ['A', 'C']],
    ['!(@.price == 8)', ['B', 'C']],
    ['!@.isbn', ['B', 'C']],
    ['@.isbn', ['A']],
    ['@.isbn == null', ['A']],
    ['@.isbn != 3', ['A', 'B', 'C']],
    ["@.price == '8'", ['A']],
    ["@.price === '8'", []],
    ["@['author']['name'] == 'Ann'", ['C']],
    ["@.title in ['A', 'C']", ['A', 'C']],
    ["@.title NIN ['A', 'C']", ['B']],
    ["@.tags contains 'x'", ['A']],
    ["@.tags all ['y','x']", ['A']],
    ["@.tags subsetof ['x','y','z']", ['A', 'B']],
    ["@.tags anyof ['y']", ['A']],
    ["@.tags noneof ['y']", ['B']],
    ['@.tags size 2', ['A']],
    ['@.tags empty true', ['B']],
    ['@.title =~ /[ab]/i', ['A', 'B']],
    ['@.title =~ /a/', []],
    ['@.tags =~ /x.*/', ['A']],
    ['@.price == $.books[1].price', ['B']],
    ['8 == @.price', ['A']],
  ])('[?(%s)]', (filter, expected) => {
    expect(titles(filter)).toEqual(expected)
  })

  test('a pattern must match the whole text', () => {
    expect(select('$[?(@.s =~ /a/)]', [{ s: 'ab' }, { s: 'a' }])).toEqual([{ s: 'a' }])
  })

  test('a filter on an object judges the object itself', () => {
    expect(select('$.o[?(@.a == 1)]', { o: { a: 1 } })).toEqual([{ a: 1 }])
  })

  test('the recorded filter by status', () => {
    const users = [
      { year: 1997, status: 0 },
      { year: 1998, status: 1 },
    ]
    expect(select('$.users[?(@.status == 0)]', { users })).toEqual([{ year: 1997, status: 0 }])
  })
})

describe('what is not a path', () => {
  test.each<[string, number]>([
    ['', 0],
    ['a.b', 0],
    ['$.', 2],
    ['$..', 3],
    ['$.a..', 5],
    ['$.a[', 4],
    ['$.a[]', 4],
    ["$.a['b]", 4],
    ['$.a b', 4],
    ['$.list.length()', 7],
    ['$[:]', 2],
    ['$[1', 1],
    ['$[12345678901]', 11],
    ['$.a[?(@.b ==)]', 12],
    ['$.a[?(@.b =~ /(/)]', 0],
    ['$.a[?(1)]', 6],
    ['$]', 1],
    ["$['a',]", 6],
  ])('%s is refused at %i', (text, offset) => {
    expect(mustFail(compilePath(text))).toMatchObject({ offset, message: expect.any(String) })
  })
})

test('recursive descent agrees with a naive version', () => {
  const collect = (value: Json, name: string): Json[] => {
    if (isArray(value)) return value.flatMap((item) => collect(item, name))
    if (!isObject(value)) return []
    const own = Object.hasOwn(value, name) ? [value[name] as Json] : []
    return [...own, ...Object.values(value).flatMap((member) => collect(member, name))]
  }
  const tree = fc.letrec<{ node: Json }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 5 },
      fc.integer(),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), tie('node')),
    ),
  })).node
  fc.assert(
    fc.property(tree, fc.constantFrom('a', 'b', '__proto__'), (value, name) => {
      const json = JSON.parse(JSON.stringify(value)) as Json
      expect(select(`$..${name}`, json)).toEqual(collect(json, name))
    }),
  )
})

test('a slice with one end agrees with Array.slice', () => {
  const items = [0, 1, 2, 3, 4]
  fc.assert(
    fc.property(fc.integer({ min: -8, max: 8 }), (n) => {
      expect(select(`$[${n}:]`, items)).toEqual(items.slice(n))
      expect(select(`$[:${n}]`, items)).toEqual(items.slice(0, n))
    }),
  )
})

test('no text makes the reader throw', () => {
  const piece = fc.constantFrom(
    '$',
    '.',
    '..',
    '[',
    ']',
    "'",
    '"',
    '*',
    '?',
    '(',
    ')',
    '@',
    'a',
    '0',
    '-',
    ':',
    ',',
    '&&',
    '==',
    '/',
    ' ',
    '\\',
    '=~',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      const path = compilePath(`$${pieces.join('')}`)
      if (path.ok) path.value.selectIn({ a: [{ a: 1 }] })
      else expect(path.error.offset).toBeGreaterThanOrEqual(0)
    }),
    { numRuns: 2000 },
  )
})
