/**
 * The keys that AWS's services use where a customer names none; KMS makes each when it is first needed.
 * Source: AWS KMS developer guide, "AWS managed keys"; their descriptions as accounts show them.
 */
const PREFIX = 'alias/aws/'

/** What each protects. */
const SUBJECTS: ReadonlyMap<string, string> = new Map([
  ['acm', 'ACM private keys'],
  ['backup', 'Backup data'],
  ['cloudtrail', 'CloudTrail logs'],
  ['codecommit', 'CodeCommit repositories'],
  ['dynamodb', 'DynamoDB data'],
  ['ebs', 'EBS volumes'],
  ['ecr', 'ECR images'],
  ['elasticfilesystem', 'EFS filesystems'],
  ['es', 'Elasticsearch data'],
  ['fsx', 'FSx resources'],
  ['glue', 'Glue data'],
  ['kinesis', 'Kinesis streams'],
  ['kinesisvideo', 'Kinesis Video Streams'],
  ['lambda', 'Lambda environment variables'],
  ['logs', 'log groups'],
  ['rds', 'RDS database volumes'],
  ['redshift', 'Redshift clusters'],
  ['s3', 'S3 objects'],
  ['secretsmanager', 'Secrets Manager data'],
  ['sns', 'SNS data'],
  ['sqs', 'SQS messages'],
  ['ssm', 'SSM parameters'],
  ['workspaces', 'WorkSpaces volumes'],
  ['xray', 'X-Ray data'],
])

export const isReserved = (alias: string): boolean => alias.startsWith(PREFIX)

/** The description of the key behind such an alias; undefined where no service has it. */
export function managedKeyDescription(alias: string): string | undefined {
  const subject = isReserved(alias) ? SUBJECTS.get(alias.slice(PREFIX.length)) : undefined
  return subject === undefined ? undefined : `Default key that protects my ${subject} when no other key is defined`
}
