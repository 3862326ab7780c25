/**
 * ECR's errors, in the words of the service. Source: Amazon ECR API reference, errors of each action; AWS's answers as SDK users
 * report them.
 */
import { WireError } from '../../wire/errors.ts'

import type { TagErrors } from '../kit/tags.ts'

const refusal = (code: string, message: string): WireError => new WireError(400, code, message)

/** Where a repository, or a policy of it, is looked for. */
export interface Place {
  readonly name: string
  readonly registryId: string
}

const repository = ({ name, registryId }: Place): string =>
  `the repository with name '${name}' in the registry with id '${registryId}'`

export const invalidParameter = (message: string): WireError => refusal('InvalidParameterException', message)
export const invalidMember = (member: string, constraint: string): WireError =>
  invalidParameter(`Invalid parameter at '${member}' failed to satisfy constraint: '${constraint}'`)
export const repositoryNotFound = ({ name, registryId }: Place): WireError =>
  refusal(
    'RepositoryNotFoundException',
    `The repository with name '${name}' does not exist in the registry with id '${registryId}'`,
  )
export const repositoryExists = ({ name, registryId }: Place): WireError =>
  refusal(
    'RepositoryAlreadyExistsException',
    `The repository with name '${name}' already exists in the registry with id '${registryId}'`,
  )
export const lifecyclePolicyNotFound = (place: Place): WireError =>
  refusal('LifecyclePolicyNotFoundException', `Lifecycle policy does not exist for ${repository(place)}`)
export const repositoryPolicyNotFound = (place: Place): WireError =>
  refusal('RepositoryPolicyNotFoundException', `Repository policy does not exist for ${repository(place)}`)
export const imageNotFound = (image: string, { name, registryId }: Place): WireError =>
  refusal(
    'ImageNotFoundException',
    `The image with imageId ${image} does not exist within the repository with name '${name}' in the registry with id '${registryId}'`,
  )
export const noImages = (): WireError => refusal('InvalidParameterException', NO_IMAGES)

export const NO_IMAGES =
  'Regente keeps no container images: nothing can be pushed to or pulled from its registry. Deploy functions as zip archives instead of images.'

export const TAG_ERRORS: TagErrors = {
  tooMany: () => refusal('TooManyTagsException', 'A repository can have no more than 50 tags.'),
  badKey: () => refusal('InvalidTagParameterException', 'Tag keys must be between 1 and 128 characters long.'),
  badValue: () => refusal('InvalidTagParameterException', 'Tag values must be at most 256 characters long.'),
  reserved: () => refusal('InvalidTagParameterException', 'aws: prefixed tag key names are not allowed for external use.'),
}
