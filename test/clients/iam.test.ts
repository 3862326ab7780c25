/** boto3, unmodified, calls every action of IAM, STS and the Tagging API that there is; and some of services that there are not. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'

import { VirtualClock } from '../../src/base/clock.ts'
import { iamOperations } from '../../src/services/iam/handler.ts'
import { openServicesDatabase } from '../../src/services/kit/database.ts'
import { openSeal } from '../../src/services/seal.ts'
import { stsOperations } from '../../src/services/sts/service.ts'
import { ACCOUNT } from '../e2e/server.ts'
import { python, testWithBoto3 } from '../e2e/tools.ts'
import { useServer } from '../e2e/use-server.ts'

const PROGRAM = join(import.meta.dirname, 'boto3/iam.py')
const TEAM = [{ Key: 'team', Value: 'a' }]
const server = useServer()

/** Names of the actions that the services have. */
function actionsOf(): readonly string[] {
  const [clock, database] = [new VirtualClock(), openServicesDatabase()]
  const iam = iamOperations({ database, account: ACCOUNT, clock, seal: openSeal(undefined) })
  const directory = { role: async () => undefined, userOfKey: async () => undefined }
  const sts = stsOperations({ account: ACCOUNT, clock, directory })
  database.close()
  return [...[...iam.keys()].map((name) => `iam.${name}`), ...[...sts.keys()].map((name) => `sts.${name}`)]
}

testWithBoto3('boto3 calls every action of IAM, STS and the Tagging API', async () => {
  const { stdout } = await promisify(execFile)(python, [PROGRAM, server.url], { timeout: 80_000 })
  const { seen, refused, called } = JSON.parse(stdout) as { seen: object; refused: object; called: string[] }
  expect(actionsOf().filter((name) => !called.includes(name))).toEqual([])
  expect(seen).toEqual({
    policy: 'v2',
    document: true,
    versions: ['v2'],
    local: ['p'],
    aws: true,
    policyTags: TEAM,
    entities: ['PolicyGroups', 'PolicyRoles', 'PolicyUsers'],
    role: ['d', 7200, true],
    lists: [1, 1, 1],
    group: ['u'],
    groups: ['g'],
    profileTags: TEAM,
    profile: 'r',
    profiles: [1, 1],
    keys: ['Inactive'],
    lastUsed: 'u',
    caller: `arn:aws:iam::${ACCOUNT}:user/u`,
    self: 'u',
    assumed: true,
    web: 'https://i.example',
    session: 20,
    federated: `${ACCOUNT}:guest`,
    info: ACCOUNT,
    login: true,
    empty: [[], [], [], [], []],
    credentials: [],
    oidcTags: TEAM,
    oidc: ['i.example', ['b'], ['1'.repeat(40)], 1],
    samlTags: TEAM,
    saml: [true, 1],
    task: 'SUCCEEDED',
    aliases: ['shop'],
    passwords: 12,
    summary: { Roles: 1, Users: 1, Groups: 1, Policies: 1 },
    tagged: [`arn:aws:iam::${ACCOUNT}:instance-profile/ip`, `arn:aws:iam::${ACCOUNT}:policy/p`],
    failed: {},
    tagKeys: ['stage', 'team'],
    tagValues: ['x'],
    left: [0, 0, 0, 0],
  })
  const absent = ['SimulatePrincipalPolicy', 'rds', 'ses', 'elasticache', 'autoscaling', 'ec2', 'route53', 'cloudfront']
  const json = ['ecs', 'athena', 'eks']
  expect(refused).toEqual({
    DeletePolicy: 'DeleteConflict',
    DeleteRole: 'DeleteConflict',
    DecodeAuthorizationMessage: 'InvalidAuthorizationMessageException',
    ...Object.fromEntries([...absent, ...json].map((name) => [name, 'NotImplemented'])),
  })
})
