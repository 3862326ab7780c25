/** An HTTP address that runs an Express machine, and a machine that takes the shop's own from the other stack's exports. */
const { CfnOutput, RemovalPolicy, Stack } = require('aws-cdk-lib')
const { StepFunctionsRestApi } = require('aws-cdk-lib/aws-apigateway')
const { DefinitionBody, Pass, Result, StateMachine, StateMachineType, TaskInput } = require('aws-cdk-lib/aws-stepfunctions')
const { StepFunctionsStartExecution } = require('aws-cdk-lib/aws-stepfunctions-tasks')

class Door extends Stack {
  constructor(scope, id, { shop, ...props }) {
    super(scope, id, props)
    const hello = new StateMachine(this, 'Hello', {
      stateMachineType: StateMachineType.EXPRESS,
      definitionBody: DefinitionBody.fromChainable(new Pass(this, 'Greet', { result: Result.fromObject({ greeting: 'hello' }) })),
    })
    const api = new StepFunctionsRestApi(this, 'Api', {
      stateMachine: hello,
      deploy: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.DESTROY,
    })
    const again = new StateMachine(this, 'Again', {
      definitionBody: DefinitionBody.fromChainable(
        new StepFunctionsStartExecution(this, 'Order once more', {
          stateMachine: shop.order,
          input: TaskInput.fromJsonPathAt('$'),
        }),
      ),
    })
    new CfnOutput(this, 'AgainArn', { value: again.stateMachineArn })
    new CfnOutput(this, 'ApiUrl', { value: api.url })
  }
}

module.exports = { Door }
