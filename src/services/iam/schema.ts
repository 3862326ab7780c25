/**
 * IAM's tables: entities (whatever has a name, a path and an ARN), the policies that they have, who is in what, and how users
 * sign in. Secret access keys are sealed.
 */
import type { ServiceSchema } from '../kit/database.ts'

export const IAM_SCHEMA: ServiceSchema = {
  service: 'iam',
  migrations: [
    `
    CREATE TABLE IF NOT EXISTS iam_entities (
      id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, name TEXT NOT NULL, folded TEXT NOT NULL, path TEXT NOT NULL,
      uniqueId TEXT NOT NULL, arn TEXT NOT NULL UNIQUE, createdMs INTEGER NOT NULL, updatedMs INTEGER NOT NULL,
      tags TEXT NOT NULL, description TEXT, document TEXT, boundary TEXT, details TEXT NOT NULL, UNIQUE (kind, folded));
    CREATE INDEX IF NOT EXISTS iam_entities_by_boundary ON iam_entities (boundary) WHERE boundary IS NOT NULL;
    CREATE TABLE IF NOT EXISTS iam_policy_versions (
      policy INTEGER NOT NULL, number INTEGER NOT NULL, document TEXT NOT NULL, createdMs INTEGER NOT NULL,
      PRIMARY KEY (policy, number)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS iam_inline_policies (
      entity INTEGER NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (entity, name)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS iam_attachments (
      entity INTEGER NOT NULL, policyArn TEXT NOT NULL, PRIMARY KEY (entity, policyArn)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS iam_attachments_by_policy ON iam_attachments (policyArn);
    CREATE TABLE IF NOT EXISTS iam_members (
      holder INTEGER NOT NULL, member INTEGER NOT NULL, PRIMARY KEY (holder, member)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS iam_members_by_member ON iam_members (member);
    CREATE TABLE IF NOT EXISTS iam_access_keys (
      accessKeyId TEXT PRIMARY KEY, user INTEGER NOT NULL, secret TEXT NOT NULL, isActive INTEGER NOT NULL,
      createdMs INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS iam_access_keys_by_user ON iam_access_keys (user);
    CREATE TABLE IF NOT EXISTS iam_login_profiles (
      user INTEGER PRIMARY KEY, mustReset INTEGER NOT NULL, createdMs INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS iam_settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    `,
  ],
}
