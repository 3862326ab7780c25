import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { isArray, isObject, type Json } from '../../base/json.ts'
import { parseJson } from '../../base/json-bounds.ts'
import { printInOrder } from '../../base/member-order.ts'

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
  'a.b': { 'c d': 1 },
  'a\\\\b\\"': 3,
  delivery_partner: 'UQS',
  'delivery-partner': 'UQS2',
}

describe('definite paths', () => {
  test.each<[string, Json]>([
    ['$', store],
    ['$.books[0].title', 'A'],
    ['$.books[(@.length-1)].title', 'C'],
    ['$.books[(@.size() - 2)].title', 'B'],
    ["$['books'][1]['price']", 12],
    ["$['a.b']['c d']", 1],
    ["$['a\\\\b\\\"']", 3],
    ['$.delivery-partner', 'UQS2'],
    ['$.books[3]', null],
    ['$.books[-1]', null],
    ["$.books[0]['title','price','nope']", { title: 'A', price: 8 }],
    ['$.books[0].isbn', null],
    [" $.books[ 0 ][ 'title' ] ", 'A'],
    ["$.['books'].[0].title", 'A'],
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
    expect(missing('$.a.b', { a: 'x' })).toBe("Property ['b'] not found in path $['a']")
    expect(missing('$.list.length()', { list: [1] })).toBe("Property ['length()'] not found in path $['list']")
    expect(missing('$.items[-1].v', { items: [{ v: 1 }] })).toBe("Property ['v'] not found in path $['items'][-1]")
    expect(missing("$['a','b'].c", { a: 1 })).toBe("Multi properties can only be used as path leafs: $['a', 'b']")
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
    expect(missing('$.length', [1])).toBe("Property ['length'] not found in path $")
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
    ['$.books[-2:0]', [null, null]],
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
    ['$..tags[0]', ['x', null]],
    ['$.books[*].tags[0]', ['x', null]],
    ['$.delivery-partner[*]', []],
  ])('%s answers an array', (path, expected) => {
    expect(must(compilePath(path)).isDefinite).toBe(false)
    expect(select(path, store)).toEqual(expected)
  })

  test('nothing found is an empty array, even when the definite beginning is missing', () => {
    for (const path of ['$[*]', '$.items[:1]', '$.items[1:]', '$.item.items[1:5].itemValue', '$.items[*].itemValue'])
      expect(select(path, {})).toEqual([])
  })

  test('what is missing at the end is left out only below a wildcard on an array', () => {
    expect(select('$.l[*].a', { l: [{ a: 1 }, {}, 2] })).toEqual([1])
    expect(missing('$.l[0:2].a', { l: [{ a: 1 }, {}] })).toBe("No results for path: $['l'][1]['a']")
    expect(missing('$.l[?(@.b)].a', { l: [{ b: 1 }] })).toBe("No results for path: $['l'][0]['a']")
    expect(missing('$.*.a', { l: { a: 1 }, m: {} })).toBe("No results for path: $['m']['a']")
    expect(missing('$..a.b', { x: [{ a: {} }] })).toBe("No results for path: $['x'][0]['a']['b']")
    expect(missing('$[0:2]', { a: 1 })).toBe('Filter: [0:2] can only be applied to arrays. Current context is: {"a":1}')
  })

  test('recursive descent visits parents before children, in document order', () => {
    expect(select('$..a', { a: { a: 1, b: [{ a: 2 }] }, c: { a: 3 } })).toEqual([{ a: 1, b: [{ a: 2 }] }, 1, 2, 3])
    expect(select('$..*', { a: [1], b: 2 })).toEqual([[1], 2, 1])
    expect(select('$..[?(@.id == 1)]', [{ id: 1, x: [{ id: 1 }] }, { id: 2 }])).toEqual([{ id: 1, x: [{ id: 1 }] }, { id: 1 }])
    expect(select('$..[0].n', [{ n: 1 }, { n: 2 }])).toEqual([1, 2])
  })
})

describe('filters', () => {
  const titles = (filter: string): Json => select(`$.books[?(${filter})].title`, store)
  test.each<[string, string[]]>([
    ['@.price < 10', ['A']],
    ['@.price<=12', ['A', 'B']],
    ['@.price > 8 && @.price < 20', ['B']],
    ["@.price == 8 || @.title == 'C'", ['A', 'C']],
    ["(@.price == 8) || (@.title == 'C')", ['A', 'C']],
    ['@.title == C', ['C']],
    ['@.title == "C"', []],
    ['!@.isbn', ['A', 'B', 'C']],
    ['!@.author', ['A', 'B']],
    ['@.isbn', []],
    ['@.isbn == null', ['A']],
    ['@.isbn != 3', ['A']],
    ["@.price == '8'", ['A']],
    ["'8' == @.price", []],
    ["@['author']['name'] == 'Ann'", ['C']],
    ['@.tags == @.tags', []],
    ['$.books[0] == $.books[0]', ['A', 'B', 'C']],
    ['@.title =~ /[ab]/i', ['A', 'B']],
    ['@.title =~ /a/', []],
    ['@.price =~ /[0-9]/', ['A']],
    ['@.price == $.books[1].price', ['B']],
    ['$.books', []],
  ])('[?(%s)]', (filter, expected) => {
    expect(titles(filter)).toEqual(expected)
  })

  test('a group does not group', () => {
    const items = [{ a: 1 }, { b: 1, c: 1 }, { c: 1 }]
    expect(select('$[?((@.a || @.b) && @.c)]', items)).toEqual([{ a: 1 }, { b: 1, c: 1 }])
  })

  test('a quote in a text is written with a backslash, which stands for itself elsewhere', () => {
    expect(select("$[?(@.k == 'it\\'s')].k", [{ k: "it's" }, { k: 'its' }])).toEqual(["it's"])
    expect(select("$[?(@.k == 'a\\\\b')].k", [{ k: 'a\\b' }, { k: 'a\\\\b' }])).toEqual(['a\\\\b'])
  })

  test('a filter that cannot be judged ends the read', () => {
    expect(missing('$[?(@.n == true)]', [{ n: 1 }])).toContain('Character t is neither a decimal digit number')
    expect(missing('$[?(@.n =~ text)]', [{ n: 1 }])).toContain('is not a pattern')
    expect(missing('$[?(@.n[0] == 1)]', [{ n: 1 }])).toBe('Filter: [0] can only be applied to arrays. Current context is: 1')
    expect(missing('$.n[?(@.a)]', { n: 'x' })).toBe('Filter: [?] can not be applied to primitives. Current context is: x')
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
    ['$.a[', 3],
    ['$.a[]', 3],
    ["$.a['b", 3],
    ['$["a"]', 1],
    ['$.a b', 3],
    ['$[:]', 1],
    ['$[1', 1],
    ['$[12345678901]', 1],
    ['$.a[?(@.b =~ /(/)]', 3],
    ['$.a[?(1)]', 3],
    ['$.a[?(!(@.b))]', 3],
    ["$.a[?(@.b in ['x'])]", 3],
    ['$.a[?(@.b size 1)]', 3],
    ['$.a[?(@..b)]', 3],
    ["$.a[?(@.b == 'x && y')]", 3],
    ['$]', 1],
    ['$.a[(@.length)]', 3],
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

test('members come in the order of the document, names like numbers too', () => {
  const document = parseJson('{"o":{"b":1,"10":{"x":2},"2":{"x":3},"a":[{"9":4,"1":5}]}}')
  expect(select('$.o.*', document)).toEqual([1, { x: 2 }, { x: 3 }, [{ '9': 4, '1': 5 }]])
  expect(select('$..x', document)).toEqual([2, 3])
  expect(select('$.o.a[*].*', document)).toEqual([4, 5])
  expect(printInOrder(select("$.o['a','2','10','b']", document))).toBe('{"a":[{"9":4,"1":5}],"2":{"x":3},"10":{"x":2},"b":1}')
})
