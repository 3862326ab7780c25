/** What a resource of a stack needs to know of the stack, besides what its template says of it. */
export interface StackTask {
  readonly stackId: string
  readonly stackName: string
  /** Another one each time that somebody asks for something: an operation that is taken up again keeps its own. */
  readonly operationId: string
  readonly logicalId: string
  readonly resourceType: string
}
