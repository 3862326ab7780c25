const { DynamoDBClient, PutItemCommand } = require('@aws-sdk/client-dynamodb')

const client = new DynamoDBClient({})

exports.handler = async ({ Records }) => {
  for (const { body } of Records) {
    const { id, price } = JSON.parse(body)
    const Item = { id: { S: `taken-${id}` }, total: { N: String(price.count * price.each) } }
    await client.send(new PutItemCommand({ TableName: process.env.TABLE, Item }))
  }
}
