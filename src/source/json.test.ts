import { expect, test } from 'vitest'

import { findJsonSyntaxError, jacksonLocation } from './json.ts'

test.each([
  [
    'not a definition',
    "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
    1,
    4,
  ],
  [
    '{"a": 1',
    'Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)"{"a": 1"; line: 1, column: 1])',
    1,
    8,
  ],
  ['{"a": 1,}', "Unexpected character ('}' (code 125)): was expecting double-quote to start field name", 1, 10],
  ['[1 2]', "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries", 1, 5],
  ['{\n"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value", 2, 6],
  ['{} {}', "Unexpected character ('{' (code 123)): expected end of the text", 1, 5],
  ['', 'No content to map due to end-of-input', 1, 1],
  ['{"a"', 'Unexpected end-of-input within/between Object entries', 1, 5],
  ['[1,', 'Unexpected end-of-input within/between Array entries', 1, 4],
  ['{"a":}', "Unexpected character ('}' (code 125)): expected a value", 1, 7],
  [
    '{"a":1]',
    'Unexpected close marker \']\': expected \'}\' (for Object starting at [Source: (String)"{"a":1]"; line: 1, column: 1])',
    1,
    8,
  ],
  ['[}', "Unexpected close marker '}': expected ']' (for Array starting at [Source: (String)\"[}\"; line: 1, column: 1])", 1, 3],
  ['[01]', 'Invalid numeric value: Leading zeroes not allowed', 1, 3],
  [
    '[-a]',
    "Unexpected character ('a' (code 97)) in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value",
    1,
    4,
  ],
  ['[1.]', "Unexpected character (']' (code 93)) in numeric value: Decimal point not followed by a digit", 1, 5],
  ['1e+', 'Unexpected character ((CTRL-CHAR, code 0)) in numeric value: Exponent indicator not followed by a digit', 1, 5],
  ['NaN', "Non-standard token 'NaN': enable JsonParser.Feature.ALLOW_NON_NUMERIC_NUMBERS to allow", 1, 4],
  [
    '[/* */]',
    "Unexpected character ('/' (code 47)): maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' not enabled for parser)",
    1,
    3,
  ],
  ['"a', 'Unexpected end-of-input: was expecting closing quote for a string value', 1, 3],
  ['{"a', 'Unexpected end-of-input in field name', 1, 4],
  ['"a\\q"', "Unrecognized character escape 'q' (code 113)", 1, 5],
  [
    'truey',
    "Unrecognized token 'truey': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
    1,
    6,
  ],
])('%j: %s', (text, message, line, column) => {
  expect(() => JSON.parse(text)).toThrow()
  expect(findJsonSyntaxError(text)).toEqual({ message, line, column })
})

test('the place holds the text, cut after 500 characters', () => {
  const error = { message: '', line: 1, column: 4 }
  expect(jacksonLocation('not', error)).toBe('[Source: (String)"not"; line: 1, column: 4]')
  expect(jacksonLocation('x'.repeat(501), error)).toContain('"[truncated 1 chars]; line: 1')
})
