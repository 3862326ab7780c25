/** An order is priced, totalled, kept, told and queued; a function takes it from the queue. */
const { CfnOutput, CfnParameter, Duration, RemovalPolicy, Stack } = require('aws-cdk-lib')
const { AttributeType, Table } = require('aws-cdk-lib/aws-dynamodb')
const { Code, Function: LambdaFunction, Runtime } = require('aws-cdk-lib/aws-lambda')
const { SqsEventSource } = require('aws-cdk-lib/aws-lambda-event-sources')
const { NodejsFunction } = require('aws-cdk-lib/aws-lambda-nodejs')
const { Bucket } = require('aws-cdk-lib/aws-s3')
const { BucketDeployment, Source } = require('aws-cdk-lib/aws-s3-deployment')
const { Topic } = require('aws-cdk-lib/aws-sns')
const { SqsSubscription } = require('aws-cdk-lib/aws-sns-subscriptions')
const { CfnQueue, Queue } = require('aws-cdk-lib/aws-sqs')
const { DefinitionBody, JsonPath, StateMachine, TaskInput } = require('aws-cdk-lib/aws-stepfunctions')
const {
  DynamoAttributeValue,
  DynamoPutItem,
  LambdaInvoke,
  SnsPublish,
  SqsSendMessage,
} = require('aws-cdk-lib/aws-stepfunctions-tasks')
const { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } = require('aws-cdk-lib/custom-resources')
const { join } = require('node:path')

const here = (...path) => join(__dirname, ...path)

class Shop extends Stack {
  constructor(scope, id, { greeting, isBroken, ...props }) {
    super(scope, id, props)
    const currency = new CfnParameter(this, 'Currency', { default: 'EUR', allowedPattern: '[A-Z]{3}' })
    const store = this.makeStore()
    const functions = this.makeFunctions(store, { greeting, currency: currency.valueAsString })
    const machines = this.makeMachines(store, functions)
    this.order = machines.order
    // Shorter than a queue may keep a message.
    if (isBroken) new CfnQueue(this, 'Broken', { messageRetentionPeriod: 1 })

    const outputs = {
      OrderArn: machines.order.stateMachineArn,
      PayArn: machines.pay.stateMachineArn,
      TableName: store.table.tableName,
      BucketName: store.bucket.bucketName,
      ToldUrl: store.told.queueUrl,
      PriceName: functions.price.functionName,
      PaidIn: currency.valueAsString,
    }
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value })
  }

  makeStore() {
    const table = new Table(this, 'Orders', {
      partitionKey: { name: 'id', type: AttributeType.STRING },
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const bucket = new Bucket(this, 'Site', { autoDeleteObjects: true, removalPolicy: RemovalPolicy.DESTROY })
    new BucketDeployment(this, 'Pages', { sources: [Source.asset(here('site'))], destinationBucket: bucket })
    const topic = new Topic(this, 'Sold')
    const told = new Queue(this, 'Told')
    topic.addSubscription(new SqsSubscription(told))
    const work = new Queue(this, 'Work', { visibilityTimeout: Duration.seconds(60) })
    this.seed(table)
    return { table, bucket, topic, told, work }
  }

  /** An item that is there as soon as the stack is, and gone with it. */
  seed(table) {
    const call = (action, parameters) => ({
      service: 'DynamoDB',
      action,
      parameters: { TableName: table.tableName, ...parameters },
      physicalResourceId: PhysicalResourceId.of('seed'),
    })
    new AwsCustomResource(this, 'Seed', {
      onCreate: call('putItem', { Item: { id: { S: 'seed' }, note: { S: 'from the stack' } } }),
      onDelete: call('deleteItem', { Key: { id: { S: 'seed' } } }),
      policy: AwsCustomResourcePolicy.fromSdkCalls({ resources: [table.tableArn] }),
    })
  }

  makeFunctions({ table, work }, environment) {
    const runtime = Runtime.NODEJS_22_X
    const price = new LambdaFunction(this, 'Price', {
      runtime,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = async ({ count }) => ({ count, each: 7, currency: process.env.CURRENCY })'),
      environment: { CURRENCY: environment.currency },
    })
    const total = new NodejsFunction(this, 'Total', {
      runtime,
      entry: here('functions/total/index.js'),
      depsLockFilePath: here('package-lock.json'),
      environment: { GREETING: environment.greeting },
    })
    const take = new LambdaFunction(this, 'Take', {
      runtime,
      handler: 'index.handler',
      code: Code.fromAsset(here('functions/take')),
      environment: { TABLE: table.tableName },
    })
    table.grantWriteData(take)
    take.addEventSource(new SqsEventSource(work, { batchSize: 1 }))
    return { price, total, take }
  }

  makeMachines({ table, topic, work }, { price, total }) {
    const pay = new StateMachine(this, 'Pay', {
      definitionBody: DefinitionBody.fromFile(here('pay.asl.json')),
      definitionSubstitutions: { TotalArn: total.functionArn },
    })
    total.grantInvoke(pay)
    const chain = new LambdaInvoke(this, 'Ask the price', {
      lambdaFunction: price,
      payloadResponseOnly: true,
      resultPath: '$.price',
    })
      .next(
        new DynamoPutItem(this, 'Keep', {
          table,
          item: {
            id: DynamoAttributeValue.fromString(JsonPath.stringAt('$.id')),
            state: DynamoAttributeValue.fromString('priced'),
          },
          resultPath: JsonPath.DISCARD,
        }),
      )
      .next(new SnsPublish(this, 'Tell', { topic, message: TaskInput.fromJsonPathAt('$.id'), resultPath: JsonPath.DISCARD }))
      .next(
        new SqsSendMessage(this, 'Queue', {
          queue: work,
          messageBody: TaskInput.fromJsonPathAt('$'),
          resultPath: JsonPath.DISCARD,
        }),
      )
    const order = new StateMachine(this, 'Order', { definitionBody: DefinitionBody.fromChainable(chain) })
    return { pay, order }
  }
}

module.exports = { Shop }
