/**
 * Parameters that AWS keeps for everybody, `/aws/service/…`. Those of machine images have an id made of their name, always the
 * same: templates that look one up deploy, and nothing here starts a machine. All others are not here: layers and the like would
 * be asked for next, and are not there.
 * Source: Systems Manager user guide, "Discovering public parameters".
 */
import { createHash } from 'node:crypto'

const PREFIX = '/aws/service/'
/** Amazon Linux, Windows, ECS's, EKS's and Canonical's. */
const IMAGES =
  /^\/aws\/service\/(?:ami-amazon-linux-latest\/[\w.-]+|ami-windows-latest\/[\w.-]+|ecs\/optimized-ami\/.+\/image_id|eks\/optimized-ami\/.+\/image_id|bottlerocket\/.+\/image_id|(?:canonical|debian)\/.+\/ami-id)$/

export const isPublic = (name: string): boolean => name.startsWith(PREFIX)

/** Undefined where it is none of an image. */
export function imageOf(name: string): string | undefined {
  if (!IMAGES.test(name)) return undefined
  return `ami-0${createHash('sha256').update(name).digest('hex').slice(0, 16)}`
}
