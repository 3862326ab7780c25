import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { childText, element, parseXml, XmlError, xmlDocument } from './xml.ts'

describe('xml', () => {
  it('reads back every text that XML can hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const valid = text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
        expect(childText(parseXml(xmlDocument(element('a', element('b', text)))), 'b')).toBe(valid)
      }),
    )
  })

  it('reads namespaces, attributes with angle brackets, CDATA, comments and character references', () => {
    const root = parseXml(
      '\ufeff<?xml version="1.0"?><!-- c --><n:a x="1>2" y=\'</a>\'><b>1 &lt; &#50;&#x1F600;</b><c><![CDATA[<&>]]></c><d/></n:a>',
    )
    expect(root.name).toBe('a')
    expect(root.children.map((one) => [one.name, one.text])).toEqual([
      ['b', '1 < 2😀'],
      ['c', '<&>'],
      ['d', ''],
    ])
  })

  it.each([
    ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['an unknown entity', '<a>&b;</a>'],
    ['a character that does not exist', '<a>&#xD800;</a>'],
    ['crossed tags', '<a><b></a></b>'],
    ['two roots', '<a/><b/>'],
    ['nothing', ''],
    ['an unfinished tag', '<a'],
    ['an unfinished comment', '<a><!-- '],
    ['text outside', '<a/>x'],
  ])('refuses %s', (_, text) => expect(() => parseXml(text)).toThrow(XmlError))

  it('refuses what is too deep or too much in linear time', () => {
    expect(() => parseXml('<a>'.repeat(1_000_000))).toThrow('nested too deeply')
    expect(() => parseXml(`<a>${'<b/>'.repeat(300_000)}</a>`)).toThrow('too many')
  })

  it('never lets a name reach a prototype', () => {
    expect(parseXml('<__proto__><constructor>x</constructor></__proto__>').children[0]?.text).toBe('x')
  })
})
