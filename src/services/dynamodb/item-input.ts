/**
 * What the operations on items take, and what all of them read of it: conditions, projections and updates, in expressions or in the
 * older members, which are made into the same.
 * Source: Amazon DynamoDB API reference; developer guide, "Legacy DynamoDB conditional parameters"; texts as DynamoDB answers them.
 */
import { type AttributeValue, checkItem, checkValue, compareValues, type Item, typeOf } from './attribute-value.ts'
import { type Condition, type Operand, readCondition } from './condition.ts'
import { readProjection } from './document-path.ts'
import { invalidValues, validationError } from './errors.ts'
import { type ExpressionName, type Path, Substitutes } from './expression-tokens.ts'
import { flag, list, map, type ReadMembers, struct, text, value, whole } from './shapes.ts'
import { tableName } from './table-settings.ts'
import { readUpdate, type Source, type UpdateAction } from './update.ts'

const OPERATORS = [
  ...([
    'IN',
    'NULL',
    'BETWEEN',
    'LT',
    'NOT_CONTAINS',
    'EQ',
    'GT',
    'NOT_NULL',
    'NE',
    'LE',
    'BEGINS_WITH',
    'GE',
    'CONTAINS',
  ] as const),
]
export type LegacyOperator = (typeof OPERATORS)[number]

export const item = map(value, { isRequired: true })
const names = map(text())
const values = map(value)
const capacity = text({ values: ['INDEXES', 'TOTAL', 'NONE'] })
const metrics = text({ values: ['SIZE', 'NONE'] })
const returned = text({ values: ['ALL_NEW', 'UPDATED_OLD', 'ALL_OLD', 'NONE', 'UPDATED_NEW'] })
export const onFailure = text({ values: ['ALL_OLD', 'NONE'] })
const conditions = map(
  struct({ AttributeValueList: list(value), ComparisonOperator: text({ isRequired: true, values: OPERATORS }) }),
)
const expected = map(
  struct({
    AttributeValueList: list(value),
    ComparisonOperator: text({ values: OPERATORS }),
    Exists: flag,
    Value: value,
  }),
)
const attributesToGet = list(text(), { min: 1, max: 255 })

export const SUBSTITUTES = { ExpressionAttributeNames: names, ExpressionAttributeValues: values } as const
const CONDITIONAL = {
  ConditionExpression: text(),
  Expected: expected,
  ConditionalOperator: text({ values: ['OR', 'AND'] }),
  ReturnValuesOnConditionCheckFailure: onFailure,
  ...SUBSTITUTES,
} as const
const WRITE = {
  TableName: tableName,
  ReturnConsumedCapacity: capacity,
  ReturnItemCollectionMetrics: metrics,
  ReturnValues: returned,
  ...CONDITIONAL,
} as const
const READ = {
  TableName: tableName,
  ReturnConsumedCapacity: capacity,
  AttributesToGet: attributesToGet,
  ProjectionExpression: text(),
  ConsistentRead: flag,
} as const
const PAGE = {
  ...READ,
  IndexName: text({ pattern: '[a-zA-Z0-9_.-]+', min: 3, max: 255 }),
  Select: text({ values: ['SPECIFIC_ATTRIBUTES', 'COUNT', 'ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES'] }),
  Limit: whole({ min: 1 }),
  ExclusiveStartKey: map(value),
  FilterExpression: text(),
  ConditionalOperator: text({ values: ['OR', 'AND'] }),
  ...SUBSTITUTES,
} as const

export const INPUTS = {
  PutItem: { ...WRITE, Item: item },
  DeleteItem: { ...WRITE, Key: item },
  UpdateItem: {
    ...WRITE,
    Key: item,
    UpdateExpression: text(),
    AttributeUpdates: map(struct({ Action: text(), Value: value })),
  },
  GetItem: { ...READ, Key: item, ExpressionAttributeNames: names },
  Query: {
    ...PAGE,
    KeyConditionExpression: text(),
    KeyConditions: conditions,
    QueryFilter: conditions,
    ScanIndexForward: flag,
  },
  Scan: { ...PAGE, ScanFilter: conditions, Segment: whole({ min: 0 }), TotalSegments: whole({ min: 1, max: 1_000_000 }) },
  BatchGetItem: {
    ReturnConsumedCapacity: capacity,
    RequestItems: map(
      struct({
        Keys: list(map(value), { isRequired: true, min: 1, max: 100 }),
        AttributesToGet: attributesToGet,
        ConsistentRead: flag,
        ProjectionExpression: text(),
        ExpressionAttributeNames: names,
      }),
      { isRequired: true, min: 1 },
    ),
  },
  BatchWriteItem: {
    ReturnConsumedCapacity: capacity,
    ReturnItemCollectionMetrics: metrics,
    RequestItems: map(
      list(struct({ DeleteRequest: struct({ Key: item }), PutRequest: struct({ Item: item }) }), { min: 1, max: 25 }),
      { isRequired: true, min: 1, max: 25 },
    ),
  },
  TransactWriteItems: {
    ClientRequestToken: text({ min: 1, max: 36 }),
    ReturnConsumedCapacity: capacity,
    ReturnItemCollectionMetrics: metrics,
    TransactItems: list(
      struct({
        ConditionCheck: struct({
          TableName: tableName,
          Key: item,
          ConditionExpression: text({ isRequired: true }),
          ReturnValuesOnConditionCheckFailure: onFailure,
          ...SUBSTITUTES,
        }),
        Put: struct({
          TableName: tableName,
          Item: item,
          ConditionExpression: text(),
          ReturnValuesOnConditionCheckFailure: onFailure,
          ...SUBSTITUTES,
        }),
        Delete: struct({
          TableName: tableName,
          Key: item,
          ConditionExpression: text(),
          ReturnValuesOnConditionCheckFailure: onFailure,
          ...SUBSTITUTES,
        }),
        Update: struct({
          TableName: tableName,
          Key: item,
          UpdateExpression: text({ isRequired: true }),
          ConditionExpression: text(),
          ReturnValuesOnConditionCheckFailure: onFailure,
          ...SUBSTITUTES,
        }),
      }),
      { isRequired: true, min: 1, max: 100 },
    ),
  },
  TransactGetItems: {
    ReturnConsumedCapacity: capacity,
    TransactItems: list(
      struct({
        Get: struct(
          { TableName: tableName, Key: item, ProjectionExpression: text(), ExpressionAttributeNames: names },
          { isRequired: true },
        ),
      }),
      { isRequired: true, min: 1, max: 100 },
    ),
  },
} as const
export type Inputs = { readonly [O in keyof typeof INPUTS]: ReadMembers<(typeof INPUTS)[O]> }

// ---- expressions and the older members

type Legacy = Inputs['Query']['KeyConditions']
export type Expected = Inputs['PutItem']['Expected']

/** Of one request either kind is used. Throws ValidationException. */
export function checkKinds(input: object, expressions: readonly ExpressionName[], others: readonly string[]): void {
  const given = (name: string): boolean => (input as Readonly<Record<string, unknown>>)[name] !== undefined
  const [used, older] = [expressions.filter(given), others.filter(given)]
  if (used.length > 0 && older.length > 0)
    throw validationError(
      `Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {${older.join(', ')}} Expression parameters: {${used.join(', ')}}`,
    )
  if (given('ExpressionAttributeNames') && used.length === 0)
    throw validationError('ExpressionAttributeNames can only be specified when using expressions')
  const withValues = expressions.filter((name) => name !== 'ProjectionExpression')
  if (withValues.length > 0 && given('ExpressionAttributeValues') && !withValues.some(given))
    throw validationError(
      `ExpressionAttributeValues can only be specified when using expressions: ${withValues.join(' and ')} ${withValues.length > 1 ? 'are' : 'is'} null`,
    )
}

interface Conditional {
  readonly ConditionExpression: string | undefined
  readonly UpdateExpression?: string | undefined
  readonly ExpressionAttributeNames: Readonly<Record<string, string>> | undefined
  readonly ExpressionAttributeValues: Item | undefined
}

/** Condition and update of a write that has expressions alone. */
export function readWrite(input: Conditional): {
  readonly condition: Condition | undefined
  readonly update: readonly UpdateAction[] | undefined
} {
  const substitutes = new Substitutes(input.ExpressionAttributeNames, input.ExpressionAttributeValues)
  const { UpdateExpression, ConditionExpression } = input
  const update = UpdateExpression === undefined ? undefined : readUpdate(UpdateExpression, substitutes)
  const condition =
    ConditionExpression === undefined ? undefined : readCondition('ConditionExpression', ConditionExpression, substitutes)
  substitutes.checkUsed()
  return { condition, update }
}

/** What of an item is wanted; undefined for all of it. */
export function readPaths(
  {
    AttributesToGet: older,
    ProjectionExpression: text,
  }: {
    readonly AttributesToGet?: readonly string[] | undefined
    readonly ProjectionExpression: string | undefined
  },
  substitutes: Substitutes,
): readonly Path[] | undefined {
  if (text !== undefined) return readProjection(text, substitutes)
  if (!older) return undefined
  const twice = older.find((name, at) => older.indexOf(name) !== at)
  if (twice !== undefined) throw invalidValues(`Duplicate value in attribute name: ${twice}`)
  return older.map((name): Path => [name])
}

// ---- the older members

const COUNTS: Readonly<Record<LegacyOperator, (count: number) => boolean>> = {
  NULL: (count) => count === 0,
  NOT_NULL: (count) => count === 0,
  EQ: (count) => count === 1,
  NE: (count) => count === 1,
  LE: (count) => count === 1,
  LT: (count) => count === 1,
  GE: (count) => count === 1,
  GT: (count) => count === 1,
  CONTAINS: (count) => count === 1,
  NOT_CONTAINS: (count) => count === 1,
  BEGINS_WITH: (count) => count === 1,
  IN: (count) => count > 0,
  BETWEEN: (count) => count === 2,
}
const SCALARS = ['S', 'N', 'B']
const COMPARED: Partial<Record<LegacyOperator, readonly string[]>> = {
  LE: SCALARS,
  LT: SCALARS,
  GE: SCALARS,
  GT: SCALARS,
  CONTAINS: SCALARS,
  NOT_CONTAINS: SCALARS,
  BEGINS_WITH: ['S', 'B'],
  IN: SCALARS,
  BETWEEN: SCALARS,
}

/** One test of KeyConditions, QueryFilter or ScanFilter, checked. */
export interface LegacyTest {
  readonly name: string
  readonly operator: LegacyOperator
  readonly values: readonly AttributeValue[]
}

export const readTests = (given: Legacy): readonly LegacyTest[] =>
  Object.entries(given ?? {}).map(([name, test]) =>
    checkTest({
      name,
      operator: test.ComparisonOperator as LegacyOperator,
      values: (test.AttributeValueList ?? []).map((one) => checkValue(one)),
    }),
  )

export function checkTest(test: LegacyTest): LegacyTest {
  const { operator, values: compared } = test
  if (!COUNTS[operator](compared.length))
    throw invalidValues(`Invalid number of argument(s) for the ${operator} ComparisonOperator`)
  const types = compared.map(typeOf)
  if (types.some((type) => type !== types[0]))
    throw invalidValues('AttributeValues inside AttributeValueList must be of same type')
  const strange = types.find((type) => COMPARED[operator]?.includes(type) === false)
  if (strange !== undefined) throw invalidValues(`ComparisonOperator ${operator} is not valid for ${strange} AttributeValue type`)
  const [low, high] = compared
  if (operator === 'BETWEEN' && low && high && (compareValues(low, high) ?? 0) > 0)
    throw validationError('The BETWEEN condition was provided a range where the lower bound is greater than the upper bound')
  return test
}

const SIGNS = { EQ: '=', NE: '<>', LE: '<=', LT: '<', GE: '>=', GT: '>' } as const

function conditionOf({ name, operator, values: compared }: LegacyTest): Condition {
  const path: Operand = { kind: 'path', path: [name] }
  const operands = compared.map((one): Operand => ({ kind: 'value', value: one }))
  const [first = path, second = path] = operands
  const call = (called: string): Condition => ({ kind: 'function', name: called, args: [path, ...operands] })
  switch (operator) {
    case 'NULL':
      return call('attribute_not_exists')
    case 'NOT_NULL':
      return call('attribute_exists')
    case 'CONTAINS':
      return call('contains')
    case 'NOT_CONTAINS':
      return { kind: 'not', of: call('contains') }
    case 'BEGINS_WITH':
      return call('begins_with')
    case 'IN':
      return { kind: 'in', operand: path, list: operands }
    case 'BETWEEN':
      return { kind: 'between', operand: path, low: first, high: second }
    default:
      return { kind: 'compare', comparator: SIGNS[operator], left: path, right: first }
  }
}

/** Undefined where there is no test. */
export function joined(tests: readonly LegacyTest[], operator: string | undefined): Condition | undefined {
  const [first, ...rest] = tests.map(conditionOf)
  const kind = operator === 'OR' ? 'or' : 'and'
  return first && rest.reduce((left, right): Condition => ({ kind, left, right }), first)
}

/** The condition that `Expected` says. Throws ValidationException. */
export const readExpected = (given: Expected, operator: string | undefined): Condition | undefined =>
  joined(
    Object.entries(given ?? {}).map(([name, test]) => expectedTest(name, test)),
    operator,
  )

function expectedTest(name: string, test: NonNullable<Expected>[string]): LegacyTest {
  const { AttributeValueList: several, ComparisonOperator: operator, Exists: exists, Value: one } = test
  const about = `for Attribute: ${name}`
  if (several && one) throw invalidValues(`Value and AttributeValueList cannot be used together ${about}`)
  if (operator !== undefined) {
    if (exists !== undefined) throw invalidValues(`Exists and ComparisonOperator cannot be used together ${about}`)
    if (operator !== 'NULL' && operator !== 'NOT_NULL' && !several && !one)
      throw invalidValues(`Value or AttributeValueList must be used with ComparisonOperator: ${operator} ${about}`)
    const compared = (several ?? (one ? [one] : [])).map((each) => checkValue(each))
    return checkTest({ name, operator: operator as LegacyOperator, values: compared })
  }
  if (several) throw invalidValues(`AttributeValueList can only be used with a ComparisonOperator ${about}`)
  if (exists === false) {
    if (one) throw invalidValues(`Value cannot be used when Exists is false ${about}`)
    return { name, operator: 'NULL', values: [] }
  }
  if (!one) throw invalidValues(`Value must be provided when Exists is ${exists ?? 'null'} ${about}`)
  return { name, operator: 'EQ', values: [checkValue(one)] }
}

/** What `AttributeUpdates` asks for. Throws ValidationException. */
export const readAttributeUpdates = (given: Inputs['UpdateItem']['AttributeUpdates']): readonly UpdateAction[] =>
  Object.entries(given ?? {}).map(([name, update]) => attributeUpdate(name, update.Action ?? 'PUT', update.Value))

function attributeUpdate(name: string, action: string, given: AttributeValue | undefined): UpdateAction {
  const path: Path = [name]
  if (!given) {
    if (action === 'DELETE') return { kind: 'remove', path }
    throw invalidValues('Only DELETE action is allowed when no attribute value is specified')
  }
  const wanted = checkValue(given)
  const type = typeOf(wanted)
  const isSet = type === 'SS' || type === 'NS' || type === 'BS'
  if (action === 'DELETE') {
    if (!isSet) throw invalidValues(`DELETE action with value is not supported for the type ${type}`)
    return { kind: 'delete', path, value: wanted }
  }
  const source: Source = { kind: 'value', value: wanted }
  if (action !== 'ADD') return { kind: 'set', path, source }
  if (!isSet && type !== 'N' && type !== 'L') throw invalidValues(`ADD action is not supported for the type ${type}`)
  if (type !== 'L') return { kind: 'add', path, value: wanted }
  const left: Source = { kind: 'if_not_exists', path, otherwise: { kind: 'value', value: { L: [] } } }
  return { kind: 'set', path, source: { kind: 'list_append', left, right: source } }
}

/** A key to begin behind, checked. */
export function readStartKey(given: Item | undefined): Item | undefined {
  return given && checkItem(given, 'The provided starting key is invalid: ')
}
