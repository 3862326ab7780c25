/** The shop, and the door to it. What differs between two deployments of a test comes by context: `-c greeting=…`. */
const { App } = require('aws-cdk-lib')

const { Door } = require('./door.js')
const { Shop } = require('./shop.js')

const app = new App()
const setting = (name) => app.node.tryGetContext(name)
const shop = new Shop(app, 'Shop', { greeting: setting('greeting') ?? 'one', isBroken: setting('broken') === 'yes' })
new Door(app, 'Door', { shop })
