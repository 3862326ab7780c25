import { expect, test } from 'vitest'

import { parseTemplate } from './parser.ts'
import { runTemplate } from './run.ts'
import { TemplateError } from './syntax.ts'
import type { Value } from './value.ts'

const run = (template: string, variables: Record<string, Value> = {}) =>
  runTemplate(parseTemplate(template), new Map(Object.entries(variables)))

test.each([
  ['$a ${a}y $!a $!{a}', 'x xy x x'],
  ['$none|$!none|$a.none|$a.none.none()', '|||'],
  ['\\$a $5 $ # #1 $$a a@b.c', '$a $5 $ # #1 $x a@b.c'],
  ['a ## comment\nb#* c *#d #[[ $raw #set ]]#', 'a bd  $raw #set '],
  ['$m.k $m["k"] $m.get("k") $l[0] $l.get(1) $m', 'v v v 1 2 {k=v}'],
])('a reference prints what it names: %s', (template, printed) => {
  expect(run(template, { a: 'x', m: new Map([['k', 'v']]), l: [1, 2] })).toBe(printed)
})

test.each([
  ['#set($x = 1 + 2 * 3 - 4 / 2)$x', '5'],
  ['#set($x = 7 / 2)$x #set($y = 7 % 2)$y #set($z = -$y)$z', '3 1 -1'],
  ['#set($x = "a" + 1)$x', 'a1'],
  [`#set($x = "is $a, #if(true)yes#end")$x #set($y = '$a')$y`, 'is 1, yes $a'],
  [`#set($m = {"a": [1, 2], 'b': {}})$m.a.size() #set($m.b.c = 'd')$m.b`, '2 {c=d}'],
  ['#set($l = [1..3])#set($l[0] = 9)$l', '[9, 2, 3]'],
])('#set gives a value: %s', (template, printed) => expect(run(template, { a: 1 })).toBe(printed))

test.each([
  ['#if($a)1#else 2#end', '1'],
  ['#if($none)1#elseif($a == 1)2#{else}3#end', '2'],
  ['#if(!$none && $a < 2)1#end', '1'],
  ['#if($a eq 1 and not ($a ge 2))1#end', '1'],
  ["#if($a == '1')1#end", '1'],
  ['#foreach($i in ["a", "b"])$foreach.count$i#if($foreach.hasNext),#end#end', '1a,2b'],
  ['#set($m = {"k": "v"})#foreach($e in $m.entrySet())$e.key=$e.getValue()#end', 'k=v'],
  ['#foreach($i in [1..9])#if($i == 3)#break#end$i#end!', '12!'],
  ['#macro(twice $x)$x$x#end#twice("a")#twice($a) #other(1)', 'aa11 #other(1)'],
  ['#define($block)<$a>#end$block$block', '<1><1>'],
  ['a#stop b', 'a'],
])('directives decide: %s', (template, printed) => expect(run(template, { a: 1 })).toBe(printed))

test.each([
  [`$s.replaceAll("\\\\'", "'")`, "it's"],
  ["$s.substring(1, 2) $s.length() $s.toUpperCase() $s.contains('t')", "t 5 IT\\'S true"],
  ["$s.split('t').size() $s.isEmpty() $e.empty $s.equals('x') $s.indexOf('t')", '2 false true false 1'],
  ['$s.constructor $s.__proto__ $s.repeat(9) $m.constructor $m.__proto__ $l.constructor', '     '],
])('methods are those of Java: %s', (template, printed) => {
  expect(run(template, { s: "it\\'s", e: '', m: new Map(), l: [] })).toBe(printed)
})

test('what stands on a line of its own with a directive goes with it', () => {
  expect(run('{\n#set($a = 1)\n#if($a)\n"a": $a\n#end\n}')).toBe('{\n"a": 1\n}')
})

test.each([
  '#set($a = )',
  '#if($a) no end',
  '${a',
  '#end',
  '#set($a = "no end)',
  `#set($a = ${'('.repeat(100)}1${')'.repeat(100)})`,
  '$a.matches("(")',
  '#foreach($i in [1..90000])#foreach($j in [1..90000])x#end#end',
  '#set($a = "0123456789")#foreach($i in [1..60])#set($a = "$a$a")#end',
  '#set($l = [1])#set($x = $l.add($l))$l',
  '#macro(f)#f()#end#f()',
  '#set($p = "(((a{100}){100}){100})")$p.matches($p)',
  '#set($a = "aaaaaaaaaaaaaaaa")#foreach($i in [1..12])#set($a = $a.replaceAll("a", "$a"))#end',
])('what is none, or asks too much, is refused: %s', (template) => {
  expect(() => run(template, { a: 'a' })).toThrow(TemplateError)
})

test('a hostile template is read and run about as fast as it is long', () => {
  for (const piece of [
    '$',
    '#',
    '$a.b ',
    '${a',
    '#*',
    '$a[',
    '$a[1',
    '.b',
    '#[[',
    '#if(',
    '\\',
    '"',
    '#set($a=1)\n',
    '#if(true)',
  ]) {
    const begun = performance.now()
    try {
      run(`$a${piece.repeat(300_000 / piece.length)}`)
    } catch (error) {
      expect(error).toBeInstanceOf(TemplateError)
    }
    expect(performance.now() - begun, piece).toBeLessThan(2_000)
  }
})
