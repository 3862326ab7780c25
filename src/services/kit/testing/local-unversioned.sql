-- A local.sqlite from before schemas had versions: all its tables, and a little in each service.
CREATE TABLE log_groups (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, createdMs INTEGER NOT NULL, retentionDays INTEGER,
    class TEXT NOT NULL DEFAULT 'STANDARD', kmsKeyId TEXT, tags TEXT NOT NULL DEFAULT '{}', storedBytes INTEGER NOT NULL DEFAULT 0);
CREATE TABLE log_streams (
    id INTEGER PRIMARY KEY, groupId INTEGER NOT NULL, name TEXT NOT NULL, createdMs INTEGER NOT NULL,
    firstEventMs INTEGER, lastEventMs INTEGER, lastIngestionMs INTEGER, storedBytes INTEGER NOT NULL DEFAULT 0, UNIQUE (groupId, name));
CREATE TABLE log_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, groupId INTEGER NOT NULL, streamId INTEGER NOT NULL,
    timestamp INTEGER NOT NULL, ingestionMs INTEGER NOT NULL, message TEXT NOT NULL);
CREATE TABLE log_policies (name TEXT PRIMARY KEY, document TEXT NOT NULL, updatedMs INTEGER NOT NULL);
CREATE TABLE events_deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL, target TEXT NOT NULL, input TEXT NOT NULL, source TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, made_at INTEGER NOT NULL, due_at INTEGER NOT NULL);
CREATE TABLE events_buses (name TEXT PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE events_rules (bus TEXT, name TEXT, data TEXT NOT NULL, next_at INTEGER, PRIMARY KEY (bus, name));
CREATE TABLE events_targets (bus TEXT, rule TEXT, id TEXT, data TEXT NOT NULL, PRIMARY KEY (bus, rule, id));
CREATE TABLE events_tags (arn TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (arn, key));
CREATE TABLE events_connections (name TEXT PRIMARY KEY, data TEXT NOT NULL, secret TEXT NOT NULL);
CREATE TABLE scheduler_groups (name TEXT PRIMARY KEY, made_at INTEGER NOT NULL);
CREATE TABLE scheduler_schedules (grp TEXT, name TEXT, data TEXT NOT NULL, next_at INTEGER, PRIMARY KEY (grp, name));
CREATE TABLE sns_topics (arn TEXT PRIMARY KEY, attributes TEXT NOT NULL, tags TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE sns_subscriptions (arn TEXT PRIMARY KEY, topic_arn TEXT NOT NULL, protocol TEXT NOT NULL,
        endpoint TEXT NOT NULL, attributes TEXT NOT NULL, pending_token TEXT) WITHOUT ROWID;
CREATE TABLE sns_deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, subscription_arn TEXT NOT NULL, lane TEXT, payload TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL);
CREATE TABLE lambda_functions (
    name TEXT NOT NULL, version TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (name, version)) WITHOUT ROWID;
CREATE TABLE lambda_aliases (
    function TEXT NOT NULL, name TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (function, name)) WITHOUT ROWID;
CREATE TABLE lambda_events (
    id INTEGER PRIMARY KEY, requestId TEXT NOT NULL, functionName TEXT NOT NULL, qualifier TEXT NOT NULL,
    payload BLOB NOT NULL, clientContext TEXT, attempts INTEGER NOT NULL, acceptedMs INTEGER NOT NULL, dueMs INTEGER NOT NULL);
CREATE TABLE sqs_queues (
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, attributes TEXT NOT NULL, tags TEXT NOT NULL,
        created_at INTEGER NOT NULL, modified_at INTEGER NOT NULL);
CREATE TABLE sqs_messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, queue INTEGER NOT NULL, message_id TEXT NOT NULL, body TEXT NOT NULL,
    attributes TEXT NOT NULL, trace_header TEXT, group_id TEXT, deduplication_id TEXT, sent_at INTEGER NOT NULL,
    visible_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, receive_count INTEGER NOT NULL DEFAULT 0,
    first_received_at INTEGER, receipt TEXT, source_arn TEXT);
CREATE TABLE sqs_deduplication (
    queue INTEGER NOT NULL, scope TEXT NOT NULL, dedup TEXT NOT NULL, message_id TEXT NOT NULL, row INTEGER NOT NULL,
    until INTEGER NOT NULL, PRIMARY KEY (queue, scope, dedup)) WITHOUT ROWID;
CREATE TABLE s3_bucket (name text primary key, created_ms integer not null, tags text) without rowid;
CREATE TABLE s3_object (
    bucket text not null, key text not null, bytes integer not null, etag text not null, modified_ms integer not null,
    headers text not null, checksum text, tags text not null, segments text not null, part_bytes text not null,
    primary key (bucket, key)) without rowid;
CREATE TABLE s3_upload (
    id text primary key, bucket text not null, key text not null, initiated_ms integer not null,
    headers text not null, tags text not null, checksum text) without rowid;
CREATE TABLE s3_part (
    upload text not null, number integer not null, segments text not null, bytes integer not null, etag text not null,
    checksum text, modified_ms integer not null, primary key (upload, number)) without rowid;
CREATE TABLE s3_content (id text primary key, data blob not null) without rowid;
CREATE TABLE s3_garbage (id text primary key) without rowid;
CREATE TABLE sns_key (one INTEGER PRIMARY KEY CHECK (one = 1), pem TEXT NOT NULL);
CREATE TABLE sns_sequence (one INTEGER PRIMARY KEY CHECK (one = 1), value INTEGER NOT NULL);
CREATE TABLE sns_deduplication (topic_arn TEXT NOT NULL, scope TEXT NOT NULL, dedup TEXT NOT NULL,
        message_id TEXT NOT NULL, sequence TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (topic_arn, scope, dedup)) WITHOUT ROWID;
CREATE INDEX log_events_by_stream ON log_events (streamId, timestamp, id);
CREATE INDEX log_events_by_group ON log_events (groupId, timestamp, id);
CREATE INDEX events_deliveries_due ON events_deliveries (due_at, id);
CREATE INDEX events_deliveries_receiver ON events_deliveries (coalesce(target ->> 'Arn', ''), due_at, id);
CREATE INDEX scheduler_due ON scheduler_schedules (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX sns_deliveries_due ON sns_deliveries (due_at, id);
CREATE INDEX sns_deliveries_receiver ON sns_deliveries (coalesce(lane, subscription_arn), due_at, id);
CREATE INDEX sns_deliveries_order ON sns_deliveries (coalesce(lane, subscription_arn), id);
CREATE INDEX lambda_events_due ON lambda_events (dueMs);
CREATE INDEX lambda_events_receiver ON lambda_events (functionName, dueMs, id);
CREATE INDEX sqs_messages_visible ON sqs_messages (queue, visible_at, id);
CREATE INDEX sqs_messages_expiry ON sqs_messages (queue, expires_at);
CREATE INDEX sqs_messages_group ON sqs_messages (queue, group_id, visible_at) WHERE group_id IS NOT NULL;
CREATE INDEX sqs_messages_order ON sqs_messages (queue, id) WHERE group_id IS NOT NULL;
CREATE INDEX sqs_deduplication_until ON sqs_deduplication (until);
CREATE INDEX s3_upload_of_bucket on s3_upload (bucket, key, id);
CREATE INDEX sns_deliveries_lane ON sns_deliveries (lane, id) WHERE lane IS NOT NULL; -- of still older versions
INSERT INTO log_groups VALUES (1, 'group', 1795970493843, NULL, 'STANDARD', NULL, '{"team":"e"}', 32);
INSERT INTO log_streams VALUES (1, 1, 'stream', 1795970493870, 1795970493885, 1795970493885, 1795970493887, 32);
INSERT INTO log_events VALUES (1, 1, 1, 1795970493885, 1795970493887, 'a line');
INSERT INTO events_buses VALUES ('bus', '{"CreationTime":1795970493.653}');
INSERT INTO events_rules VALUES ('default', 'rule', '{"EventPattern":"{\"source\":[\"a\"]}","State":"ENABLED","Origin":1795970493658}', NULL);
INSERT INTO events_targets VALUES ('default', 'rule', '1', '{"Id":"1","Arn":"arn:aws:sqs:us-east-1:123456789012:nowhere"}');
INSERT INTO events_tags VALUES ('arn:aws:events:us-east-1:123456789012:event-bus/bus', 'team', 'c');
INSERT INTO events_tags VALUES ('arn:aws:events:us-east-1:123456789012:rule/rule', 'team', 'd');
INSERT INTO scheduler_groups VALUES ('group', 1795970493676);
INSERT INTO scheduler_schedules VALUES ('group', 'nightly', '{"State":"ENABLED","ScheduleExpressionTimezone":"UTC","ActionAfterCompletion":"NONE","FlexibleTimeWindow":{"Mode":"OFF"},"ScheduleExpression":"cron(0 3 * * ? *)","Target":{"Arn":"arn:aws:sqs:us-east-1:123456789012:orders","RoleArn":"r"},"CreationDate":1795970493.7,"LastModificationDate":1795970493.808,"Origin":1795970493808}', 1796007600000);
INSERT INTO sns_topics VALUES ('arn:aws:sns:us-east-1:123456789012:news', '[]', '[["team","b"]]');
INSERT INTO sns_subscriptions VALUES ('arn:aws:sns:us-east-1:123456789012:news:0844a66b-5ed8-4bb0-959e-1cc42f08da82', 'arn:aws:sns:us-east-1:123456789012:news', 'http', 'http://127.0.0.1:1/', '[]', '2d2164a2ad272ba37323596ad5a9a514a60146e050426c301e4332a9b781cf3924179c949f569e8bac4efe43fed210df6bc2199ec46bde96725d9e800bc3d3b5');
INSERT INTO lambda_functions VALUES ('f', '$LATEST', '{"name":"f","version":"$LATEST","runtime":"nodejs24.x","handler":"i.h","role":"arn:aws:iam::123456789012:role/r","description":"","timeoutSeconds":3,"memoryMb":128,"variables":{},"architectures":["x86_64"],"ephemeralMb":512,"layers":[],"tracingMode":"PassThrough","codeSha256":"x","codeSize":1,"codeDirectory":"/nowhere","isLive":true,"lastModifiedMs":1764400000000,"revisionId":"r","tags":{"team":"g"},"policy":[]}');
INSERT INTO sqs_queues VALUES (1, 'orders', '[["DelaySeconds","0"],["MaximumMessageSize","1048576"],["MessageRetentionPeriod","345600"],["ReceiveMessageWaitTimeSeconds","0"],["VisibilityTimeout","30"],["SqsManagedSseEnabled","true"]]', '[["team","a"]]', 1795970493271, 1795970493271);
INSERT INTO sqs_queues VALUES (2, 'orders.fifo', '[["DelaySeconds","0"],["MaximumMessageSize","1048576"],["MessageRetentionPeriod","345600"],["ReceiveMessageWaitTimeSeconds","0"],["VisibilityTimeout","30"],["SqsManagedSseEnabled","true"],["FifoQueue","true"],["ContentBasedDeduplication","false"],["DeduplicationScope","queue"],["FifoThroughputLimit","perQueue"]]', '[]', 1795970493287, 1795970493287);
INSERT INTO sqs_messages VALUES (1, 1, '7a106bd3-ced8-4bd0-abf7-c9a504385cb8', 'an order', '[]', NULL, NULL, NULL, 1795970493300, 1795970493300, 1796316093300, 0, NULL, NULL, NULL);
INSERT INTO sqs_messages VALUES (2, 2, 'e456a032-d415-49ac-9583-a7f353b8336b', 'in order', '[]', NULL, 'g', 'd', 1795970493342, 1795970493342, 1796316093342, 0, NULL, NULL, NULL);
INSERT INTO sqs_deduplication VALUES (2, '', 'd', 'e456a032-d415-49ac-9583-a7f353b8336b', 2, 1795970793342);
INSERT INTO s3_bucket VALUES ('bucket', 1795970493000, NULL);
INSERT INTO s3_object VALUES ('bucket', 'key', 7, '9a0364b9e99bb480dd25e1f0284c8555', 1795970493000, '[["content-type","binary/octet-stream"]]', NULL, '[["team","f"]]', '[{"id":"r449e467eace3cb9ae5c956e8aa50d70f","bytes":7}]', '[]');
INSERT INTO s3_content VALUES ('r449e467eace3cb9ae5c956e8aa50d70f', X'636F6E74656E74');
INSERT INTO sns_sequence VALUES (1, 0);
UPDATE sqlite_sequence SET seq = 2 WHERE name = 'sqs_queues';
UPDATE sqlite_sequence SET seq = 2 WHERE name = 'sqs_messages';
UPDATE sqlite_sequence SET seq = 1 WHERE name = 'sns_deliveries';
UPDATE sqlite_sequence SET seq = 1 WHERE name = 'log_events';
