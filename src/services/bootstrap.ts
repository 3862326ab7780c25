/**
 * What `cdk bootstrap` would make in an account, as far as the services here hold it: the version of the bootstrap and the
 * bucket for assets are there from the first start. `cdk bootstrap` may be run over them, or they may be removed.
 * Source: the bootstrap template of aws-cdk 2.1148 (`CdkBootstrapVersion`, `StagingBucket`).
 */
import { once } from './kit/once.ts'
import type { ServiceDeps } from './kit/service-deps.ts'

const QUALIFIER = 'hnb659fds'
export const BOOTSTRAP_PARAMETER = `/cdk-bootstrap/${QUALIFIER}/version`
const VERSION = '33'

export interface Bootstrapped {
  readonly s3: { hasBucket(name: string): boolean; createBucket(name: string): void }
  readonly ssm: { hasParameter(name: string): boolean; createText(name: string, value: string): void }
}

/** Once a data folder. What is there already stays as it is. */
export function bootstrap(
  { s3, ssm }: Bootstrapped,
  { database, account, region }: Pick<ServiceDeps, 'database' | 'account' | 'region'>,
) {
  once(database, 'cdk-bootstrap', () => {
    const bucket = `cdk-${QUALIFIER}-assets-${account}-${region}`
    if (!s3.hasBucket(bucket)) s3.createBucket(bucket)
    if (!ssm.hasParameter(BOOTSTRAP_PARAMETER)) ssm.createText(BOOTSTRAP_PARAMETER, VERSION)
  })
}
