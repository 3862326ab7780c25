/**
 * Settings of text messages, and who wants none: kept and shown. Text messages themselves are lines of the log.
 * Source: Amazon SNS API reference, SetSMSAttributes and its like.
 */
import type { JsonObject } from '../../base/json.ts'

import type { QueryOperation } from '../../wire/aws-query.ts'
import { element, type Xml } from '../../wire/xml.ts'

import type { ServicesDatabase } from '../kit/database.ts'
import { textList } from '../kit/input.ts'

import { invalidParameter } from './errors.ts'
import { requiredText, textMap } from './input.ts'

const NAMES: ReadonlySet<string> = new Set([
  'MonthlySpendLimit',
  'DeliveryStatusIAMRole',
  'DeliveryStatusSuccessSamplingRate',
  'DefaultSenderID',
  'DefaultSMSType',
  'UsageReportS3Bucket',
])

export function smsOperations(database: ServicesDatabase): readonly (readonly [string, QueryOperation])[] {
  const sql = prepare(database)

  function setAttributes(input: JsonObject): readonly Xml[] {
    const attributes = textMap(input, 'attributes')
    for (const [name, value] of attributes) {
      if (!NAMES.has(name)) throw invalidParameter(`${name} is not a valid attribute`)
      if (name === 'DefaultSMSType' && !['Promotional', 'Transactional'].includes(value))
        throw invalidParameter(`DefaultSMSType is invalid: ${value}`)
    }
    database.transaction(() => {
      for (const [name, value] of attributes) sql.put.run(name, value)
    })
    return []
  }

  function getAttributes(input: JsonObject): Xml {
    const wanted = textList(input, 'attributes')
    const found = sql.all.all().filter(({ name }) => wanted.length === 0 || wanted.includes(name))
    return element(
      'attributes',
      found.map(({ name, value }) => element('entry', [element('key', name), element('value', value)])),
    )
  }

  return [
    ['SetSMSAttributes', setAttributes],
    ['GetSMSAttributes', getAttributes],
    // Nobody here can say that he wants no messages.
    ['CheckIfPhoneNumberIsOptedOut', (input) => isOptedOut(requiredText(input, 'phoneNumber'))],
    ['ListPhoneNumbersOptedOut', () => element('phoneNumbers')],
    ['OptInPhoneNumber', () => []],
  ]
}

function isOptedOut(phoneNumber: string): Xml {
  if (!/^\+?[\d\-. ()]{4,24}$/.test(phoneNumber))
    throw invalidParameter(`PhoneNumber Reason: ${phoneNumber} is not a phone number`)
  return element('isOptedOut', 'false')
}

const prepare = (database: ServicesDatabase) => ({
  all: database.prepare<[], { name: string; value: string }>('SELECT name, value FROM sns_sms ORDER BY name'),
  put: database.prepare<[string, string]>('INSERT OR REPLACE INTO sns_sms (name, value) VALUES (?, ?)'),
})
