/** The tables of S3: buckets and their settings, objects, uploads and their parts, contents, and events that are to be told. */
import type { ServiceSchema } from '../kit/database.ts'

export const S3_SCHEMA: ServiceSchema = {
  service: 's3',
  migrations: [
    `
    create table if not exists s3_bucket (name text primary key, created_ms integer not null, tags text) without rowid;
    create table if not exists s3_object (
      bucket text not null, key text not null, bytes integer not null, etag text not null, modified_ms integer not null,
      headers text not null, checksum text, tags text not null, segments text not null, part_bytes text not null,
      primary key (bucket, key)) without rowid;
    create table if not exists s3_upload (
      id text primary key, bucket text not null, key text not null, initiated_ms integer not null,
      headers text not null, tags text not null, checksum text) without rowid;
    create index if not exists s3_upload_of_bucket on s3_upload (bucket, key, id);
    create table if not exists s3_part (
      upload text not null, number integer not null, segments text not null, bytes integer not null, etag text not null,
      checksum text, modified_ms integer not null, primary key (upload, number)) without rowid;
    create table if not exists s3_content (id text primary key, data blob not null) without rowid;
    create table if not exists s3_garbage (id text primary key) without rowid;
    `,
    'alter table s3_upload add column replaces text;',
    // What is current stays in `s3_object`; all other versions, and every delete marker, are in `s3_version`, newest first.
    `
    alter table s3_object add column version text not null default 'null';
    alter table s3_object add column number integer not null default 0;
    alter table s3_object add column acl text;
    alter table s3_upload add column acl text;
    alter table s3_bucket add column versioning text;
    create table s3_version (
      bucket text not null, key text not null, number integer not null, version text not null, is_marker integer not null,
      bytes integer not null, etag text not null, modified_ms integer not null, headers text not null, checksum text,
      tags text not null, segments text not null, part_bytes text not null, acl text,
      primary key (bucket, key, number desc)) without rowid;
    create index s3_version_by_id on s3_version (bucket, key, version);
    create table s3_setting (
      bucket text not null, name text not null, id text not null, document text not null,
      primary key (bucket, name, id)) without rowid;
    create index s3_setting_by_name on s3_setting (name, bucket);
    create table s3_delivery (
      id integer primary key autoincrement, target text not null, event text not null, due_at integer not null,
      attempts integer not null default 0);
    create index s3_delivery_due on s3_delivery (due_at, id);
    create index s3_delivery_receiver on s3_delivery (target, due_at, id);
    `,
  ],
}
